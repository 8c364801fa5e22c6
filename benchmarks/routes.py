"""What is asked of a site: every public route by which readers come, and what must come back."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import orjson

from benchmarks import content, load, words
from cms.models import Kind, Publication
from cms.services import cursors
from cms.services.delivery.moment import Moment
from cms.services.delivery.questions import Question
from cms.times import format_time, utc_now

API = "/api/v1"
POSTS = f"{API}/posts"
# How many different ones are asked for: enough to be random, few enough to fit into the front.
COLD, HOT = 5_000, 200
# Of so many posts, in so many requests before they come round, what fills a front.
FILLED, AT_ALL = 2_000, 50_000
OF_A_POST = ["", "?body=blocks,text", "?include=jsonld", "/related"]
# The same order of slugs in every run of this program.
SEED = 614
DEEP = 0.9


@dataclass(frozen=True)
class Route:
    """A kind of request. `paths` are asked in order, and around; `least` is how many things the
    first of them must answer with.
    """

    name: str
    paths: Sequence[str]
    least: int = 1
    known: bool = False


def of(slugs: Sequence[str], deep: Publication, changing: Publication) -> list[Route]:
    """All of them. `deep` is a post far down the list; inside the application, for its cursor.

    Nobody asks for what is `changing` while others are measured.
    """
    count = len(slugs)
    dice = random.Random(SEED)  # noqa: S311 - an order, not a secret
    some = dice.sample([one for one in slugs if one != changing.slug], min(COLD, count - 1))
    posts = [f"{POSTS}/{slug}" for slug in some]
    rare = [words.rare(dice.randrange(count), count) for _ in range(HOT)]
    return [
        Route("a post by slug", posts),
        Route("the same, unchanged (304)", posts, known=True),
        *_lists(some, deep, min(20, count)),
        *_searches(rare, min(20, count)),
        Route("tags", [f"{API}/tags"], content.TAGS),
        Route("similar posts", [f"{one}/related" for one in posts]),
        Route("comments of a post", [f"{POSTS}/{slugs[0]}/comments"], 20),
        Route("JSON feed", [f"{API}/feed.json"]),
        Route("sitemap", [f"{API}/sitemap.xml"]),
        Route("sync, first page", [f"{API}/sync"]),
    ]


def _lists(some: Sequence[str], deep: Publication, page: int) -> list[Route]:
    fives = ["&slug=".join(some[n : n + 5]) for n in range(0, min(HOT, len(some)), 5)]
    since = f"{POSTS}?published_after={_since()}&sort=title"
    return [
        Route("list of 20", [POSTS], page),
        Route("list of 20, 90 % deep", [f"{POSTS}?cursor={_cursor(deep)}"]),
        Route("list of 20 by tag", [f"{POSTS}?tag=tag-{n}" for n in range(content.TAGS)]),
        Route("list of 20 with bodies", [f"{POSTS}?fields=slug,title,body.html"], page),
        Route("list of 20, counted", [f"{POSTS}?total=true"], page),
        Route("list of 5, by slugs", [f"{POSTS}?slug={one}" for one in fives]),
        Route("list since a day, by title", [since], page),
    ]


def _searches(rare: Sequence[str], page: int) -> list[Route]:
    search = f"{API}/search?q="
    by_tag = [f"{search}{words.COMMON}&tag=tag-{n}" for n in range(content.TAGS)]
    return [
        Route("search, a rare word", [f"{search}{one}" for one in rare]),
        Route("search, a word in every post", [f"{search}{words.COMMON}"], page),
        Route("search, a prefix", [f"{search}{words.SOME[:4]}*"]),
        # What they begin is another word in every text, and a word of its own in every tenth.
        Route("search, a prefix everywhere", [f"{search}{words.COMMON[:4]}*"], page),
        Route("search, a prefix of rare words", [f"{search}{words.RARE}*"], page),
        Route("list of 20 by such a prefix", [f"{POSTS}?q={words.RARE}*"], page),
        Route("search, a phrase", [f"{search}%22{words.PHRASE}%22".replace(" ", "+")]),
        Route("search by a tag", by_tag),
    ]


def _since() -> str:
    """A thousand minutes ago, when the first post of a small site was published."""
    return format_time(utc_now() - 1_000 * words.APART)


def filling(posts: Route) -> list[bytes]:
    """Requests for more than a front holds by default, on a site of 1,000 posts and more.

    In no order, and each of them several times: some are in memory, some were, some never.
    """
    dice = random.Random(SEED)  # noqa: S311 - an order, not a secret
    known = [f"{path}{more}" for path in posts.paths[:FILLED] for more in OF_A_POST]
    return [load.request(one, ["Accept-Encoding: gzip"]) for one in dice.choices(known, k=AT_ALL)]


def _cursor(last: Publication) -> str:
    moment = cast(Moment, SimpleNamespace(locale=last.locale))
    scope = Question(kind=Kind.POST, sort="-published_at", limit=20).scope(moment)
    return cursors.encode(scope, [format_time(last.published_at), last.entry_id])


def requests(port: int, route: Route, *, few: bool) -> list[bytes]:
    """The bytes that ask for it, its first answer having been looked at. Raises AssertionError."""
    paths = route.paths[:HOT] if few else route.paths
    asked = [load.request(path) for path in paths]
    answers = load.fetch(port, asked if route.known else asked[:1])
    assert _things(answers[0]) >= route.least, answers[0][:2000]
    if not route.known:
        return asked
    return [
        load.request(path, [f"If-None-Match: {_etag(answer)}"])
        for path, answer in zip(paths, answers, strict=True)
    ]


def _things(answer: bytes) -> int:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    if body.startswith(b"<"):
        return body.count(b"<loc>")
    said = orjson.loads(body)
    found = said.get("data", said.get("items"))
    return len(found)


def _etag(answer: bytes) -> str:
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return next(
        line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("etag:")
    )
