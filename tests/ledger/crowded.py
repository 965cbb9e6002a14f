"""A ledger crowded with rows of every projection, and what an event changes in it, to the last column.

For every row an event is about there are others it could be mistaken for.
"""

import shutil
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ledger.events import (
    AutomationIntended,
    AutomationPaused,
    BatchIntended,
    Compensated,
    CompensationIntended,
    CompensationKept,
    Event,
    ExportRegistered,
    Intended,
    OptionsAdded,
    RecordAdopted,
    RecordCreated,
    RecordRestored,
    RecordUpdated,
    RowExtracted,
    RowHeld,
    RowTransformed,
    RunFailed,
    RunStarted,
    SchemaIntended,
    StreamGone,
    TracesNoted,
)
from ledger.hashing import Payload, seal
from ledger.store import Ledger
from ledger.tables import TABLES
from tests.ledger.plain import query

A, B, C, D = (seal("body", name, {"name": f"label {name}"}).hash for name in "ABCD")
BODIES = [seal("body", name, {"name": f"label {name}"}) for name in "ABCD"]
NOW = "@"
"""Stands for the position of the event itself."""
TIME = "clock"
"""Stands for its moment."""

Row = dict[str, Any]
Effect = dict[str, dict[tuple[Any, ...], Row | None]]


def item(key: str, **more: Any) -> Intended:
    """One record of a batch, by its stream."""
    return Intended(key=key, id=f"id {key}", hash=A, **more)


def made(object_name: str, key: str, body: str = A, ref: str = "f1:2") -> RowTransformed:
    """A record was made."""
    return RowTransformed(object=object_name, source_key=key, payload_hash=body, mapping_hash=D, sources=(ref, "f9:9"))


def sent(object_name: str, action: Any, *keys: str) -> BatchIntended:
    """Records are about to be sent."""
    return BatchIntended(object=object_name, action=action, items=tuple(map(item, keys)), timeout_s=60)


def created(object_name: str, key: str, body: str = A, **more: Any) -> RecordCreated:
    """A record was created."""
    return RecordCreated(
        object=object_name, source_key=key, twenty_id=f"id {key}", payload_hash=body, updated_at="then", **more
    )


def held(line: int, stage: Any, key: str | None = None, object_name: str = "person") -> RowHeld:
    """A row, or a record, waits."""
    return RowHeld(object=object_name, source_ref=f"f1:{line}", reason="why", stage=stage, source_key=key)


CROWD: tuple[tuple[str, tuple[Event, ...]], ...] = (
    (
        "r1",
        (
            RunStarted(command="load"),
            ExportRegistered(file="f1", kind="contacts", name="a", size=1, sha256="s", exported_at="e", payload_hash=C),
            ExportRegistered(file="f2", kind="contacts", name="b", size=1, sha256="s", exported_at="e", payload_hash=C),
            RowExtracted(source_key="written", source_ref="f1:2", payload_hash=A),
            RowExtracted(source_key="pending", source_ref="f1:3", payload_hash=A),
            RowExtracted(source_key="pending", source_ref="f2:3", payload_hash=A),
            held(4, "extract"),
            held(5, "transform", "waits"),
            *(made(name, key) for name in ("person", "company") for key in ("written", "pending", "sent", "adopted")),
            made("person", "held"),
            sent("person", "create", "written", "sent"),
            sent("company", "create", "written", "sent"),
            sent("person", "adopt", "adopted"),
            created("person", "written", unlinked=("companyId",)),
            created("company", "written"),
            RecordAdopted(
                object="person",
                source_key="adopted",
                twenty_id="id adopted",
                payload_hash=A,
                updated_at="then",
                before_hash=B,
                sent_hash=C,
                unlinked=("companyId",),
            ),
            held(6, "write", "held"),
            RunFailed(code="x", exit_code=5),
        ),
    ),
    (
        "r2",
        (
            RunStarted(command="delta", mapping_hash=D),
            ExportRegistered(file="f1", kind="contacts", name="a", size=1, sha256="s", exported_at="e", payload_hash=C),
            RecordUpdated(
                object="company",
                source_key="written",
                twenty_id="id written",
                payload_hash=A,
                updated_at="later",
                base_hash=A,
                before_hash=B,
                sent_hash=C,
            ),
            StreamGone(source_key="left"),
            StreamGone(source_key="pending"),
            SchemaIntended(object="person", name="one", element="field", absent=True, payload_hash=A),
            SchemaIntended(object="person", name="two", element="relation", absent=True, payload_hash=A),
            SchemaIntended(object="company", name="one", element="field", absent=True, payload_hash=A),
            SchemaIntended(object="pet", name="", element="object", absent=True, payload_hash=A),
            SchemaIntended(object="pet", name="one", element="field", absent=True, payload_hash=A),
            SchemaIntended(object="person", name="tags", element="options", absent=True, payload_hash=A),
            SchemaIntended(object="pet", name="tags", element="options", absent=True, payload_hash=A),
            OptionsAdded(object="company", name="tags", twenty_id="t", values=("VIP", "NEW"), payload_hash=A),
            OptionsAdded(object="pet", name="kind", twenty_id="t", values=("VIP",), payload_hash=A),
            AutomationIntended(twenty_id="a", action="pause", payload_hash=A),
            AutomationIntended(twenty_id="b", action="resume", payload_hash=A),
            AutomationPaused(twenty_id="b", trash_on="day", payload_hash=A),
            CompensationIntended(object="person", action="destroy", items=(Compensated(key="k", id="id k"),)),
            CompensationKept(object="person", twenty_id="id j", why="edited", source_key="j", payload_hash=A),
            TracesNoted(timeline=1, runs=2, payload_hash=A),
            TracesNoted(timeline=3, runs=4, payload_hash=B),
        ),
    ),
)


