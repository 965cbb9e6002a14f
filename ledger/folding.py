"""Running the projections' folds over events: in the append's own transaction, and from zero.

The tables are loaded by who makes them: SQLModel takes longer to load than many an append.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
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
_ITEM = "item_"
_encode = msgspec.json.Encoder(order="sorted").encode

Values = Callable[[Any], tuple[Any, ...]]


class _Statement(msgspec.Struct, frozen=True):
    """A fold's statement with its parameters by place: by name they take SQLite's driver twice as long.

    One that names an attribute of an item (`:item_key`) is run once an item.
    """

    sql: str
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
    return _Statement(
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
def _wanted(type_name: str) -> _Wanted:
    statements = [_prepared(statement) for statement in FOLDS.get(type_name, ())]
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
    wanted = _wanted(row.type)
    named = dict(zip(wanted.names, wanted.of_row(row) + wanted.of_own(own), strict=True))
    for name in wanted.nested:
        value = named[name]
        named[name] = value if type(value) in _PLAIN else _encode(value).decode()
    if wanted.is_batch:
        named["items"] = own.items  # type: ignore[attr-defined]
    return named


def fold(connection: sqlite3.Connection, events: Iterable[Mapping[str, Any]]) -> None:
    """Run the folds of events given as `parameters`, in order."""
    for type_name, group in groupby(events, key=itemgetter("type")):
        rows = list(group)
        for statement in map(_prepared, FOLDS.get(type_name, ())):
            connection.executemany(statement.sql, statement.values(rows))


def refold(
    connection: sqlite3.Connection, page: int = 2000, progress: Callable[[int], None] = lambda _position: None
) -> int:
    """Fold every event of the ledger into (empty) projection tables, telling how far it is; answers the last position.

    Raises:
        VerificationFailed: an event cannot be read.
    """
    cursor = connection.execute(f"SELECT {', '.join(Chained.__struct_fields__)} FROM event ORDER BY position")
    last = 0
    while rows := cursor.fetchmany(page):
        events = [Chained(*row) for row in rows]
        fold(connection, [parameters(row, attributes(row)) for row in events])
        last = events[-1].position
        progress(last)
    return last


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


def differences(connection: sqlite3.Connection, left: str, right: str) -> list[str]:
    """Names of the projection tables whose rows differ between two attached schemas."""
    from ledger.tables import TABLES

    return [table.name for table in TABLES if _differ(connection, table.name, left, right)]


def _differ(connection: sqlite3.Connection, table: str, left: str, right: str) -> bool:
    for one, other in ((left, right), (right, left)):
        query = f"SELECT 1 FROM (SELECT * FROM {one}.{table} EXCEPT SELECT * FROM {other}.{table}) LIMIT 1"
        if connection.execute(query).fetchone() is not None:
            return True
    return False
