"""`python -m benchmarks.editors`: what editors wait for, and what their history costs readers.

Over HTTP, from servers as `cms serve` starts them; PostgreSQL runs beside them.
"""

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles

from benchmarks import archive, content, drafts, flips, servers
from benchmarks.asking import Asking
from benchmarks.sites import Sites, several_sites
from cms import create_app
from cms.config import Config
from cms.extensions import db
from cms.models import Status
from cms.reading import reader
from cms.services import migrating
from tests.building import Client

MANAGE = "/api/v1/manage/posts"
PUBLIC = "/api/v1/posts"
# Milliseconds, and a ratio.
LIST_LIMIT, PUBLISH_LIMIT, FLIP_LIMIT, HISTORY_LIMIT = 30, 50, 50, 1.1
LISTS = {"as it opens": ""}
LISTS |= {f"status={one}": f"?status={one}" for one in Status}
LISTS |= {f"sort={one}": f"?sort={one}" for one in ("title", "-title", "created_at", "-created_at")}
LISTS |= {
    f"q={words}": f"?q={words}".replace(" ", "%20")
    for words in ("massage", "rare", "massage 17 copy-999", "nowhere")
}
LISTS |= {"status=draft&q=rare": "?status=draft&q=rare"}


@dataclass(frozen=True)
class Found:
    """One line of the table: `worst` is the 95th percentile, or the largest of a few.

    `cpu` is what the server and PostgreSQL used each time: all that it takes on an idle machine.
    """

    name: str
    middle: float
    worst: float
    limit: float
    cpu: float | None = None

    @property
    def holds(self) -> bool:
        return self.middle <= self.limit

    def line(self) -> str:
        said = "" if self.holds else "  MISSED"
        cpu = "" if self.cpu is None else f"{self.cpu:.2f}"
        times = f"{self.middle:>9.2f}{self.worst:>9.2f}{cpu:>9}{self.limit:>8g}"
        return f"{self.name:<44}{times}{said}"


def main(arguments: Sequence[str] | None = None) -> list[Found]:
    """Measure, print the table, and return its lines."""
    options = _parser().parse_args(arguments)
    print(f"{options.database}; {options.posts:,} public posts. Milliseconds, or a ratio.")
    print(f"{'':<44}{'median':>9}{'p95':>9}{'CPU':>9}{'limit':>8}")
    found = []
    with several_sites(options.database) as sites:
        for measure in PARTS.values() if options.only is None else [PARTS[options.only]]:
            for one in measure(sites, options):
                print(one.line(), flush=True)
                found.append(one)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.editors", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--only", choices=PARTS, help="a part of it")
    parser.add_argument("--posts", type=int, default=100_000, help="how many are public")
    parser.add_argument("--history", type=int, default=50, help="texts of the past for each post")
    parser.add_argument("--past-posts", type=int, default=1000, help="posts that have them")
    parser.add_argument("--times", type=int, default=40, help="how often each thing is done")
    parser.add_argument("--processes", type=int, default=3, help="that a schedule flips in")
    return parser


@contextmanager
def _filled(config: Config, posts: int, history: int = 0) -> Iterator[Client]:
    """A site, and an editor in it."""
    app = create_app(config)
    with app.app_context():
        migrating.upgrade(db.engine)
    try:
        editor = archive.fill(app, posts)
        if history:
            archive.add_history(app, history)
        with app.app_context():
            content.settle()
        yield editor
    finally:
        with app.app_context():
            db.engine.dispose()
            reader().close()


def _on_one_site(sites: Sites, options: argparse.Namespace) -> Iterator[Found]:
    config = sites.config("large")
    with _filled(config, options.posts) as editor:
        processes = {f"process {n + 1}": ("site", config) for n in range(options.processes)}
        with servers.running(processes) as running:
            ports = [one.port for one in running.values()]
            asking, cpu = Asking(ports[0], editor.token), partial(sites.cpu_seconds, running)
            yield from _lists(asking, cpu, options.times)
            # Only now: rare drafts among the last changed posts would be found at once.
            ready = drafts.ready(editor, options.times)
            for name, post in {"first": drafts.publish, "again": drafts.publish_again}.items():
                yield _measured(
                    f"publish, {name}", PUBLISH_LIMIT, cpu, partial(post, asking), ready
                )
            for name, late in flips.lateness(asking, ports).items():
                yield _found(f"a schedule flips: {name}", FLIP_LIMIT, late)


def _lists(asking: Asking, cpu: Callable[[], float], times: int) -> Iterator[Found]:
    for name, query in LISTS.items():
        path = f"{MANAGE}{query}"
        asking.get(path)
        one = partial(_measured, f"working list, {name}", LIST_LIMIT, cpu)
        yield one(partial(_timed, asking), [path] * times)


def _measured(
    name: str,
    limit: float,
    cpu: Callable[[], float],
    act: Callable[[str], float],
    wanted: Sequence[str],
) -> Found:
    before = cpu()
    times = [act(one) for one in wanted]
    return _found(name, limit, times, (cpu() - before) / len(times) * 1000)


def _on_two_sites(sites: Sites, options: argparse.Namespace) -> Iterator[Found]:
    plain, past = sites.config("plain"), sites.config("past")
    pair = {"plain": ("site", plain), "past": ("site", past)}
    with (
        _filled(plain, options.past_posts),
        _filled(past, options.past_posts, options.history),
        servers.running(pair) as running,
    ):
        both = {name: Asking(one.port) for name, one in running.items()}
        for name, paths in _public(both["plain"]).items():
            ratios = [_ratio(both, paths) for _ in range(options.times)]
            yield _found(f"{name}, {options.history} texts of the past", HISTORY_LIMIT, ratios)


def _public(asking: Asking) -> Mapping[str, list[str]]:
    slugs = [one["slug"] for one in asking.get(f"{PUBLIC}?limit=100")["data"]]
    return {
        "public list": [PUBLIC, f"{PUBLIC}?tag=tag-1", f"{PUBLIC}?sort=title"],
        "public post": [f"{PUBLIC}/{slug}" for slug in slugs[:50]],
    }


def _ratio(both: Mapping[str, Asking], paths: Sequence[str]) -> float:
    """What one site takes beside the other, each path in turn at both: noise is for both."""
    times: dict[str, float] = dict.fromkeys(both, 0)
    for path in paths:
        for name, asking in both.items():
            times[name] += min(_timed(asking, path) for _ in range(3))
    return times["past"] / times["plain"]


def _timed(asking: Asking, path: str) -> float:
    start = time.perf_counter()
    asking.get(path)
    return (time.perf_counter() - start) * 1000


def _found(name: str, limit: float, values: Sequence[float], cpu: float | None = None) -> Found:
    worst = quantiles(values, n=20)[18] if len(values) > 19 else max(values)
    return Found(name, median(values), worst, limit, cpu)


PARTS = {"editing": _on_one_site, "history": _on_two_sites}


if __name__ == "__main__":
    main()
