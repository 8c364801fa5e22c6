"""What the tests of clients share: servers that can prove who they are."""

import pytest

from tests.certificates import Certificates


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def trusted(certificates, monkeypatch):
    """The machine takes the authority for a good one."""
    monkeypatch.setenv("SSL_CERT_FILE", certificates.authority)
