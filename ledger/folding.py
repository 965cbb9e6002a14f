"""Running the projections' folds over events: in the append's own transaction, and from zero.

The tables are loaded by who makes them: SQLModel takes longer to load than many an append.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from operator import attrgetter, itemgetter
from types import UnionType
from typing import Any, get_args

import msgspec

from ledger import views
from ledger.events import EVENTS, attributes, shape_of
from ledger.hashing import Chained
from ledger.projections import FOLDS

_PLAIN = frozenset({str, int, bool, type(None)})
_NAME = re.compile(r":([a-z]\w*)")
_TABLE = re.compile(r"^\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM) (\w+)")
_ITEM = "item_"
_PAGE = 2000
"""Events that are folded at once."""

_encode = msgspec.json.Encoder(order="sorted").encode

Values = Callable[[Any], tuple[Any, ...]]


class _Statement(msgspec.Struct, frozen=True):
    """A fold's statement with its parameters by place: by name they take SQLite's driver twice as long.

    One that names an attribute of an item (`:item_key`) is run once an item.
    """

    sql: str
    table: str
    names: frozenset[str]
    of_event: Values
    of_item: Values | None

    def values(self, events: Iterable[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
        """The parameters of every run of it for some events."""
        if self.of_item is None:
            return list(map(self.of_event, events))
        of_item = self.of_item
        return [event + item for one in events for event in [self.of_event(one)] for item in map(of_item, one["items"])]


@cache
def _prepared(statement: str) -> _Statement:
    named = dict.fromkeys(_NAME.findall(statement))
    names = [name for name in named if not name.startswith(_ITEM)]
    items = [name for name in named if name.startswith(_ITEM)]
    places = {name: f"?{place}" for place, name in enumerate([*names, *items], start=1)}
    [table] = _TABLE.findall(statement)
    return _Statement(
        table=table,
        sql=_NAME.sub(lambda found: places[found[1]], statement),
        names=frozenset(names),
        of_event=_tuple(itemgetter, names),
        of_item=_tuple(attrgetter, [name.removeprefix(_ITEM) for name in items]) if items else None,
    )


def _tuple(getter: Callable[..., Callable[[Any], Any]], names: Sequence[str]) -> Values:
    if not names:
        return lambda _source: ()
    read = getter(*names)
    return read if len(names) > 1 else lambda source: (read(source),)


class _Wanted(msgspec.Struct, frozen=True):
    """What the statements of one event type name, of the columns of its row and of its own attributes."""

    names: tuple[str, ...]
    of_row: Values
    of_own: Values
    nested: tuple[str, ...]
    is_batch: bool


@cache
def _wanted(type_name: str, folds: tuple[str, ...]) -> _Wanted:
    statements = [_prepared(statement) for statement in folds]
    used = frozenset[str]().union(*(statement.names for statement in statements))
    columns = sorted({"type", "object"} | used & set(Chained.__struct_fields__))
    own = sorted(used.difference(columns))
    types = {field.name: field.type for field in msgspec.structs.fields(shape_of(EVENTS[type_name]).attributes)}
    return _Wanted(
        names=(*columns, *own),
        of_row=_tuple(attrgetter, columns),
        of_own=_tuple(attrgetter, own),
        nested=tuple(name for name in own if not _is_plain(types[name])),
        is_batch=any(statement.of_item for statement in statements),
    )


def _is_plain(type_: Any) -> bool:
    return _PLAIN.issuperset(get_args(type_) if isinstance(type_, UnionType) else (type_,))


def parameters(row: Chained, own: msgspec.Struct) -> dict[str, Any]:
    """What the statements of an event's type name, of its row's columns and of its own attributes.

    Nested ones are JSON; items stay what they are, since statements name their attributes.
    """
    wanted = _wanted(row.type, FOLDS.get(row.type, ()))
    named = dict(zip(wanted.names, wanted.of_row(row) + wanted.of_own(own), strict=True))
    for name in wanted.nested:
        value = named[name]
        named[name] = value if type(value) in _PLAIN else _encode(value).decode()
    if wanted.is_batch:
        named["items"] = own.items  # type: ignore[attr-defined]
    return named


def fold(connection: sqlite3.Connection, events: Iterable[Mapping[str, Any]]) -> None:
    """Run the folds of events given as `parameters`, in order."""
    _fold(connection, events, None)


def _fold(connection: sqlite3.Connection, events: Iterable[Mapping[str, Any]], tables: frozenset[str] | None) -> None:
    for type_name, group in groupby(events, key=itemgetter("type")):
        rows = list(group)
        for statement in _statements(type_name, tables):
            connection.executemany(statement.sql, statement.values(rows))


def _statements(type_name: str, tables: frozenset[str] | None) -> list[_Statement]:
    every = map(_prepared, FOLDS.get(type_name, ()))
    return [one for one in every if tables is None or one.table in tables]


def refold(connection: sqlite3.Connection, progress: Callable[[int], None] = lambda _position: None) -> int:
    """Fold every event of the ledger into (empty) projection tables, telling how far it is; answers the last position.

    Raises:
        VerificationFailed: an event cannot be read.
    """
    last = 0
    for rows in _pages(connection, ""):
        fold(connection, [parameters(row, attributes(row)) for row in rows])
        last = rows[-1].position
        progress(last)
    return last


def refold_some(
    connection: sqlite3.Connection,
    tables: frozenset[str],
    *,
    read_all: bool,
    progress: Callable[[int], None] = lambda _position: None,
) -> None:
    """The same into some tables only, which fold from nothing else; events that fill none are read if asked.

    Raises:
        VerificationFailed: an event cannot be read.
    """
    filling = [name for name in FOLDS if _statements(name, tables)]
    only = "" if read_all else f"WHERE +type IN ({', '.join(map(repr, filling))})"
    for rows in _pages(connection, only):
        _fold(connection, [parameters(row, attributes(row)) for row in rows], tables)
        progress(rows[-1].position)


def _pages(connection: sqlite3.Connection, where: str) -> Iterator[list[Chained]]:
    columns = ", ".join(Chained.__struct_fields__)
    cursor = connection.execute(f"SELECT {columns} FROM event {where} ORDER BY position")
    while rows := cursor.fetchmany(_PAGE):
        yield [Chained(*row) for row in rows]


def rebuild(connection: sqlite3.Connection) -> int:
    """Drop projections and views, with whatever was done to them, and make them anew; answers the last position.

    Raises:
        VerificationFailed: an event cannot be read.
    """
    from ledger.tables import TABLES, ddl

    for table in TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {table.name}")
        connection.execute(ddl.table(table))
        run(connection, ddl.indexes(table, folding=True))
    last = refold(connection)
    for table in TABLES:
        run(connection, ddl.indexes(table, folding=False))
    views.make(connection)
    return last


def run(connection: sqlite3.Connection, statements: Iterable[str]) -> None:
    """Run statements that answer nothing."""
    for statement in statements:
        connection.execute(statement)
