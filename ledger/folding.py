"""Running the projections' folds over events: in the append's own transaction, and from zero."""

from collections.abc import Callable, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from ledger import views
from ledger.events import attributes
from ledger.projections import FOLDS, TABLES

_PLAIN = frozenset({str, int, bool, type(None)})
_encode = msgspec.json.Encoder(order="sorted").encode


def parameters(columns: Mapping[str, Any], own: msgspec.Struct) -> dict[str, Any]:
    """What a fold's statement may name: the row's columns and the event's own attributes, nested ones as JSON."""
    flat = {
        name: value if type(value) in _PLAIN else _encode(value).decode()
        for name, value in msgspec.structs.asdict(own).items()
    }
    return {**columns, **flat}


def fold(connection: Connection, events: Iterable[Mapping[str, Any]]) -> None:
    """Run the folds of events given as `parameters`, in order."""
    for type_name, group in groupby(events, key=itemgetter("type")):
        statements = FOLDS.get(type_name, ())
        if not statements:
            continue
        rows = list(group)
        for statement in statements:
            connection.exec_driver_sql(statement, rows)


def refold(connection: Connection, page: int = 2000, progress: Callable[[int], None] = lambda _position: None) -> int:
    """Fold every event of the ledger into (empty) projection tables, telling how far it is; answers the last position.

    Raises:
        VerificationFailed: an event cannot be read.
    """
    after = 0
    while rows := _page(connection, after, page):
        fold(connection, [_parameters_of(row) for row in rows])
        after = rows[-1]["position"]
        progress(after)
    return after


def _page(connection: Connection, after: int, size: int) -> list[Mapping[str, Any]]:
    statement = "SELECT * FROM event WHERE position > :after ORDER BY position LIMIT :size"
    return [dict(row) for row in connection.exec_driver_sql(statement, {"after": after, "size": size}).mappings()]


def _parameters_of(row: Mapping[str, Any]) -> dict[str, Any]:
    return parameters(row, attributes(row))


def recreate(connection: Connection) -> None:
    """Drop projections and views, with whatever was done to them, and make them anew, empty."""
    for table in TABLES:
        table.drop(connection, checkfirst=True)
        table.create(connection)
    views.make(connection)


def differences(connection: Connection, left: str, right: str) -> list[str]:
    """Names of the projection tables whose rows differ between two attached schemas."""
    return [table.name for table in TABLES if _differ(connection, table.name, left, right)]


def _differ(connection: Connection, table: str, left: str, right: str) -> bool:
    for one, other in ((left, right), (right, left)):
        query = f"SELECT 1 FROM (SELECT * FROM {one}.{table} EXCEPT SELECT * FROM {other}.{table}) LIMIT 1"
        if connection.exec_driver_sql(query).first() is not None:
            return True
    return False
