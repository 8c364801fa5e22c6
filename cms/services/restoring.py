"""Bring back the fields of an earlier revision, as a new one: history is never rewritten."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from flask import current_app

from cms.actor import Actor
from cms.errors import Invalid
from cms.models import Entry
from cms.permissions import Action, require
from cms.services import entries, media_bodies, names, revisions, slugs, translations
from cms.services.entry_fields import (
    TARGETS,
    RenderedBody,
    editable,
    outward,
    rendered,
    snapshot,
    target_of,
)

E = TypeVar("E", bound=Entry)
Fields = dict[str, Any]


class LeftOut(NamedTuple):
    """What could not come back: `gone`, `taken` or `not_configured`."""

    field: str
    value: str
    why: str


@dataclass(frozen=True)
class Restored:
    """An entry after a restore, read like the entry itself, and what could not come back."""

    entry: Entry
    left_out: list[LeftOut]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.entry, name)


def prepared(actor: Actor, model: type[E], entry_id: str, number: int) -> Mapping[str, Any]:
    """What a view does before its transaction: the revision's body, rendered already, or what is
    gone of the files that it shows.

    Raises Forbidden for who may not write at all, before any work is done for them; NotFound.
    """
    require(actor, Action.ENTRY_CREATE)
    kept = revisions.get(entries.get(model, entry_id), number)
    body = editable(kept.fields)["body"]
    try:
        return rendered(model, {"body": body})
    except Invalid as fault:
        if fault.reason != "unknown_media":
            raise
        return {"gone": media_bodies.unknown_in(body)}


def restore(
    actor: Actor,
    model: type[E],
    entry_id: str,
    number: int,
    version: int | None,
    *,
    ready: Mapping[str, Any],
    note: str | None = None,
) -> Restored:
    """Save an entry as it was in a revision, as far as what that names is still there.

    `ready` is what `prepared` answered. Fields that the revision does not know stay as they are.
    Raises Forbidden, NotFound, StaleVersion, Conflict (`slug_taken`) when somebody else takes the
    slug at this moment, Invalid (`nothing_to_note`).
    """
    entry = entries.open_for_change(actor, model, entry_id, version)
    wanted = _wanted(entry, number, ready.get("body"))
    left_out = [_of_the_body(model, one) for one in ready.get("gone", [])]
    left_out += [part for step in STEPS for part in step(entry, wanted)]
    entries.change(actor, entry, wanted | {"note": note}, restored=True)
    return Restored(entry, left_out)


def _of_the_body(model: type[Entry], media_id: str) -> LeftOut:
    return LeftOut(outward(model, "body"), f"media:{media_id}", "gone")


def _wanted(entry: Entry, number: int, body: RenderedBody | None) -> Fields:
    known = editable(snapshot(entry))
    kept = editable(revisions.get(entry, number).fields)
    fields = {name: value for name, value in kept.items() if name in known}
    if body is None:
        del fields["body"]
        return fields
    # A quick save may have joined the revision since it was rendered.
    return fields | {"body": body if body == fields["body"] else fields["body"]}


def without_what_is_gone(entry: Entry, wanted: Fields) -> Iterator[LeftOut]:
    for name in (name for name in TARGETS if name in wanted):
        links = wanted[name] if isinstance(wanted[name], list) else [wanted[name]]
        there = names.of(TARGETS[name], (target_of(link) for link in links if link))
        stays = [link for link in links if link and target_of(link) in there]
        wanted[name] = stays if isinstance(wanted[name], list) else next(iter(stays), None)
        for link in links:
            if link and target_of(link) not in there:
                yield LeftOut(outward(type(entry), name), target_of(link), "gone")


def in_a_language_of_the_site(entry: Entry, wanted: Fields) -> Iterator[LeftOut]:
    if wanted["locale"] not in current_app.config["CMS"].locales:
        yield LeftOut("locale", wanted.pop("locale"), "not_configured")
    elif _is_taken(entry, wanted["locale"], wanted["slug"]):
        yield LeftOut("locale", wanted.pop("locale"), "taken")


def _is_taken(entry: Entry, locale: str, slug: str) -> bool:
    """Whether neither the old slug nor the present one is free there, or a translation is there."""
    free = any(slugs.is_free(entry, locale, one) for one in (slug, entry.slug))
    return not free or translations.other_in(entry, entry.translation_group, locale) is not None


def under_a_free_slug(entry: Entry, wanted: Fields) -> Iterator[LeftOut]:
    if not slugs.is_free(entry, wanted.get("locale", entry.locale), wanted["slug"]):
        yield LeftOut("slug", wanted.pop("slug"), "taken")


# Each takes out of what is wanted what can not be, and says so.
STEPS: list[Callable[[Entry, Fields], Iterator[LeftOut]]] = [
    without_what_is_gone,
    in_a_language_of_the_site,
    under_a_free_slug,
]
