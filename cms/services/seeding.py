"""Load seed files through the services, so that seeds obey the rules that editors obey.

Every record is loaded once. What an editor has renamed, changed or removed since stays as it is.
"""

from collections import Counter
from dataclasses import replace

from flask import current_app
from sqlalchemy import delete, func, select

from cms.actor import OPERATOR
from cms.errors import Conflict
from cms.extensions import db
from cms.importers.seed_records import SeedSet
from cms.models import Author, Category, Comment, Faq, Post, Seeded, Tag
from cms.services import entries, removal, seed_comments, taxonomy
from cms.services.seed_ledger import REMOVED, Ledger, names
from cms.services.seed_steps import CONTENT, Loading, add_comments


def is_loaded(set_name: str, seeds: SeedSet) -> bool:
    """Whether nothing is left to load: one query. A set that was taken away stays away."""
    ledger = Ledger(set_name)
    return REMOVED in ledger or ledger.holds_all(names(_of_this_site(seeds)))


def load_content(set_name: str, seeds: SeedSet) -> Counter[str]:
    """Load what was not loaded before; answer how many objects of each kind that made."""
    loading = Loading(Ledger(set_name), _of_this_site(seeds))
    for step in CONTENT:
        step(loading)
        db.session.flush()
    return loading.made


def load_comments(set_name: str, seeds: SeedSet) -> Counter[str]:
    """The same for comments, in a later transaction: readers comment on what is public already."""
    loading = Loading(Ledger(set_name), _of_this_site(seeds))
    add_comments(loading)
    return loading.made


def allow_again(set_name: str) -> None:
    """Let a set that was taken away be loaded once more."""
    _forget(set_name, only=REMOVED)


def remove(set_name: str) -> Counter[str]:
    """Take away what a set made, edited or not, and keep it away.

    Comments that readers left on its posts, or in answer to its comments, go with them and are
    counted as `reader comment`. Terms that something else uses stay.
    """
    made = Ledger(set_name).made()
    removed = Counter({"reader comment": _reader_comments(made["post"], made["comment"])})
    removed["comment"] = len(made["comment"])
    seed_comments.remove_all(made["comment"])
    for kind, model in (("post", Post), ("faq", Faq)):
        for entry_id in made[kind]:
            removal.remove_entry(OPERATOR, entries.lock(model, entry_id))
            removed[kind] += 1
    for kind, model in (("author", Author), ("tag", Tag), ("category", Category)):
        removed[kind] = sum(_remove_term(model, one) for one in reversed(made[kind]))
    _forget(set_name)
    Ledger(set_name).keep(*REMOVED, None)
    return +removed


def _of_this_site(seeds: SeedSet) -> SeedSet:
    """Leave out what is in a language that the site does not have."""
    locales = current_app.config["CMS"].locales
    gone = {post.slug for post in seeds.posts if post.locale not in locales}
    return replace(
        seeds,
        faqs=tuple(faq for faq in seeds.faqs if faq.locale in locales),
        posts=tuple(post for post in seeds.posts if post.slug not in gone),
        comments=tuple(one for one in seeds.comments if one.post not in gone),
        picks={slug: picks for slug, picks in seeds.picks.items() if slug not in gone},
    )


def _reader_comments(post_ids: list[str], comment_ids: list[str]) -> int:
    there = Comment.post_id.in_(post_ids) | Comment.root_id.in_(comment_ids)
    theirs = select(func.count()).select_from(Comment).where(there, Comment.id.not_in(comment_ids))
    return db.session.scalar(theirs)


def _remove_term(model: type[Tag | Category | Author], term_id: str) -> bool:
    try:
        taxonomy.remove(OPERATOR, model, term_id, None)
    except Conflict:
        return False
    db.session.flush()
    return True


def _forget(set_name: str, only: tuple[str, str] | None = None) -> None:
    rows = delete(Seeded).where(Seeded.set_name == set_name)
    if only is not None:
        rows = rows.where(Seeded.kind == only[0], Seeded.key == only[1])
    db.session.execute(rows)
    db.session.expire_all()
