"""Find most routes at once, where werkzeug would walk from part to part of the address.

What is asked for most is read at an address that either is fixed, or varies in its last part. Such
a route is found by what stands before that. It is the one that werkzeug would find, as a test of
all routes says; where it is not that simple, werkzeug is asked.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from werkzeug.routing import Map, Rule, RuleFactory

READS = {"GET", "HEAD"}
VARIES = "<"

Found = tuple[Rule, dict[str, Any]]


class Ending(NamedTuple):
    """A route whose last part varies: what that is called, may be, and means."""

    rule: Rule
    name: str
    matches: Callable[[str], Any]
    to_python: Callable[[str], Any]


class Shortcuts:
    """The readable routes of a map, by address, or by what stands before the last part."""

    def __init__(self, rules: list[Rule]) -> None:
        fixed = [rule for rule in rules if VARIES not in rule.rule]
        endings = [rule for rule in rules if _varies_in_the_end(rule)]
        known = Counter(_before(rule.rule) for rule in endings)
        self._taken = {rule.rule for rule in fixed}
        self._fixed = {rule.rule: rule for rule in fixed if _is_plain(rule)}
        # Two that begin alike are told apart by what they end with: not our affair.
        self._endings = {
            before: _ending(rule)
            for rule in endings
            if _is_plain(rule) and known[before := _before(rule.rule)] == 1
        }

    def find(self, path: str) -> Found | None:
        rule = self._fixed.get(path)
        if rule is not None:
            return rule, {}
        before, _, last = path.rpartition("/")
        ending = self._endings.get(before)
        if ending is None or path in self._taken or not ending.matches(last):
            return None
        return ending.rule, {ending.name: ending.to_python(last)}


class Routes(Map):
    """A map of routes that knows the short ways to them."""

    shortcuts: Shortcuts | None = None

    def add(self, rulefactory: RuleFactory) -> None:
        super().add(rulefactory)
        self.shortcuts = None

    def find(self, path: str) -> Found | None:
        if self.shortcuts is None:
            self.shortcuts = Shortcuts(list(self.iter_rules()))
        return self.shortcuts.find(path)


def _is_plain(rule: Rule) -> bool:
    special = rule.defaults or rule.alias or rule.redirect_to or rule.websocket or rule.build_only
    return not special and not rule.subdomain and "GET" in (rule.methods or ())


def _varies_in_the_end(rule: Rule) -> bool:
    before, _, last = rule.rule.rpartition("/")
    return VARIES not in before and last.startswith(VARIES) and last.endswith(">")


def _before(path: str) -> str:
    return path.rpartition("/")[0]


def _ending(rule: Rule) -> Ending:
    converters: Mapping[str, Any] = rule._converters
    ((name, converter),) = converters.items()
    return Ending(rule, name, re.compile(converter.regex).fullmatch, converter.to_python)
