"""Where a request comes from, believing only the proxies that the site has named."""

import re
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from flask import current_app, request

from cms.config import Config

Address = IPv4Address | IPv6Address
WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|([0-9.]+):\d+")


def client_address() -> str:
    """The client's address; its peer's, where what proxies say can not be believed."""
    return address_of(request.environ, current_app.config["CMS"])


def address_of(environ: Mapping[str, Any], config: Config) -> str:
    """The same, of a request that Flask has not seen yet."""
    peer = environ.get("REMOTE_ADDR") or ""
    # Proxies append on the right; whatever a client made up is on the left.
    said = environ.get(_key(config.proxy_header), "")
    hops = [hop.strip() for hop in said.split(",")]
    found = _forwarded(config, peer, hops)
    return peer if found is None else str(found)


@cache
def _key(header: str) -> str:
    """Where WSGI has a header, which is where it has the same name with `_` for each `-`."""
    return f"HTTP_{header.upper().replace('-', '_')}"


def _forwarded(config: Config, peer: str, hops: list[str]) -> Address | None:
    if config.proxy_count:
        enough = len(hops) >= config.proxy_count
        return _parsed(hops[-config.proxy_count]) if enough else None
    if config.proxy_networks and _is_proxy(config, _parsed(peer)):
        return _nearest_stranger(config, hops)
    return None


def _nearest_stranger(config: Config, hops: list[str]) -> Address | None:
    for hop in reversed(hops):
        address = _parsed(hop)
        if address is None or not _is_proxy(config, address):
            return address
    # All are ours: the request began inside.
    return _parsed(hops[0])


def _is_proxy(config: Config, address: Address | None) -> bool:
    return address is not None and any(address in network for network in config.proxy_networks)


def _parsed(text: str) -> Address | None:
    """Some proxies add the port: `192.0.2.1:4711`, `[2001:db8::1]:4711`."""
    with_port = WITH_PORT.fullmatch(text)
    try:
        address = ip_address(with_port[1] or with_port[2] if with_port else text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
