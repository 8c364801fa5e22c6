"""`python -m benchmarks`: what a public read costs, measured on this machine."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks import content, lasting, load, plot, report, routes, servers
from benchmarks.machine import cores, new_site, pinned
from benchmarks.report import BASE, COLD, HOT, WRITES, Row, Run
from benchmarks.routes import Route
from benchmarks.servers import Running
from benchmarks.unrelated import A_SECOND, writing
from cms.cli.opening import any_schema
from cms.config import Config
from cms.extensions import db
from cms.models import Post, Publication

WARM_UP_SECONDS = 0.3
SIZES, LARGE = [1_000, 10_000, 100_000], 1_000_000
MIDDLE = 0.55
BARE = "bare WSGI, bytes of {}"


@dataclass(frozen=True)
class Case:
    """A route in one state of the front: whom it is sent to, and what must come back."""

    name: str
    state: str
    server: str
    requests: Sequence[bytes]
    status: int = 200


def main(arguments: Sequence[str] | None = None) -> dict[int, list[Row]]:
    """Measure, print the tables, and return their rows, by the number of posts."""
    options = _parser().parse_args(arguments)
    sizes = [*options.posts, *([LARGE] if options.large else [])]
    found, said = {}, [_conditions(options)]
    print(said[0], flush=True)
    for size in sizes:
        found[size], lines = _measured(size, options)
        said.append(f"## {size:,} posts\n\n{report.table(found[size])}\n\n{lines}")
        print(f"\n{said[-1]}", flush=True)
    if len(found) > 1:
        said.insert(1, f"## What more posts cost: milliseconds, cold\n\n{report.growth(found)}")
        print(f"\n{said[1]}")
    if options.write:
        _write(options.write, said, found)
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--posts", type=int, nargs="+", default=SIZES, help="sizes of the site")
    parser.add_argument("--large", action="store_true", help=f"and one of {LARGE:,} posts")
    parser.add_argument("--rounds", type=int, default=5, help="the tables show their median")
    parser.add_argument("--seconds", type=float, default=0.4, help="of each case in each round")
    parser.add_argument("--requests", type=int, default=20_000, help="while memory is watched")
    parser.add_argument("--pairs", type=int, default=100, help="posts created and published")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--write", type=Path, help="a Markdown file for the tables, and an SVG")
    return parser


def _measured(size: int, options: argparse.Namespace) -> tuple[list[Row], str]:
    generator, core = cores()
    with new_site(options.database) as config:
        with any_schema(config):
            slugs = content.fill(size)
            changing = _at(slugs, MIDDLE)
            asked = routes.of(slugs, _at(slugs, routes.DEEP), changing)
            unrelated = changing.entry_id
        with pinned(generator), servers.running(_servers(config), core) as running:
            with writing(config, unrelated) as writes:
                cases = _cases(asked, running)
                for case in cases:
                    _run(case, running, min(WARM_UP_SECONDS, options.seconds))
                rounds, rates = [], []
                for _ in range(options.rounds):
                    calm = {
                        (one.name, one.state): _run(one, running, options.seconds)
                        for one in cases
                        if one.state != WRITES
                    }
                    with writes() as disturbed:
                        busy = {
                            (one.name, one.state): _run(one, running, options.seconds)
                            for one in cases
                            if one.state == WRITES
                        }
                    rates.append(disturbed.rate)
                    rounds.append(calm | busy)
            lines = [f"Writes while measured: {min(rates):.0f} to {max(rates):.0f} a second."]
            lines += _lasting(config, running["hot"], asked[0], options)
    return report.rows(rounds), "\n".join(lines)


def _at(slugs: Sequence[str], part: float) -> Publication:
    """The post so far down the list."""
    row, slug = Publication, slugs[int((len(slugs) - 1) * part)]
    found = db.select(row).where(row.slug == slug, row.entry_id == Post.id)
    return db.session.scalars(found).one()


def _servers(config: Config) -> Mapping[str, tuple[str, Config]]:
    cold = replace(config, response_cache=False)
    hot = replace(config, rate_limits=False)
    return {
        "bare": ("bare", config),
        "empty": ("empty", config),
        "hot": ("site", hot),
        "cold": ("site", cold),
    }


def _cases(asked: Sequence[Route], running: dict[str, Running]) -> list[Case]:
    sizes = {
        name: len(
            load.fetch(running["hot"].port, [load.request(path)])[0].partition(b"\r\n\r\n")[2]
        )
        for name, path in {"a post": asked[0].paths[0], "a list": routes.POSTS}.items()
    }
    cases = [
        Case(BARE.format(name), HOT, "bare", [load.request(f"/{size}")])
        for name, size in sizes.items()
    ]
    cases.append(Case(BASE, HOT, "empty", [load.request("/")]))
    for route in asked:
        status = 304 if route.known else 200
        hot = routes.requests(running["hot"].port, route, few=True)
        cold = routes.requests(running["cold"].port, route, few=False)
        cases.append(Case(route.name, HOT, "hot", hot, status))
        cases.append(Case(route.name, WRITES, "hot", hot, status))
        cases.append(Case(route.name, COLD, "cold", cold, status))
    return cases


def _run(case: Case, running: Mapping[str, Running], seconds: float) -> Run:
    server = running[case.server]
    before = server.cpu_seconds()
    measured = load.run(server.port, case.requests, status=case.status, seconds=seconds)
    return Run(measured, server.cpu_seconds() - before)


def _lasting(
    config: Config, server: Running, posts: Route, options: argparse.Namespace
) -> list[str]:
    lines = []
    if options.requests:
        held = list(lasting.memory(server, routes.filling(posts), options.requests))
        lines.append(report.memory(held))
    if options.pairs:
        rate = lasting.pairs(config, server.port, options.pairs)
        lines.append(f"Posts of 600 words created, then published: {rate:.0f} a second.")
    return lines


def _conditions(options: argparse.Namespace) -> str:
    _, core = cores()
    where = (
        "one core for the server, another for the generator"
        if core is not None
        else "ONE CORE for server and generator, so compare CPU, not rates"
    )
    lines = [
        f"{options.database}; posts of a hundred words; granian with 1 worker and"
        f" {servers.THREADS} threads; {load.CONNECTIONS} connections; {where}.",
        f"Median of {options.rounds} interleaved rounds of {options.seconds:g} s.",
        f"Hot: from the front. Under writes: the same while another process makes {A_SECOND}"
        " unrelated public changes a second. Cold: with no front, each answer built anew."
        f" Milliseconds: of one answer after another, with {load.CONNECTIONS} connections that ask;"
        " not how long one of them waits. Without a unit: requests per second, or per second of the"
        " server's CPU, divided by those"
        " of an empty Flask view.",
    ]
    if options.database == "postgresql":
        lines.append("PostgreSQL runs beside both, on any core; its own CPU is not counted.")
    return "\n".join(lines)


def _write(path: Path, said: Sequence[str], found: Mapping[int, Sequence[Row]]) -> None:
    parts = ["# How fast it is", *said]
    if len(found) > 1:
        picture = path.with_suffix(".svg")
        picture.write_text(plot.drawn(list(found), report.costs_of(found)))
        parts.insert(2, f"![Cost by the number of posts]({picture.name})")
    path.write_text("\n\n".join(parts) + "\n")


if __name__ == "__main__":
    main()
