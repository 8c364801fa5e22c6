"""What a newcomer does: clone, `make run`, read, follow the printed lines, stop; and once more.

It needs Python, git and make alone, and works on what is committed.
"""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

import shipped_article
from make_run import Run

TREE = Path(__file__).parent.parent
ARTICLE = "medical-massage-multiple-sclerosis"
ORIGINAL = "tests/importers/medical-massage-ms.txt"
PUBLIC = ["posts", "faqs", "tags", "categories", "authors", "site"]
PUBLIC += [f"posts/{ARTICLE}{below}" for below in ("", "/faqs", "/related", "/comments")]
# A slow machine with an empty package cache is no failure; the times are printed.
FIRST_SECONDS, LATER_SECONDS = 600, 60
NEW_COMMENT = re.compile(r"Written on [\w :]+")


class Score:
    def __init__(self) -> None:
        self.passed = self.failed = 0

    def check(self, claim: str, holds: bool) -> None:
        self.passed += holds
        self.failed += not holds
        print(f"{'ok  ' if holds else 'FAIL'} {claim}")


def main() -> int:
    score = Score()
    with tempfile.TemporaryDirectory(prefix="cms-newcomer-") as temporary:
        folder = Path(temporary) / "clone"
        clone = ["git", "clone", "--quiet", "--no-hardlinks", str(TREE), str(folder)]
        subprocess.run(clone, check=True)
        port = free_port()
        env = clean_environment() | {"PORT": str(port), "CMS_DATA_DIR": f"{temporary}/data"}
        before = first_visit(score, folder, env, port)
        second_visit(score, folder, env, port, before)
    print(f"{score.passed} passed, {score.failed} failed")
    return 1 if score.failed else 0


def first_visit(score: Score, folder: Path, env: dict[str, str], port: int) -> Any:
    run = Run(folder, env)
    try:
        print(f"     the first run was up in {run.wait_until_up(FIRST_SECONDS):.1f} s")
        score.check("the first run shows a password", "Password:" in run.output)
        score.check("it names article, reference and admin", names_places(run.output, port))
        check_article(score, folder / ORIGINAL, port)
        check_comments(score, run, port)
        return public_answers(port)
    finally:
        ended = run.stop(lambda: os.killpg(run.process.pid, signal.SIGINT))
        score.check(f"Ctrl-C ends every process {run.left_over()}", ended)
        score.check("the port is free again", is_free(port))


def second_visit(score: Score, folder: Path, env: dict[str, str], port: int, before: Any) -> None:
    stored = rows(Path(env["CMS_DATA_DIR"]))
    run = Run(folder, env)
    try:
        seconds = run.wait_until_up(LATER_SECONDS)
        print(f"     the second run was up in {seconds:.1f} s")
        score.check("the second run shows no password", "Password:" not in run.output)
        score.check("it loads nothing again", "Loaded" not in run.output)
        changed = differing(stored, rows(Path(env["CMS_DATA_DIR"])))
        score.check(f"it changes no row of the database {changed}", stored != {} and not changed)
        changed = differing(before, public_answers(port))
        score.check(f"every public answer is the same, to the letter {changed}", not changed)
        check_comments(score, run, port)
    finally:
        ended = run.stop(run.process.terminate)
        score.check(f"SIGTERM ends every process {run.left_over()}", ended)
        score.check("the port is free again", is_free(port))


def check_article(score: Score, original: Path, port: int) -> None:
    """Each sentence of the original at the printed address, and nothing besides."""
    wanted = shipped_article.sentences(original)
    faqs = fetch(port, f"/api/v1/posts/{ARTICLE}/faqs")["data"]
    text = shipped_article.told(fetch(port, f"/api/v1/posts/{ARTICLE}")["data"], faqs)
    lost = shipped_article.missing(wanted, text)
    score.check(f"all {len(wanted)} sentences of the article are served, in order {lost}", not lost)
    score.check("nothing else is served as the article", " ".join(wanted) == text)


def check_comments(score: Score, run: Run, port: int) -> None:
    """The two lines, each pasted into a new shell in another folder."""
    count = len(new_comments(port))
    paste(run.to_paste[0], run.env)
    score.check("a new comment is not shown", len(new_comments(port)) == count)
    paste(run.to_paste[1], run.env)
    score.check("once approved, it is", len(new_comments(port)) == count + 1)


def paste(line: str, env: dict[str, str]) -> None:
    bare = {name: value for name, value in env.items() if name not in ("CMS_DATA_DIR", "PORT")}
    subprocess.run(["bash", "-c", line], cwd="/", env=bare, check=True, timeout=60)
    print()


def names_places(output: str, port: int) -> bool:
    site = f"http://127.0.0.1:{port}"
    places = [f"{site}/api/v1/posts/{ARTICLE}", f"{site}/api/docs", "admin@example.org"]
    return all(place in output for place in places) and all(map(answers, places[:2]))


def answers(url: str) -> bool:
    with urllib.request.urlopen(url) as answer:  # noqa: S310
        return answer.status == 200


def public_answers(port: int) -> dict[str, Any]:
    return {path: fetch(port, f"/api/v1/{path}") for path in PUBLIC}


def rows(data: Path) -> dict[str, Any]:
    """Every row of every table."""
    database = sqlite3.connect(f"file:{data / 'site.db'}?mode=ro", uri=True)
    with closing(database):
        tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        return {
            name: sorted(map(repr, database.execute(f'SELECT * FROM "{name}"')))  # noqa: S608
            for (name,) in tables
        }


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return sorted(name for name in before | after if before.get(name) != after.get(name))


def new_comments(port: int) -> list[str]:
    thread = fetch(port, f"/api/v1/posts/{ARTICLE}/comments?sort=-created_at")
    return NEW_COMMENT.findall(json.dumps([one["body"]["text"] for one in thread["data"]]))


def fetch(port: int, path: str) -> dict:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return json.load(answer)


def clean_environment() -> dict[str, str]:
    """The machine's own, without what is set for this project or by the `make` that runs us."""
    ours = ("CMS_", "MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
