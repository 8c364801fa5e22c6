"""Posts as the public sees them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from orjson import Fragment

from cms.errors import Moved, NotFound
from cms.models import Kind, LinkKind
from cms.reading import Row
from cms.services.beside import BESIDE
from cms.services.cursors import Page
from cms.services.delivery import cards, lists, naming, statements
from cms.services.delivery.moment import Moment
from cms.services.delivery.naming import Named
from cms.services.delivery.notations import remembered
from cms.services.delivery.questions import Question
from cms.services.delivery.selecting import select_fields

Post = dict[str, Any]
# Adds a part to each of some posts, given them and the ids of their rows. It asks the database
# once for all of them, and never refuses.
Include = Callable[[Moment, Sequence[Post], Sequence[int]], Sequence[Any]]

# As `cards.CARD` goes on, and for the same reason.
MORE = b',"body":%b,%b,"faqs":[%b],"previous":%b,"next":%b}'

NOTATIONS = ["html", "markdown", "text", "blocks"]


@dataclass(kw_only=True, slots=True)
class Wish:
    """What a reader wants to see of a post. No `body` in a list means: no body.

    What `fields` names, `body` and `include` ask for; no `fields` means: all.
    """

    body: Sequence[str] = ()
    fields: Sequence[str] = ()
    include: Mapping[str, Include] = field(default_factory=dict)

    @property
    def is_plain(self) -> bool:
        return not (self.body or self.fields or self.include)


def get(moment: Moment, slug: str, wish: Wish) -> Post | Fragment:
    """One public post. Raises Moved for a slug that it once had, NotFound."""
    row, named = _row(moment, slug, wish)
    # Who will be its neighbour is not there to be held.
    moment.held |= {f"post:{row[cards.POST]}", f"{BESIDE}:{row[cards.POST]}"}
    whole = cards.composed(moment, row, named)[:-1] + _more(moment, row, named, wish)
    if wish.is_plain:
        return Fragment(whole)
    return finish(moment, [orjson.loads(whole)], wish, [row])[0]


def _row(moment: Moment, slug: str, wish: Wish) -> tuple[Row, Named]:
    """A public post and what it names. Raises Moved, NotFound."""
    for _ in range(cards.TRIES):
        row = moment.row(statements.by_slug(Kind.POST, markdown=bool(wish.body)), slug=slug)
        if row is None:
            raise gone_or_moved(moment, Kind.POST, slug)
        moment.memory.learn(moment.reader, row[cards.GENERATION])
        (named,), asked_at = naming.of(moment, [row[cards.NAMES]])
        if asked_at <= row[cards.GENERATION]:
            break
        moment = moment.again()
    return row, named


def _more(moment: Moment, row: Row, named: Named, wish: Wish) -> bytes:
    """What only a single post shows, after what its card does."""
    body, details, older, newer, *markdown = row[cards.BEHIND :]
    return MORE % (
        # Stored as the API shows it, so it goes out as it is.
        orjson.dumps(body_of(body, *markdown, wish.body)) if wish.body else as_bytes(body),
        details[1:-1].encode(),
        b",".join(named[LinkKind.FAQ]),
        _neighbour(moment, older),
        _neighbour(moment, newer),
    )


def find(moment: Moment, question: Question, wish: Wish) -> Page:
    """A page of posts. Raises Malformed for a bad cursor."""
    rows, cursor = lists.rows(moment, question, "full" if wish.body else "brief")
    found = cards.of(moment, rows)
    if wish.is_plain:
        return Page([Fragment(card) for _, card in found], cursor)
    listed = [_listed(row, card, wish) for row, card in found]
    return Page(finish(moment, listed, wish, [row for row, _ in found]), cursor)


def _listed(row: Row, card: bytes, wish: Wish) -> Post:
    post = orjson.loads(card)
    if wish.body:
        post["body"] = body_of(*row[cards.WIDTH :], wish.body)
    return post


def gone_or_moved(moment: Moment, kind: Kind, slug: str) -> Moved | NotFound:
    """Where a slug leads that nothing is public under."""
    row = moment.row(statements.present_slug(kind), slug=slug)
    return Moved(slug, row[0]) if row else NotFound(f"There is no such {kind}.", reason="not_found")


def body_of(body: bytes, markdown: bytes | str, notations: Sequence[str]) -> dict[str, Any]:
    """A body in the notations that were asked for, and its table of contents."""
    known = orjson.loads(body)
    make: dict[str, Callable[[], Any]] = {
        "html": lambda: known["html"],
        "markdown": lambda: markdown if isinstance(markdown, str) else markdown.decode(),
        "text": lambda: remembered.of("text", body, known["html"]),
        "blocks": lambda: remembered.of("blocks", body, known["html"]),
    }
    return {name: make[name]() for name in notations} | {"toc": known["toc"]}


def as_bytes(text: bytes | str) -> bytes:
    """What `sql.stored_bytes` brings, which is text on PostgreSQL."""
    return text if isinstance(text, bytes) else text.encode()


def finish(moment: Moment, found: list[Post], wish: Wish, rows: Sequence[Row]) -> list[Post]:
    """Add what `include` asks for, then keep what `fields` asks for."""
    if found:
        for name, add in wish.include.items():
            parts = add(moment, found, [row[cards.ROW] for row in rows])
            for post, part in zip(found, parts, strict=True):
                post[name] = part
    if not wish.fields:
        return found
    return [select_fields(thawed(post), wish.fields) for post in found]


def thawed(post: Post) -> Post:
    """The post with every ready-made part read, so that one can look inside."""
    return orjson.loads(orjson.dumps(post))


def _neighbour(moment: Moment, summary: str | None) -> bytes:
    if summary is None:
        return cards.NULL
    post = orjson.loads(summary)
    moment.held.add(f"post:{post['id']}")
    return orjson.dumps({"slug": post["slug"], "title": post["title"]})
