"""Options of SELECT and MULTI_SELECT fields: what they may be, and what a change of them does to stored values.

An option keeps its values through its `id`: one sent without the id it had is a new one, and every value of the old
one is emptied, even where both are spelled alike (GRAPHQL section 9; `metadata`, numbers 68 to 71).
"""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from adapters.sandbox.fieldtypes import RATINGS
from adapters.sandbox.metadata.refusals import Problem
from adapters.sandbox.model import FieldMeta, ObjectMeta
from adapters.sandbox.stored import json_text
from adapters.sandbox.tables import quoted

OPTION_TYPES = frozenset({"SELECT", "MULTI_SELECT"})

_VALUE = re.compile(r"[A-Z_][A-Z0-9_]*")

Option = dict[str, Any]


def with_ids(options: Any) -> list[Option]:
    """The options as they are kept: those sent without an id are given one, and keys have one order, as in jsonb."""
    sent = options if isinstance(options, list) else []
    return [_with_id(option) for option in sent if isinstance(option, dict)]


def rating_options() -> list[Option]:
    """The options every RATING field has."""
    return with_ids([{"label": value[-1], "value": value, "position": at} for at, value in enumerate(RATINGS)])


def option_problems(options: Sequence[Option]) -> list[Problem]:
    """What is wrong with a field's options (`metadata`, numbers 45 to 48)."""
    if not options:
        return [Problem("INVALID_FIELD_INPUT", "Options are required for enum fields", value=[])]
    problems = [problem for option in options for problem in _problems_of_one(option)]
    values = [option.get("value") for option in options]
    if len({str(value) for value in values}) < len(values):
        problems.append(Problem("INVALID_FIELD_INPUT", "Duplicated option value", value=list(options)))
    return problems


def carry_values(
    connection: sqlite3.Connection, item: ObjectMeta, field: FieldMeta, options: Sequence[Mapping[str, Any]]
) -> None:
    """Make the stored values of `field` follow its new `options`: by id, and emptied where the id is gone."""
    renamed = {option["id"]: option["value"] for option in options}
    moves = {option["value"]: renamed.get(option["id"]) for option in field.options or ()}
    if all(old == new for old, new in moves.items()):
        return
    table, column = quoted(item.table), quoted(field.columns[0].name)
    held = connection.execute(f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()  # noqa: S608
    kept = [(_moved(field, stored, moves), stored, own_id) for own_id, stored in held]
    changed = [(new, own_id) for new, stored, own_id in kept if new != stored]
    connection.executemany(f"UPDATE {table} SET {column} = ? WHERE id = ?", changed)  # noqa: S608  quoted identifiers


def _with_id(option: Option) -> Option:
    named = option if isinstance(option.get("id"), str) else {**option, "id": str(uuid4())}
    return {name: _plain(named[name]) for name in sorted(named)}


def _plain(value: Any) -> Any:
    """A value as PostgreSQL's jsonb gives it back to JavaScript: 2.0 and 2 are one number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _problems_of_one(option: Option) -> list[Problem]:
    value, label = str(option.get("value", "")), str(option.get("label", ""))
    problems = []
    if _VALUE.fullmatch(value) is None:
        message = f'Value must be in UPPER_CASE and follow snake_case "{value}"'
        problems.append(Problem("INVALID_FIELD_INPUT", message, value=value))
    if "," in label:
        problems.append(Problem("INVALID_FIELD_INPUT", "Label must not contain a comma", value=label))
    return problems


def _moved(field: FieldMeta, stored: str, moves: Mapping[str, str | None]) -> str | None:
    if field.type == "SELECT":
        return moves.get(stored)
    kept = [moves[value] for value in json.loads(stored) if moves.get(value) is not None]
    return json_text(kept) if kept else None
