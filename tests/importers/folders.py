"""A small folder of seeds that is right, and how to spoil it."""

from pathlib import Path

import pytest

from cms.importers.seed_errors import SeedError
from cms.importers.seeds import read

FILES = {
    "taxonomy.yaml": """\
categories: [{slug: care, name: Care}, {slug: home, name: Home, parent: care}]
tags: [{slug: sleep, name: Sleep}]
authors: [{slug: team, name: The team, credentials: null}]
""",
    "faqs/why.md": """\
---
slug: why
question: Why?
locale: en
tags: [sleep]
position: 1
---
Because.
""",
    "posts/one.md": """\
---
slug: one
title: One
locale: en
category: home
tags: [sleep]
authors: [team]
excerpt: First.
published_at: 2026-01-12T10:00:00+01:00
faqs: [why]
related: [{slug: two, note: Next}]
seo: {title: First}
---
The text.
""",
    "posts/two.md": """\
---
slug: two
title: Two
locale: en
category: care
authors: [team]
excerpt: Second.
published: false
---
More text.
""",
    "related.yaml": "two: [{slug: one}]\n",
    "comments.yaml": """\
- {key: a, post: one, author_name: A, author_email: a@example.org, body: Hello,
   status: approved, created_at: 2026-02-01T00:00:00Z}
- {key: b, post: one, author_name: B, author_email: b@example.org, body: Hi,
   status: pending, created_at: 2026-02-02T00:00:00Z, reply_to: a}
""",
}


def write(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def edit(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text("utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), "utf-8")


def refusal(folder: Path) -> str:
    """What is said about a folder that can not be read, without the folder's own name."""
    with pytest.raises(SeedError) as refused:
        read(folder)
    where, _, fault = str(refused.value).partition(f"{folder}: ")
    assert where == ""
    return fault
