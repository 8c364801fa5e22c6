"""The rules that the checks go by, as data, and made ready to be asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

import orjson

from cms.services.checks.wording import Phrases

# What a site begins with. A rule that is off is null or empty.
SHIPPED: dict[str, Any] = {
    "closed": False,
    "close_after_days": None,
    "approve_known_writers": False,
    "blocked_words": [],
    "blocked_addresses": [],
    "blocked_networks": [],
    "most_links": 2,
    "hold_personal_data": True,
    "spam_hold_at": 0.9,
    "spam_mark_at": None,
    "learn_from": 20,
    # How many comments in a minute or an hour; null is no limit.
    "limits": {
        "address_minute": 10,
        "address_hour": 60,
        "network_minute": 60,
        "network_hour": 600,
        "post_minute": 120,
        "site_minute": 600,
    },
    "crisis_words": [
        "suicide",
        "suicidal",
        "kill myself",
        "end my life",
        "want to die",
        "self harm",
        "hurt myself",
        "overdose",
        "suizid",
        "selbstmord",
        "umbringen",
        "nicht mehr leben",
        "suicidio",
        "quiero morir",
        "matarme",
        "me suicider",
    ],
    "adverse_words": [
        "side effect",
        "side effects",
        "adverse reaction",
        "allergic reaction",
        "anaphylaxis",
        "hospitalised",
        "hospitalized",
        "nebenwirkung",
        "nebenwirkungen",
        "efecto secundario",
        "efectos secundarios",
    ],
    "help_text": (
        "This message was noticed by its words alone, and that can be wrong. Nobody reads comments"
        " at all hours. If you or somebody else is in danger, call your local emergency number now."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Rules:
    said: Mapping[str, Any]
    blocked: Phrases
    addresses: frozenset[str]
    networks: tuple[IPv4Network | IPv6Network, ...]
    # By the flag that they raise, the gravest first.
    urgent: Mapping[str, Phrases]


def whole(said: Mapping[str, Any]) -> dict[str, Any]:
    """All rules, where `said` names some, and of the limits some."""
    return SHIPPED | said | {"limits": SHIPPED["limits"] | said.get("limits", {})}


def ready(said: Mapping[str, Any]) -> Rules:
    return written(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=8)
def written(text: str | bytes) -> Rules:
    """Rules that are written as JSON, made ready once for each wording of them."""
    said = whole(orjson.loads(text))
    return Rules(
        said=said,
        blocked=Phrases(said["blocked_words"]),
        addresses=frozenset(one.casefold() for one in said["blocked_addresses"]),
        networks=tuple(map(ip_network, said["blocked_networks"])),
        urgent={
            "crisis": Phrases(said["crisis_words"]),
            "adverse_event": Phrases(said["adverse_words"]),
        },
    )
