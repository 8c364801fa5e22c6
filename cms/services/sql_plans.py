"""What leads each database to the index that was meant: conditions, and columns hidden from it."""

from typing import Any

from sqlalchemy import Text
from sqlalchemy.sql.functions import FunctionElement

from cms.services.sql import spell, spell_each


class unindexed(FunctionElement[Any]):
    """A column, hidden from SQLite's choice of an index. PostgreSQL chooses by statistics."""

    inherit_cache = True


class apart(FunctionElement[str]):
    """A text column, hidden from all indexes but partial ones whose condition says it like this."""

    inherit_cache = True
    type = Text()


class unestimated(FunctionElement[Any]):
    """A time, hidden from PostgreSQL's statistics as well: it would take two conditions that mean
    the same for independent, and plan for a handful of rows where thousands are.
    """

    inherit_cache = True


class is_among(FunctionElement[bool]):
    """`is_among(key, rows)`: `key` is one of the few that `rows`, a scalar subquery, find.

    They are read first, and each is looked up. For PostgreSQL they are an array: a join it would
    plan by guesses, and walk along a whole table to merge it with what has no match. Without a
    type, as `matches`.
    """

    inherit_cache = True


class truth(FunctionElement[bool]):
    """A boolean column as the partial indexes spell it.

    Without a type, as `matches`: SQLite does not take `past = 1` for `past`.
    """

    inherit_cache = True


class sqlite_alone(FunctionElement[bool]):
    """A condition that another one implies, for SQLite's choice of an index.

    PostgreSQL needs none, and would count what is rare as rare twice. Without a type, as `matches`.
    """

    inherit_cache = True


spell_each(is_among, sqlite="{0} IN {1}", postgresql="{0} = ANY (ARRAY{1})")
spell(unindexed, sqlite="+{}", postgresql="{}")
spell(truth, sqlite="{}", postgresql="{}")
spell(apart, sqlite="+{}", postgresql="({} || '')")
spell(sqlite_alone, sqlite="({})", postgresql="true")
spell(unestimated, sqlite="+{}", postgresql="({} + interval '0')")
