"""The workflows a new workspace is born with (FACTS section 9; recorded in `workflows`).

"Create company when adding a new person" listens to `person.upserted` on emails, and "Quick Lead" is started by hand.
Ids of their records follow from the workspace's; references to fields and objects are the workspace's own.
"""

# ruff: noqa: S608 - identifiers come from checked metadata, through `quoted`; every value is a parameter

import json
import re
import sqlite3
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid5

from adapters.sandbox.model import Model, ObjectMeta
from adapters.sandbox.stored import json_text
from adapters.sandbox.tables import quoted

_REFERENCE = re.compile(r"\{(object|field|workflow|version|trigger):([\w.-]+)\}")
_TRIGGERS = "workflowAutomatedTriggers"


def plant(connection: sqlite3.Connection, model: Model, workspace_id: str, *, active: bool) -> None:
    """Insert the prefilled workflows, with their trigger where `active`."""
    text = files("adapters.sandbox").joinpath("workflows.json").read_text("utf-8")
    namespace = UUID(workspace_id)
    records = json.loads(_REFERENCE.sub(lambda match: _resolved(model, namespace, match[1], match[2]), text))
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    for plural, rows in records.items():
        if active or plural != _TRIGGERS:
            for place, row in enumerate(rows, 1):
                _insert(connection, model.by_plural[plural], row, moment, place)


def _resolved(model: Model, namespace: UUID, kind: str, name: str) -> str:
    if kind == "object":
        return model.by_singular[name].id
    if kind == "field":
        owner, _, field = name.partition(".")
        return model.by_singular[owner].field_by_name[field].id
    return str(uuid5(namespace, f"{kind}:{name}"))


def _insert(connection: sqlite3.Connection, item: ObjectMeta, record: dict[str, Any], moment: str, place: int) -> None:
    actor = {"Source": "SYSTEM" if item.name_singular == "workflow" else "MANUAL", "Name": "System"}
    row: dict[str, Any] = {"createdAt": moment, "updatedAt": moment, "position": place}
    row |= {f"{field}{sub}": value for field in ("createdBy", "updatedBy") for sub, value in actor.items()}
    row |= {name: json_text(value) if isinstance(value, dict | list) else value for name, value in record.items()}
    names, marks = ", ".join(map(quoted, row)), ", ".join("?" * len(row))
    connection.execute(f"INSERT INTO {quoted(item.table)} ({names}) VALUES ({marks})", tuple(row.values()))
