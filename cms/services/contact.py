"""What a stranger says of themselves, made safe to keep and to show. Pure: text in, text out."""

import re
from ipaddress import IPv6Address, ip_address, ip_network
from urllib.parse import quote, urlsplit

from cms.services import emails

# They turn text around, or make two names look alike that are not, or are blank and no space.
UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
NOT_IN_NAMES = re.compile(f"{UNSEEN.pattern}|[<>]")
# What a URL may hold unquoted. Quotes, brackets and spaces would end an attribute of HTML.
PLAIN_IN_URL = "%/:?#[]@!$&()*+,;=~-._"
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
LONGEST_AGENT = 300


def clean_name(text: str) -> str:
    """A name on one line, without markup and what nobody sees. Raises ValueError for none."""
    name = " ".join(NOT_IN_NAMES.sub("", text).split())
    if not name:
        raise ValueError("Write a name.")
    return name


def clean_words(text: str) -> str:
    """A comment without the space around it. Raises ValueError where there is nothing to see."""
    if is_blank(text):
        raise ValueError("Write something.")
    return text.strip()


def is_blank(text: str) -> bool:
    """Whether nobody would see anything of this text."""
    return not UNSEEN.sub("", text).strip()


def clean_email(text: str) -> str:
    """An address in its one spelling. Raises ValueError."""
    try:
        return emails.spelled(text)
    except ValueError:
        raise ValueError("This is not an email address.") from None


def clean_url(text: str) -> str:
    """An http or https address that can stand in an attribute. Raises ValueError."""
    try:
        parts = urlsplit(text.strip())
        host = _host(parts.hostname or "")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        raise ValueError("This is not a web address.") from None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or not HOST.fullmatch(host):
        raise ValueError("Write a web address like https://example.org.")
    rest = parts._replace(scheme="", netloc="").geturl()
    return f"{parts.scheme}://{host}{port}{quote(rest, safe=PLAIN_IN_URL)}"


def _host(name: str) -> str:
    # As browsers resolve it: a look-alike letter shows as what it is.
    return f"[{IPv6Address(name)}]" if ":" in name else name.encode("idna").decode().lower()


def network_of(address: str | None) -> str | None:
    """The network that an address is in: /24 or /48. The address itself is never kept."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return None
    found = getattr(found, "ipv4_mapped", None) or found
    return str(ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def clean_agent(text: str | None) -> str | None:
    """What a browser calls itself, cut, without control characters."""
    return "".join(letter for letter in text or "" if letter.isprintable())[:LONGEST_AGENT] or None
