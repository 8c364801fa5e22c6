"""The tree of categories: what one is in, what is below it, and where it may go."""

from typing import Any

from sqlalchemy import func, literal, select

from cms.errors import Invalid
from cms.extensions import db
from cms.models import Category

# How deep categories may be inside each other, the top one included.
MOST_LEVELS = 20


def lineage(category_id: str | None) -> list[str]:
    """A category and all that it is in, from the inside out.

    It stays true to the commit while the caller holds `locks.share_filing`.
    """
    if category_id is None:
        return []
    start = select(Category.id, Category.parent_id, literal(1).label("height"))
    up = start.where(Category.id == category_id).cte("up", recursive=True)
    above = select(Category.id, Category.parent_id, up.c.height + 1)
    up = up.union_all(above.join(up, Category.id == up.c.parent_id))
    return list(db.session.scalars(select(up.c.id).order_by(up.c.height)))


def path(category: Category) -> list[Category]:
    """What a category is in, from the top."""
    ids = lineage(category.parent_id)
    known = {
        one.id: one for one in db.session.scalars(select(Category).where(Category.id.in_(ids)))
    }
    return [known[one] for one in reversed(ids)]


def check_place(category_id: str | None, parent_id: str, pointer: str) -> None:
    """Raises Invalid where a category, with all below it, can not go into another.

    `category_cycle`: it would be inside itself; `category_too_deep`. None: it is a new one.
    """
    above = lineage(parent_id)
    if category_id in above:
        raise Invalid(pointer, "A category can not be inside itself.", reason="category_cycle")
    check_depth(len(above) + _height(category_id), pointer)


def check_depth(levels: int, pointer: str) -> None:
    """Raises Invalid (`category_too_deep`)."""
    if levels > MOST_LEVELS:
        detail = f"Categories go {MOST_LEVELS} levels deep at most; this would make {levels}."
        raise Invalid(pointer, detail, reason="category_too_deep")


def levels_below(category_id: str) -> int:
    """How many levels there are under a category."""
    return _height(category_id) - 1


def _height(category_id: str | None) -> int:
    if category_id is None:
        return 1
    start: Any = select(Category.id, literal(1).label("height")).where(Category.id == category_id)
    down = start.cte("down", recursive=True)
    below = select(Category.id, down.c.height + 1)
    down = down.union_all(below.join(down, Category.parent_id == down.c.id))
    return db.session.scalar(select(func.max(down.c.height)))
