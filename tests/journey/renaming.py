"""People renaming elements of Twenty's data model, which the embedded Twenty's API cannot do: in its database."""

import json
from typing import Any

from tests.journey.world import Journey


def rename_field(journey: Journey, object_name: str, old: str, new: str) -> None:
    """Give a field another name, its column (a relation's too) with it."""
    [(field_id, text, table)] = journey.sql(
        """SELECT core_field.id, core_field.body, core_object.body FROM core_field
           JOIN core_object ON core_object.id = objectId WHERE nameSingular = ? AND name = ?""",
        object_name,
        old,
    )
    body, column = {**json.loads(text), "name": new}, old
    if join := (body["settings"] or {}).get("joinColumnName"):
        body["settings"], column = {**body["settings"], "joinColumnName": f"{new}Id"}, join
    journey.sql("UPDATE core_field SET name = ?, body = ? WHERE id = ?", new, json.dumps(body), field_id)
    _rename(journey, _table(json.loads(table)), f'COLUMN "{column}"', column, column.replace(old, new))


def rename_object(journey: Journey, old: tuple[str, str], new: tuple[str, str]) -> None:
    """Give an object another singular and plural; the fields that lead to it from notes and the like follow."""
    [(object_id, text)] = journey.sql("SELECT id, body FROM core_object WHERE nameSingular = ?", old[0])
    body = json.loads(text)
    renamed = {**body, "nameSingular": new[0], "namePlural": new[1]}
    journey.sql(
        "UPDATE core_object SET nameSingular = ?, namePlural = ?, body = ? WHERE id = ?",
        *new,
        json.dumps(renamed),
        object_id,
    )
    _rename(journey, _table(body), "", _table(body), _table(renamed))
    leading = journey.sql(
        "SELECT nameSingular FROM core_field JOIN core_object ON core_object.id = objectId WHERE name = ?",
        _target(old[0]),
    )
    for (name,) in leading:
        rename_field(journey, name, _target(old[0]), _target(new[0]))


def _table(body: dict[str, Any]) -> str:
    return f"_{body['nameSingular']}" if body["isCustom"] else str(body["nameSingular"])


def _target(singular: str) -> str:
    return f"target{singular[0].upper()}{singular[1:]}"


def _rename(journey: Journey, table: str, part: str, old: str, new: str) -> None:
    """Rename a table, or a column of it, and with it the indexes, which are called after both."""
    indexes = journey.sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql LIKE ?", table, f"%{old}%"
    )
    for name, _ in indexes:
        journey.sql(f'DROP INDEX "{name}"')
    journey.sql(f'ALTER TABLE "{table}" RENAME {part} TO "{new}"')
    for _, sql in indexes:
        journey.sql(sql.replace(old, new))
