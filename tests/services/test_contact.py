"""What a stranger says of themselves, before it is kept."""

import pytest

from cms.services import contact

MISLEADING = ["javascript:alert(1)", "data:text/html,x", "//example.org", "https://", "example.org"]
MISLEADING += [
    "https://bank.example@evil.example",
    "http://a..b",
    "https://x:99999",
    "https://[::1",
]
MISLEADING += ["https://x.org\\@evil.example", "ftp://example.org", "https://a b.example"]


@pytest.mark.threat("C2")
@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("no address", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_cut_to_its_network(address, network):
    assert contact.network_of(address) == network


@pytest.mark.threat("B10")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Ann\t O'Neil ", "Ann O'Neil"),
        ("\u202eevil\u202c Ann\u200b", "evil Ann"),
        ("A\u2066n\u2069\ufeffn", "Ann"),
        ("<b>Ann</b>", "bAnn/b"),
        ("Åsa Öberg 李", "Åsa Öberg 李"),
    ],
)
def test_a_name_keeps_what_people_see(given, kept):
    assert contact.clean_name(given) == kept


@pytest.mark.threat("B10")
@pytest.mark.parametrize("unseen", "\u2800\ufff0\ufff8\U0001bca0\U0001bca3\U0001d173\U0001d17a")
def test_what_nobody_sees_is_no_part_of_a_name_and_no_comment(unseen):
    assert contact.clean_name(f"A{unseen}nn") == "Ann"
    assert contact.is_blank(f" {unseen}\n")


@pytest.mark.threat("B1")
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("HTTPS://Example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/\"onload='x'<b>", "https://example.org/%22onload=%27x%27%3Cb%3E"),
        ("https://пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
        ("http://[2001:db8::1]:80/x?y=%20#z", "http://[2001:db8::1]:80/x?y=%20#z"),
    ],
)
def test_a_url_can_stand_in_an_attribute(given, kept):
    assert contact.clean_url(given) == kept


@pytest.mark.threat("B1")
@pytest.mark.parametrize("url", MISLEADING)
def test_a_url_that_misleads_is_refused(url):
    with pytest.raises(ValueError, match="web address"):
        contact.clean_url(url)


def test_a_user_agent_is_cut_and_printable():
    assert contact.clean_agent("a\x00b\n" + "c" * 999) == "ab" + "c" * 298
    assert contact.clean_agent("") is None
