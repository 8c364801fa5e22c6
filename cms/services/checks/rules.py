"""The rules that the checks go by, as data, and made ready to be asked."""

from collections.abc import Iterable, Mapping
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


Network = IPv4Network | IPv6Network
BLOCKED = "blocked"
# By the flags that they raise, the gravest first.
URGENT = {"crisis": "crisis_words", "adverse_event": "adverse_words"}
PHRASES = {BLOCKED: "blocked_words"} | URGENT


def graver(*flags: str | None) -> str | None:
    """The gravest of some flags; None where none is raised."""
    return next((flag for flag in URGENT if flag in flags), None)


@dataclass(frozen=True, kw_only=True)
class Rules:
    said: Mapping[str, Any]
    # What is blocked, and what is urgent by the flag that it raises: one look-up for all.
    phrases: Phrases
    addresses: frozenset[str]
    # By version and length of prefix, so that many cost no more than one.
    networks: Mapping[tuple[int, int], frozenset[Network]]

    def network_with(self, theirs: Network) -> Network | None:
        """The blocked network that this one is in."""
        for (version, length), blocked in self.networks.items():
            if version == theirs.version and length <= theirs.prefixlen:
                wider = theirs.supernet(new_prefix=length)
                if wider in blocked:
                    return wider
        return None


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
        phrases=Phrases({name: said[rule] for name, rule in PHRASES.items()}),
        addresses=frozenset(one.casefold() for one in said["blocked_addresses"]),
        networks=_by_length(map(ip_network, said["blocked_networks"])),
    )


def _by_length(networks: Iterable[Network]) -> dict[tuple[int, int], frozenset[Network]]:
    found: dict[tuple[int, int], set[Network]] = {}
    for one in networks:
        found.setdefault((one.version, one.prefixlen), set()).add(one)
    return {kind: frozenset(ones) for kind, ones in found.items()}
