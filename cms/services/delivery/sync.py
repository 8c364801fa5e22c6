"""Everything that is public, and then only what changed: for who keeps a copy of the site.

A token is a state of the site: its generation, and a time. The next delta is what was logged since,
and what began or ended by the clock. Both are read before anything else, so what changes meanwhile
may be told twice, and is never missed. Documents are as they are when they are read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cms.errors import Gone, Malformed
from cms.models import Kind
from cms.services import cursors, generation
from cms.services.delivery import documents, lists
from cms.services.delivery.documents import ENTRIES, KINDS, TERMS, Document
from cms.services.delivery.moment import Moment
from cms.services.delivery.questions import Question
from cms.services.delivery.sync_statements import GENERATION, OPENED, buried, changed

Operation = dict[str, Any]


@dataclass(frozen=True)
class State:
    """What a reader knows: everything up to a generation, and up to a time."""

    generation: int
    time: str


@dataclass(frozen=True)
class Part:
    """A page of operations; `more` says that what `next` stands for follows at once."""

    operations: list[Operation]
    next: str
    more: bool


def read(moment: Moment, since: str | None, limit: int) -> Part:
    """What a reader lacks. Raises Malformed for a bad token, Gone for one that is too old."""
    scope = cursors.scope("sync", {"locale": moment.locale})
    if since is None:
        return _walk(moment, scope, _state(moment), limit, 0, None)
    step, number, time, *place = _decoded(scope, since)
    known = State(number, time)
    if step == WALK:
        return _walk(moment, scope, known, limit, *place)
    until = State(*place[:2]) if place else _state(moment, after=known)
    return _delta(moment, scope, known, until, limit, *place[2:])


WALK, DELTA = "walk", "delta"
BAD = "This token is broken, or belongs to another locale."


def _decoded(scope: str, token: str) -> list[Any]:
    try:
        return cursors.decode(scope, token)
    except Malformed:
        fault = {"pointer": "since", "detail": BAD}
        raise Malformed(BAD, reason="bad_sync_token", errors=[fault]) from None


def _state(moment: Moment, after: State | None = None) -> State:
    """The site's present state. Its time does not go back with a clock that was put right."""
    number = moment.row(GENERATION)[0]
    return State(number, max(moment.now, after.time) if after else moment.now)


def _walk(
    moment: Moment, scope: str, known: State, limit: int, rank: int, place: str | None
) -> Part:
    """A page of everything, kind by kind; at its end, what changed since the walk began."""
    found: list[Operation] = []
    while rank < len(KINDS) and len(found) < limit:
        kind = KINDS[rank]
        shown, place = LISTED[kind in TERMS](moment.again(), kind, limit - len(found), place)
        found += [_upsert(kind, one) for one in shown]
        rank += place is None
    state = (known.generation, known.time)
    if rank < len(KINDS):
        return Part(found, cursors.encode(scope, [WALK, *state, rank, place]), more=True)
    return Part(found, cursors.encode(scope, [DELTA, *state]), more=False)


def _listed_terms(
    moment: Moment, kind: str, limit: int, place: str | None
) -> tuple[list[Document], str | None]:
    found = documents.terms_after(moment, kind, place or "", limit + 1)
    return found[:limit], found[limit - 1]["id"] if len(found) > limit else None


def _listed_entries(
    moment: Moment, kind: str, limit: int, place: str | None
) -> tuple[list[Document], str | None]:
    question = Question(kind=Kind(kind), sort="published_at", limit=limit, cursor=place)
    rows, following = lists.rows(moment, question, f"sync_{kind}")
    return [ENTRIES[kind](moment, row) for row in rows], following


# By whether it is a term.
LISTED = {True: _listed_terms, False: _listed_entries}


def _delta(
    moment: Moment,
    scope: str,
    known: State,
    until: State,
    limit: int,
    rank: int = -1,
    last: str = "",
) -> Part:
    """A page of what changed between two states."""
    span = {"older": known.generation, "newer": until.generation}
    times = {"start": known.time, "end": until.time}
    place = {"rank": rank, "id": last, "limit": limit + 1}
    opened = moment.row(OPENED, **span) is not None
    rows = moment.again().rows(changed(opened=opened), **span, **times, **place)
    page = [(KINDS[number], name) for number, name in rows[:limit]]
    found = _operations(moment, page, span)
    _check_kept(moment, known)
    state, target = (known.generation, known.time), (until.generation, until.time)
    if len(rows) > limit:
        token = [DELTA, *state, *target, *rows[limit - 1]]
        return Part(found, cursors.encode(scope, token), more=True)
    # Where nothing changed, the same token: the same bytes, which a cache keeps.
    unchanged = not found and rank < 0 and known.generation == until.generation
    return Part(
        found, cursors.encode(scope, [DELTA, *(state if unchanged else target)]), more=False
    )


def _check_kept(moment: Moment, known: State) -> None:
    """Raises Gone where the log may have lost some of what was read. So ask after reading it."""
    newest = moment.again().row(GENERATION)[0]
    if not newest - generation.KEPT <= known.generation <= newest:
        detail = "Too much has changed since. Begin again without a token."
        raise Gone(detail, reason="sync_expired")


def _operations(
    moment: Moment, page: Sequence[tuple[str, str]], span: dict[str, int]
) -> list[Operation]:
    known: dict[tuple[str, str], Operation] = {}
    for kind in dict.fromkeys(kind for kind, _ in page):
        ids = [name for one, name in page if one == kind]
        found = documents.found(moment.again(), kind, ids)
        gone = _deleted(moment, kind, [one for one in ids if one not in found], span)
        known |= {(kind, name): _upsert(kind, one) for name, one in found.items()}
        known |= {(kind, name): _delete(kind, name, slug) for name, slug in gone.items()}
    return [known[one] for one in page if one in known]


def _deleted(
    moment: Moment, kind: str, ids: list[str], span: dict[str, int]
) -> dict[str, str | None]:
    """Those of some ids that were once public here, with the slug that they had, if known."""
    if not ids or kind in TERMS:
        return dict.fromkeys(ids)
    slugs: dict[str, str | None] = dict(documents.last_slugs(moment.again(), ids))
    unknown = [one for one in ids if one not in slugs]
    if unknown:
        removed = {key for (key,) in moment.rows(buried(), **span)}
        for one in unknown:
            if not removed.isdisjoint(generation.gone(kind, one, moment.locales)):
                slugs[one] = None
    return slugs


def _upsert(kind: str, document: Document) -> Operation:
    named = {"id": document["id"], "slug": document["slug"]}
    return {"op": "upsert", "kind": kind, **named, "document": document}


def _delete(kind: str, name: str, slug: str | None) -> Operation:
    return {"op": "delete", "kind": kind, "id": name, "slug": slug}
