"""`python -m benchmarks`: what a public read costs, measured on this machine."""

import argparse
import os
import random
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks import content, load, report, servers
from benchmarks.report import BASE, Row, Run
from benchmarks.servers import Running
from cms.cli.opening import any_schema
from cms.config import Config
from tests.databases import PostgresqlServer

POSTS = "/api/v1/posts"
WARM_UP_SECONDS = 0.5
# The same order of slugs in every run of this program.
SEED = 614


@dataclass(frozen=True)
class Case:
    """One kind of request: whom it is sent to, and what must come back."""

    name: str
    server: str
    requests: Sequence[bytes]
    status: int = 200


def main(arguments: Sequence[str] | None = None) -> list[Row]:
    """Measure, print the table, and return its rows."""
    options = _parser().parse_args(arguments)
    with _site(options.database) as config:
        generator, core = _cores()
        with any_schema(config):
            slugs = content.fill(options.posts)
        with _pinned(generator), servers.started(config, core) as running:
            cases = _cases(running["site"], slugs)
            found = report.rows(_rounds(cases, running, options))
    print(_conditions(options, core))
    print(report.table(found))
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--posts", type=int, default=1000, help="how many the site has")
    parser.add_argument("--rounds", type=int, default=5, help="the table shows their median")
    parser.add_argument("--seconds", type=float, default=2, help="of each case in each round")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    return parser


@contextmanager
def _site(database: str) -> Iterator[Config]:
    """Settings of a new site; its database goes away with it."""
    server = PostgresqlServer() if database == "postgresql" else None
    try:
        with tempfile.TemporaryDirectory(prefix="cms-bench-") as folder:
            url = server.url if server else ""
            yield Config(data_dir=Path(folder), database_url=url, secret=secrets.token_hex())
    finally:
        if server:
            server.stop()


def _cores() -> tuple[int | None, int | None]:
    """A core for the generator and one for the servers; none where they can not be chosen."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return (known[1], known[0]) if len(known) > 1 else (None, None)


@contextmanager
def _pinned(core: int | None) -> Iterator[None]:
    if core is None:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, [core])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _cases(site: Running, slugs: Sequence[str]) -> list[Case]:
    order = random.Random(SEED).sample(slugs, len(slugs))  # noqa: S311 - an order, not a secret
    paths = [f"{POSTS}/{slug}" for slug in order]
    posts = [load.request(path) for path in paths]
    answers = load.fetch(site.port, posts)
    lists = [load.request(POSTS)]
    _check(answers, order, load.fetch(site.port, lists)[0])
    known = [
        load.request(path, [f"If-None-Match: {_etag(answer)}"])
        for path, answer in zip(paths, answers, strict=True)
    ]
    root = [load.request("/")]
    return [
        Case("bare WSGI function", "bare", root),
        Case(BASE, "empty", root),
        Case("a post by slug", "site", posts),
        Case("the same, unchanged (304)", "site", known, status=304),
        Case("a list of 20 posts", "site", lists),
    ]


def _check(answers: Sequence[bytes], slugs: Sequence[str], listed: bytes) -> None:
    """What is measured is what its name says: whole posts, and a full page of them."""
    for answer, slug in zip(answers, slugs, strict=True):
        post = _body(answer)
        assert post["slug"] == slug
        assert len(post["tags"]) == content.TAGS_EACH
        assert len(post["faqs"]) == content.FAQS_EACH
        assert len(post["authors"]) == 1
        assert post["category"]
        assert post["word_count"] > 500
    assert len(_body(listed)) == min(20, len(slugs))


def _body(answer: bytes) -> object:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    return orjson.loads(body)["data"]


def _etag(answer: bytes) -> str:
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return next(
        line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("etag:")
    )


def _rounds(
    cases: Sequence[Case], running: dict[str, Running], options: argparse.Namespace
) -> list[dict[str, Run]]:
    for case in cases:
        _run(case, running, min(WARM_UP_SECONDS, options.seconds))
    return [
        {case.name: _run(case, running, options.seconds) for case in cases}
        for _ in range(options.rounds)
    ]


def _run(case: Case, running: dict[str, Running], seconds: float) -> Run:
    server = running[case.server]
    before = server.cpu_seconds()
    measured = load.run(server.port, case.requests, status=case.status, seconds=seconds)
    return Run(measured, server.cpu_seconds() - before)


def _conditions(options: argparse.Namespace, core: int | None) -> str:
    where = (
        "servers on one core, generator on another"
        if core is not None
        else "ONE CORE: servers and generator share it, so compare CPU, not rates"
    )
    lines = [
        f"{options.posts:,} posts on {options.database}; granian with 1 worker and"
        f" {servers.THREADS} threads; {load.CONNECTIONS} connections; {where}.",
        f"Median of {options.rounds} rounds of {options.seconds:g} s. CPU: of the server alone.",
    ]
    if options.database == "postgresql":
        lines.append("PostgreSQL runs beside both, on any core; its own CPU is not counted.")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
