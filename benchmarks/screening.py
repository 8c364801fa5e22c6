"""`python -m benchmarks.screening`: what checking a comment costs, with all that a site may ask.

500 blocked phrases, 100 networks, a filter that has learned 20,000 words, and a comment of 5,000
letters; then one of 200. Checking is all that happens before the transaction, but for rendering.
What it takes of the processor, the database's part not counted where that is a server, holds on a
machine with other work, too.
"""

import argparse
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import insert

from benchmarks import content
from benchmarks.machine import new_site
from cms.actor import OPERATOR
from cms.cli.opening import any_schema
from cms.content import render_comment
from cms.database import transaction
from cms.extensions import db
from cms.models import Post, WordCount
from cms.services import comment_rules, evidence, learning, screening
from cms.times import utc_now

PHRASES, NETWORKS, WORDS, TIMES = 500, 100, 20_000, 300
LENGTHS = (5_000, 200)
CHANCE = random.Random(4)  # noqa: S311


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    with new_site(options.database) as config, any_schema(config):
        content.fill(1)
        vocabulary = [_word() for _ in range(WORDS)]
        with transaction():
            _make_rules(vocabulary)
            _teach(vocabulary)
        post_id = db.session.query(Post.id).limit(1).scalar()
        for length in LENGTHS:
            _measure(post_id, [_text(vocabulary, length) for _ in range(TIMES)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screening", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    return parser


def _word() -> str:
    return "".join(CHANCE.choices("abcdefghijklmnoprstuvwz", k=CHANCE.randint(2, 9)))


def _text(vocabulary: Sequence[str], length: int) -> str:
    words: list[str] = []
    while sum(map(len, words)) + len(words) < length:
        # As in a language: few words are most of a text.
        words.append(vocabulary[int(WORDS * CHANCE.random() ** 3)])
    return " ".join(words)[:length]


def _make_rules(vocabulary: Sequence[str]) -> None:
    said = {
        "blocked_words": [" ".join(CHANCE.sample(vocabulary, 3)) for _ in range(PHRASES)],
        "blocked_networks": [f"10.{number}.0.0/16" for number in range(NETWORKS)],
    }
    comment_rules.put(OPERATOR, None, said)


def _teach(vocabulary: Sequence[str]) -> None:
    taught = set(learning.digests_of(vocabulary))
    rows = [
        {"word": word, "good": CHANCE.randint(0, 500), "bad": CHANCE.randint(0, 500)}
        for word in taught
    ]
    db.session.execute(insert(WordCount), [{"word": "", "good": 5000, "bad": 5000}, *rows])


def _measure(post_id: str, texts: Sequence[str]) -> None:
    found = [_seconds(post_id, text) for text in texts]
    took, cpu = (sorted(kind) for kind in zip(*found, strict=True))
    p50, p99 = statistics.median(took) * 1000, took[int(len(took) * 0.99)] * 1000
    used = statistics.median(cpu) * 1000
    print(f"{len(texts[0]):,} letters: p50 {p50:.2f} ms, p99 {p99:.2f} ms, CPU {used:.2f} ms")


def _seconds(post_id: str, text: str) -> tuple[float, float]:
    came = {"post_id": post_id, "now": utc_now(), "form_token": None, "honeypot": None}
    came |= {"name": "A reader", "email": "a@example.org", "network": "192.0.2.0/24"}
    written = {"source": text} | asdict(render_comment(text))
    start, cpu = time.perf_counter(), time.process_time()
    found = evidence.gather(written, **came)
    verdicts = screening.judge(found)
    took = time.perf_counter() - start, time.process_time() - cpu
    assert found.spam_score is not None, verdicts
    return took


if __name__ == "__main__":
    main()
