"""Objects that nearly every request of an editor writes: each by a statement that was made once.

A flush looks at all that a session holds, sorts it and writes its statements anew. That takes ten
times as long as the database does, while others wait for the write lock.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Insert, Table, Update, bindparam, insert, inspect, update
from sqlalchemy.orm import InstanceState, Mapper, make_transient_to_detached

from cms import writing
from cms.extensions import db
from cms.models import Base


def write(one: Base) -> None:
    """Write an object now: a new one with all that it links to, else what was changed of it.

    The session knows it afterwards, as after a flush. A new one is not to be added before. Raises
    what a flush would. Where the transaction is rolled back, the session goes on knowing a new one:
    not for a savepoint, and whoever goes on after a rollback begins with another session.
    """
    state = inspect(one)
    if state.persistent:
        _change(state)
        return
    _insert([state])
    for link in state.mapper.relationships:
        _insert(brought := _linked(state, link))
        for row in brought:
            make_transient_to_detached(row.obj())
    state.mapper.dispatch.after_insert(state.mapper, db.session.connection(), state)
    make_transient_to_detached(one)
    db.session.add(one)


def _linked(state: InstanceState[Any], link: Any) -> list[InstanceState[Any]]:
    """The rows of one kind that a new object brings along, which name it from now on."""
    found = [inspect(one) for one in state.dict.get(link.key) or ()]
    for mine, theirs in link.local_remote_pairs if found else ():
        value = state.dict[state.mapper.get_property_by_column(mine).key]
        key = link.mapper.get_property_by_column(theirs).key
        for one in found:
            one.dict[key] = value
    return found


def _insert(states: Sequence[InstanceState[Any]]) -> None:
    """Write new objects of one kind, parts of another or not, each with a value for each column."""
    for statement, columns, numbered in _inserts(states[0].mapper) if states else ():
        rows = [
            {name: _value(state, key, default) for name, key, default in columns}
            for state in states
        ]
        found = writing.run(statement, *rows)
        if numbered:
            ((states[0].dict[numbered],),) = found


def _value(state: InstanceState[Any], key: str, default: Any) -> Any:
    if key not in state.dict:
        made = default and (default.arg(None) if default.is_callable else default.arg)
        state.dict[key] = made
    return state.dict[key]


# A statement; for each column its name, that of the attribute, and its default; the attribute that
# the database numbers.
Plan = tuple[Insert, list[tuple[str, str, Any]], str | None]


@cache
def _inserts(mapper: Mapper[Any]) -> list[Plan]:
    return [_insert_into(mapper, table) for table in mapper.tables]


def _insert_into(mapper: Mapper[Any], table: Table) -> Plan:
    number = table.autoincrement_column
    columns = [
        (column.key, mapper.get_property_by_column(column).key, column.default)
        for column in table.c
        if column is not number
    ]
    if number is None:
        return insert(table), columns, None
    return insert(table).returning(number), columns, mapper.get_property_by_column(number).key


def _change(state: InstanceState[Any]) -> None:
    before = state.committed_state
    if before.keys() & state.mapper.relationships.keys():
        # What it links to has changed as well.
        db.session.flush()
        return
    changed = {name for name, value in before.items() if value != state.dict[name]}
    for table in state.mapper.tables:
        _update(state, table, changed)
    if changed:
        state.mapper.dispatch.after_update(state.mapper, db.session.connection(), state)
    # As a flush says it.
    state._commit_all(state.dict, db.session.identity_map)


def _update(state: InstanceState[Any], table: Table, changed: set[str]) -> None:
    named = {column.key: state.mapper.get_property_by_column(column).key for column in table.c}
    row = {name: state.dict[key] for name, key in named.items() if key in changed}
    if row:
        keys = {f"of_{one.key}": state.dict[named[one.key]] for one in table.primary_key}
        writing.run(_changed(table), row | keys)


@cache
def _changed(table: Table) -> Update:
    mine = [column == bindparam(f"of_{column.key}") for column in table.primary_key]
    return update(table).where(*mine)
