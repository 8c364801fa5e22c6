"""The seeds that come with the program, and a demo that is quick to load."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select

from cms.database import transaction
from cms.extensions import db
from cms.importers import seeds
from cms.importers.seed_records import SeedSet
from cms.models import Post
from cms.services import seeding

ARTICLE = "medical-massage-multiple-sclerosis"
API = f"/api/v1/posts/{ARTICLE}"
SEEDS = Path(__file__).parents[2] / "seeds"
KEPT = {
    "first-medical-massage-appointment",
    "when-to-postpone-a-massage",
    "heat-sensitivity-and-the-treatment-room",
    "keeping-a-symptom-diary",
}

SITE = seeds.read(SEEDS)
WHOLE_DEMO = seeds.read(SEEDS / "demo", known=SITE)


def few_of(demo: SeedSet) -> SeedSet:
    """Four of its posts, with what belongs to them."""
    posts = tuple(one for one in demo.posts if one.slug in KEPT)
    comments = tuple(one for one in demo.comments if one.post in KEPT | {ARTICLE})
    picks = {
        slug: tuple(one for one in many if one.slug in KEPT | {ARTICLE})
        for slug, many in demo.picks.items()
        if slug in KEPT | {ARTICLE}
    }
    return replace(demo, posts=posts, comments=comments, picks=picks)


DEMO = few_of(WHOLE_DEMO)


def load(name: str, content: SeedSet) -> Counter[str]:
    with transaction():
        made = seeding.load_content(name, content)
    with transaction():
        return made + seeding.load_comments(name, content)


def load_both() -> None:
    load("site", SITE)
    load("demo", DEMO)


def post_id(slug: str = ARTICLE) -> str:
    return db.session.scalar(select(Post.id).where(Post.slug == slug))
