"""Whose address counts, by what the site says about its proxies."""

import pytest

from cms import create_app
from cms.api.address import client_address
from cms.config import Config

pytestmark = pytest.mark.threat("A13")

PEER, CLIENT, OTHER = "198.51.100.1", "203.0.113.9", "192.0.2.66"
NETWORKS = "198.51.100.0/24, 10.0.0.0/8, fd00::/8"

# Trusted proxies, the peer, `X-Forwarded-For` (None: not sent), the address that counts.
CASES = [
    ("", PEER, None, PEER),
    ("", PEER, CLIENT, PEER),
    ("0", PEER, CLIENT, PEER),
    ("1", PEER, None, PEER),
    ("1", PEER, CLIENT, CLIENT),
    ("1", PEER, f"{OTHER}, {CLIENT}", CLIENT),
    ("1", PEER, f"{OTHER},{CLIENT}", CLIENT),
    ("2", PEER, f"{OTHER}, {CLIENT}, 10.0.0.1", CLIENT),
    ("2", PEER, CLIENT, PEER),
    ("1", PEER, "garbage", PEER),
    ("1", PEER, "", PEER),
    ("1", PEER, f"{CLIENT},", PEER),
    ("1", PEER, f"{CLIENT}, 1.2.3.4.5", PEER),
    ("1", PEER, "0x7f.1", PEER),
    ("1", PEER, "2001:DB8::1", "2001:db8::1"),
    ("1", PEER, f"::ffff:{CLIENT}", CLIENT),
    ("1", "", CLIENT, CLIENT),
    ("1", PEER, f"{OTHER}, {CLIENT}:4711", CLIENT),
    ("1", PEER, "[2001:db8::1]:4711", "2001:db8::1"),
    ("1", PEER, "[2001:db8::1]", "2001:db8::1"),
    ("1", PEER, f"{CLIENT}:", PEER),
    (NETWORKS, PEER, None, PEER),
    (NETWORKS, PEER, CLIENT, CLIENT),
    (NETWORKS, PEER, f"{OTHER}, {CLIENT}, 10.0.0.1, 10.0.0.2", CLIENT),
    (NETWORKS, "fd00::1", CLIENT, CLIENT),
    (NETWORKS, f"::ffff:{PEER}", CLIENT, CLIENT),
    (NETWORKS, OTHER, CLIENT, OTHER),
    (NETWORKS, PEER, f"{CLIENT}, garbage, 10.0.0.1", PEER),
    (NETWORKS, PEER, "10.0.0.7, 10.0.0.1", "10.0.0.7"),
    (NETWORKS, "", CLIENT, ""),
]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return create_app(Config(data_dir=tmp_path_factory.mktemp("data"), secret="x"))


@pytest.mark.parametrize(("trusted", "peer", "forwarded", "expected"), CASES)
def test_only_named_proxies_are_believed(
    site, monkeypatch, tmp_path, trusted, peer, forwarded, expected
):
    told = Config(data_dir=tmp_path, secret="x", trusted_proxies=trusted)
    monkeypatch.setitem(site.config, "CMS", told)
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    with site.test_request_context(headers=headers, environ_base={"REMOTE_ADDR": peer}):
        assert client_address() == expected


def test_a_doubled_header_is_one_list(tmp_path):
    app = create_app(Config(data_dir=tmp_path, secret="x", trusted_proxies="1"))
    headers = [("X-Forwarded-For", OTHER), ("X-Forwarded-For", CLIENT)]

    with app.test_request_context(headers=headers, environ_base={"REMOTE_ADDR": PEER}):
        assert client_address() == CLIENT


def test_proxies_may_say_it_under_a_name_that_has_no_twin(tmp_path):
    config = Config(
        data_dir=tmp_path, secret="x", trusted_proxies="1", proxy_header="Readeraddress"
    )
    headers = {"X-Forwarded-For": OTHER, "Readeraddress": CLIENT}

    with create_app(config).test_request_context(headers=headers):
        assert client_address() == CLIENT
