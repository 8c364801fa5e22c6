"""Which addresses and places on the net the site may call: none that lead to its own network."""

import re
import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from cms.config import Config

# Where an IPv6 address carries an IPv4 one, or nobody is: `is_global` takes some of them for the
# open net.
REFUSED = [
    ip_network(one)
    for one in (
        "::/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "100.64.0.0/10",
        "198.18.0.0/15",
        "240.0.0.0/4",
    )
]
DEFAULT_PORTS = {"http": 80, "https": 443}
# A name before the host, be it empty.
NAMED = re.compile(r"[^:/?#]*://[^/?#]*@")
NAME = re.compile(r"[a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?")
# What resolvers take for an IPv4 address in some spelling: `127.1`, `0x7f.1`, `2130706433`.
ENDS_IN_A_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)")
VISIBLE = re.compile(r"[!-\[\]-~]+")
LONGEST_URL = 500
# How long a name may take to be looked up.
LOOKUP_SECONDS = 5


class Refused(Exception):
    """The site does not call this address; the message says why."""


class Unresolved(Exception):
    """The name has no address at the moment."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads, taken apart once: what is checked is what is called."""

    scheme: str
    host: str
    port: int
    path: str


def target(url: str) -> Target:
    """Raises Refused for whatever is not plainly a URL over HTTP."""
    if len(url) > LONGEST_URL or not VISIBLE.fullmatch(url):
        raise Refused("Write the address in ASCII, without spaces or backslashes.")
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise Refused("This is no address.") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Refused("The address must begin with http:// or https://.")
    if NAMED.match(url):
        raise Refused("The address must not hold a name or a password.")
    host = _host(parts.host or "")
    port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
    return Target(parts.scheme, host, port, parts.request_uri)


def addresses(place: Target, config: Config) -> list[str]:
    """The addresses behind a target, every one of them allowed.

    Looks a name up, which may take seconds. Raises Refused, Unresolved.
    """
    found = _resolved(place.host)
    for one in found:
        _check(one, place.port, config)
    return [str(one) for one in found]


def check(url: str, config: Config) -> None:
    """Raises Refused for an address that would not be called.

    A name that can not be looked up now is looked at when it is called.
    """
    place = target(url)
    try:
        addresses(place, config)
    except Unresolved:
        _check_port(place.port, config)


def _host(text: str) -> str:
    host = text.lower().rstrip(".")
    if host.startswith("["):
        return str(_parsed(host[1:-1]))
    if ENDS_IN_A_NUMBER.fullmatch(host):
        return str(_parsed(host))
    if not NAME.fullmatch(host):
        raise Refused("The address names no host.")
    return host


def _parsed(text: str) -> IPv4Address | IPv6Address:
    try:
        found = ip_address(text)
    except ValueError:
        raise Refused("Write an IP address in its usual form.") from None
    if getattr(found, "scope_id", None):
        raise Refused("The address must not name a zone.")
    return found


def _resolved(host: str) -> list[IPv4Address | IPv6Address]:
    try:
        return [ip_address(host)]
    except ValueError:
        return [ip_address(text.partition("%")[0]) for text in _looked_up(host)]


def _looked_up(host: str) -> list[str]:
    found: list[str] = []

    def look() -> None:
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(row[4][0]) for row in rows))

    # The system's resolver knows no deadline; whoever waits for it does.
    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(LOOKUP_SECONDS)
    if not found:
        raise Unresolved(f"The name {host} can not be looked up.")
    return list(found)


def _check(address: IPv4Address | IPv6Address, port: int, config: Config) -> None:
    plain = getattr(address, "ipv4_mapped", None) or address
    if any(plain in network for network in config.outbound_networks):
        return
    inside = any(plain in network for network in REFUSED)
    if inside or plain.is_multicast or not plain.is_global:
        raise Refused(
            f"The address {plain} is not on the open net,"
            " nor in a network that CMS_OUTBOUND_ALLOW names."
        )
    _check_port(port, config)


def _check_port(port: int, config: Config) -> None:
    if str(port) not in config.outbound_ports:
        ports = ", ".join(config.outbound_ports)
        raise Refused(f"The port {port} is none of those in CMS_OUTBOUND_PORTS: {ports}.")
