"""B15: a name that changes between answers leads nowhere but to the address that was checked.

A real DNS server answers the machine's own resolver, in a network namespace that has nothing else.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.thorough, pytest.mark.threat("B15")]

REFUSED = "The address {} is not on the open net, nor in a network that CMS_OUTBOUND_ALLOW names."


@pytest.fixture(scope="module")
def found(tmp_path_factory, repository):
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("This machine has no `unshare` or no `ip`: it makes no network of its own.")
    apart = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net", "--mount"]
    if subprocess.run([*apart, "true"], capture_output=True).returncode:
        pytest.skip("This machine lets nobody make network namespaces.")
    command = [
        *apart,
        sys.executable,
        "-m",
        "tests.threats.rebinding",
        tmp_path_factory.mktemp("x"),
    ]
    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_a_name_that_is_public_is_called(found):
    assert found["calls"]["steady"] == ["200"] * 6


def test_a_name_that_turns_to_ourselves_is_refused_from_then_on(found):
    assert found["calls"]["rebinding"] == ["200"] + [REFUSED.format("127.0.0.1")] * 5


def test_a_name_that_goes_to_and_fro_is_called_where_it_was_checked(found):
    assert found["calls"]["flapping"] == ["200", REFUSED.format("127.0.0.1")] * 3


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("mixed", "127.0.0.1"),
        ("mixed-otherwise", "127.0.0.1"),
        ("mixed-families", "::1"),
        ("mapped", "127.0.0.1"),
        ("metadata", "169.254.169.254"),
        ("private", "10.0.0.1"),
        ("nowhere", "0.0.0.0"),  # noqa: S104
        ("alias", "10.0.0.1"),
        ("alias-of-localhost", "127.0.0.1"),
    ],
)
def test_a_name_with_one_bad_address_is_never_called(found, name, address):
    assert set(found["calls"][name]) == {REFUSED.format(address)}


def test_a_name_without_an_address_is_a_failure(found):
    assert set(found["calls"]["missing"]) == {"The name missing.example.org can not be looked up."}


def test_what_was_good_when_it_was_saved_is_looked_at_again(found):
    assert found["saved and called"] == ["taken", REFUSED.format("127.0.0.1")]
    # Once for each: what was checked is what is called.
    assert found["look-ups"] == 2


def test_nothing_of_ourselves_was_ever_reached(found):
    assert (found["bad"], found["good"]) == (0, 10)