async def tell(ledger: Ledger, *events: Event, run: str | None = None, bodies: Iterable[Payload] = ()) -> list[int]:
    """Append events, in a run from now on; answers the positions."""
    ledger.run_id = run or ledger.run_id
    return await ledger.append(events, [*BODIES, *bodies])


async def crowd(path: Path) -> None:
    """Make it, in two runs."""
    async with Ledger.open(path, command="crowd", actor="tester@host") as ledger:
        for run_id, events in CROWD:
            ledger.run_id = run_id
            await ledger.append(events, BODIES)


@asynccontextmanager
async def opened(crowded: Path, path: Path) -> AsyncIterator[Ledger]:
    """A copy of it, open in a third run."""
    async with Ledger.open(Path(shutil.copy(crowded, path)), command="test", actor="tester@host") as ledger:
        ledger.run_id = "r3"
        yield ledger


def snapshot(path: Path) -> dict[str, dict[tuple[Any, ...], Row]]:
    """Every row of every projection by its key."""
    found: dict[str, dict[tuple[Any, ...], Row]] = {}
    for table in TABLES:
        names = [column.name for column in table.columns]
        keys = [column.name for column in table.primary_key.columns]
        listed = ", ".join(f'"{name}"' for name in names)
        rows = [dict(zip(names, row, strict=True)) for row in query(path, f"SELECT {listed} FROM {table.name}")]
        found[table.name] = {tuple(row[name] for name in keys): row for row in rows}
    return found


async def effect(ledger: Ledger, *events: Event) -> Effect:
    """What events change: new rows whole, changed ones by the columns that differ, those that went as None."""
    before = snapshot(ledger.path)
    position = (await ledger.append(events))[-1]
    [(moment,)] = query(ledger.path, "SELECT recorded_at FROM event WHERE position = ?", position)
    after = snapshot(ledger.path)
    signs = {position: NOW, moment: TIME}

    def signed(value: Any) -> Any:
        return signs.get(value, value) if isinstance(value, str) or type(value) is int else value

    changed: Effect = {}
    for name, rows in after.items():
        old = before[name]
        for key in {**old, **rows}:
            if old.get(key) != rows.get(key):
                row, was = rows.get(key), old.get(key, {})
                told = row and {column: signed(v) for column, v in row.items() if column not in was or was[column] != v}
                changed.setdefault(name, {})[tuple(map(signed, key))] = told
    return changed


def position_of(ledger: Ledger, type_name: str, nth: int = 0) -> int:
    """Where the nth event of a type stands."""
    rows = query(ledger.path, "SELECT position FROM event WHERE type = ? ORDER BY position", type_name)
    return int(rows[nth][0])


SETTLED = {"intent": None, "action": None}
UNDONE = {"undone": NOW}


def restored(object_name: str, key: str, written: str | None, *undoes: int) -> RecordRestored:
    """A before-image was put back."""
    return RecordRestored(
        object=object_name, source_key=key, twenty_id=f"id {key}", payload_hash=D, updated_at="at last",
        written_hash=written, undoes=undoes,
    )  # fmt: skip
