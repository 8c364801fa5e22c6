"""Read seed content: a folder of Markdown and YAML in, plain records out.

It never touches a database. What is wrong, misspelt or points nowhere is refused here, naming the
file and the field, so that whoever saves the records need not look again.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import frontmatter
import yaml

from cms.importers.seed_errors import naming
from cms.importers.seed_fields import mapping, picks, record, records, refuse_unknown_fields
from cms.importers.seed_links import refuse_loose_ends, refuse_repeats
from cms.importers.seed_records import (
    TAXONOMY,
    SeedComment,
    SeedFaq,
    SeedPick,
    SeedPost,
    SeedSet,
)


def read(folder: Path, known: SeedSet | None = None) -> SeedSet:
    """Read `taxonomy.yaml`, `faqs/`, `posts/`, `comments.yaml` and `related.yaml`, where present.

    `known` is a set that this one adds to: what is in it may be named here, but not be there again.
    Raises SeedError for the first fault.
    """
    known = known or SeedSet()
    with naming(folder):
        if not folder.is_dir():
            raise ValueError("there is no such folder")
        seeds = unchecked(folder)
        refuse_repeats(seeds, known)
        refuse_loose_ends(seeds, known)
        return seeds


def unchecked(folder: Path) -> SeedSet:
    posts = tuple(documents(folder / "posts", SeedPost, "body"))
    return SeedSet(
        **taxonomy(folder / "taxonomy.yaml"),
        faqs=tuple(documents(folder / "faqs", SeedFaq, "answer")),
        posts=posts,
        comments=comments(folder / "comments.yaml"),
        picks=MappingProxyType(all_picks(folder / "related.yaml", posts)),
    )


def taxonomy(path: Path) -> dict[str, tuple[Any, ...]]:
    found = {}
    with naming(path.name):
        raw = mapping(loaded(path, absent={}))
        refuse_unknown_fields(raw, TAXONOMY)
        for name, kind in TAXONOMY.items():
            with naming(name):
                found[name] = records(kind, raw.get(name, []))
    return found


def documents(folder: Path, kind: type, content: str) -> Iterator[Any]:
    for path in sorted(folder.glob("*.md")):
        with naming(f"{folder.name}/{path.name}"):
            front, below = frontmatter.parse(path.read_text("utf-8-sig"))
            document = record(kind, front, **{content: below})
            if document.slug != path.stem:
                raise ValueError("slug: must be the name of the file, without .md")
            yield document


def comments(path: Path) -> tuple[SeedComment, ...]:
    with naming(path.name):
        return records(SeedComment, loaded(path, absent=[]))


def all_picks(path: Path, posts: Iterable[SeedPost]) -> dict[str, tuple[SeedPick, ...]]:
    found = {post.slug: post.related for post in posts if post.related}
    with naming(path.name):
        for name, raw in mapping(loaded(path, absent={})).items():
            with naming(name):
                if name in found:
                    raise ValueError("the post names its related posts in its own file")
                found[name] = picks(raw)
    return found


def loaded(path: Path, absent: Any) -> Any:
    return yaml.safe_load(path.read_text("utf-8-sig")) if path.exists() else absent
