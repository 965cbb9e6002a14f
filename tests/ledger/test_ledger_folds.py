"""Each fold, row by row: what an event changes in the projections, to the last column, and that it changes no more.

The ledger it happens in is crowded: for every row an event is about there are others it could be mistaken for.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from ledger.events import (
    AutomationIntended,
    AutomationLost,
    AutomationPaused,
    AutomationResumed,
    BatchIntended,
    Compensated,
    CompensationIntended,
    CompensationKept,
    Event,
    ExportRead,
    ExportRegistered,
    FieldCreated,
    HoldAbandoned,
    HoldCorrected,
    IdentityErased,
    IdentityLinked,
    Intended,
    ObjectCreated,
    OptionsAdded,
    PayloadErased,
    RecordAdopted,
    RecordCreated,
    RecordDeleted,
    RecordRejected,
    RecordRestored,
    RecordSkipped,
    RecordUpdated,
    RecordWithdrawn,
    RelationCreated,
    RowExtracted,
    RowHeld,
    RowReleased,
    RowSetAside,
    RowTransformed,
    RunCompleted,
    RunFailed,
    RunResumed,
    RunStarted,
    SchemaAdopted,
    SchemaIntended,
    SchemaRemoved,
    StreamGone,
    StreamReturned,
    TracesNoted,
    TracesRemoved,
)
from ledger.hashing import seal
from ledger.projections import TABLES
from ledger.store import Ledger
from tests.ledger.plain import query

pytestmark = pytest.mark.anyio

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


async def _crowd(path: Path) -> None:
    async with Ledger.open(path, command="crowd", actor="tester@host") as ledger:
        for run_id, events in CROWD:
            ledger.run_id = run_id
            await ledger.append(events, BODIES)


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with something in every projection, made once."""
    path = tmp_path_factory.mktemp("crowded") / "ledger.db"
    anyio.run(_crowd, path)
    return path


@pytest.fixture
async def ledger(crowded: Path, path: Path) -> AsyncIterator[Ledger]:
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


# --- rows, names, holds ----------------------------------------------------------------------------------------------


async def test_a_row_is_read(ledger: Ledger) -> None:
    """A new row stands in its stream, which gets its own name; a stream that was gone is back."""
    row = {
        "file": "f2", "line": 9, "source_key": "pending", "state": "extracted", "payload_hash": B,
        "original_hash": None, "run_id": "r3", "position": NOW,
    }  # fmt: skip
    told = RowExtracted(source_key="pending", source_ref="f2:9", payload_hash=B)
    assert await effect(ledger, told) == {"source_row": {("f2", 9): row}, "gone": {("pending",): None}}
    new = await effect(ledger, RowExtracted(source_key="new", source_ref="f2:10", payload_hash=B))
    assert new["alias"] == {("new",): {"alias": "new", "source_key": "new"}}


async def test_a_row_is_read_again(ledger: Ledger) -> None:
    """As a person corrected it: what it said first is kept, whatever else is corrected later."""
    told = RowExtracted(source_key="written", source_ref="f1:2", payload_hash=B)
    assert await effect(ledger, told) == {"source_row": {("f1", 2): {"payload_hash": B, "original_hash": A}}}
    third = RowExtracted(source_key="other", source_ref="f1:2", payload_hash=C)
    assert (await effect(ledger, third))["source_row"] == {("f1", 2): {"source_key": "other", "payload_hash": C}}


async def test_a_row_is_held_or_set_aside(ledger: Ledger) -> None:
    """Held in extract or transform it is the row that waits; set aside, it keeps the stream it had."""
    row = {"file": "f1", "line": 8, "run_id": "r3", "position": NOW, "original_hash": None, "payload_hash": None}
    hold = {
        "id": NOW, "run_id": "r3", "file": "f1", "line": 8, "column": None, "object": "person", "source_key": None,
        "reason": "why", "stage": "extract", "state": "open", "payload_hash": None,
    }  # fmt: skip
    assert await effect(ledger, held(8, "extract")) == {
        "source_row": {("f1", 8): {**row, "source_key": None, "state": "held"}}, "hold": {(NOW,): hold},
    }  # fmt: skip
    again = await effect(ledger, held(3, "transform", "pending"))
    assert again["source_row"] == {("f1", 3): {"state": "held"}}
    placed = await effect(ledger, held(8, "transform", "placed"))
    assert placed["source_row"] == {("f1", 8): {"source_key": "placed"}}
    aside = RowSetAside(object="person", source_ref="f1:2", reason="failed")
    assert await effect(ledger, aside) == {"source_row": {("f1", 2): {"state": "set_aside"}}}


async def test_a_record_is_held(ledger: Ledger) -> None:
    """Held in write it is the record that waits, and its row stands; one never written is without an id again."""
    assert (await effect(ledger, held(2, "write", "sent")))["record"] == {
        ("person", "sent"): {"state": "held", "twenty_id": None, **SETTLED}
    }
    written = await effect(ledger, held(2, "write", "written"))
    assert set(written) == {"record", "hold"}
    assert written["record"] == {("person", "written"): {"state": "held"}}


async def test_what_becomes_of_a_held_row(ledger: Ledger) -> None:
    """Corrected, released, replaced or given up: only that row's state and only that hold's."""
    extract, transform = position_of(ledger, "RowHeld", 0), position_of(ledger, "RowHeld", 1)
    assert await effect(ledger, HoldCorrected(hold=extract, payload_hash=A)) == {
        "hold": {(extract,): {"state": "corrected"}}
    }
    assert await effect(ledger, RowReleased(hold=extract)) == {
        "hold": {(extract,): {"state": "released"}}, "source_row": {("f1", 4): {"state": "extracted"}},
    }  # fmt: skip
    assert await effect(ledger, RowReleased(hold=extract)) == {}
    assert await effect(ledger, RowReleased(hold=transform, replaced_by="f3:2")) == {
        "hold": {(transform,): {"state": "released"}}, "source_row": {("f1", 5): {"state": "replaced"}},
    }  # fmt: skip
    assert await effect(ledger, HoldAbandoned(hold=transform, payload_hash=A)) == {
        "hold": {(transform,): {"state": "abandoned"}}
    }


async def test_a_held_row_is_given_up(ledger: Ledger) -> None:
    """It stays where it stands, as abandoned."""
    extract = position_of(ledger, "RowHeld", 0)
    assert await effect(ledger, HoldAbandoned(hold=extract, payload_hash=A)) == {
        "hold": {(extract,): {"state": "abandoned"}}, "source_row": {("f1", 4): {"state": "abandoned"}},
    }  # fmt: skip


async def test_what_becomes_of_a_held_record(ledger: Ledger) -> None:
    """Released it is to be created, or changed if it was written; given up, it is abandoned; its row stands."""
    await effect(ledger, held(2, "write", "written"))
    never, once = position_of(ledger, "RowHeld", 2), position_of(ledger, "RowHeld", 3)
    assert await effect(ledger, RowReleased(hold=never)) == {
        "hold": {(never,): {"state": "released"}}, "record": {("person", "held"): {"state": "pending"}},
    }  # fmt: skip
    assert await effect(ledger, HoldAbandoned(hold=never, payload_hash=A)) == {
        "hold": {(never,): {"state": "abandoned"}}
    }
    assert await effect(ledger, RowReleased(hold=once)) == {
        "hold": {(once,): {"state": "released"}}, "record": {("person", "written"): {"state": "changed"}},
    }  # fmt: skip
    again = await effect(ledger, held(2, "write", "written"))
    [(last,)] = again["hold"]
    assert last == NOW
    third = position_of(ledger, "RowHeld", 4)
    assert await effect(ledger, HoldAbandoned(hold=third, payload_hash=A)) == {
        "hold": {(third,): {"state": "abandoned"}}, "record": {("person", "written"): {"state": "abandoned"}},
    }  # fmt: skip
    assert await effect(ledger, RowReleased(hold=third)) == {"hold": {(third,): {"state": "released"}}}


async def test_a_name_belongs_to_its_first_stream(ledger: Ledger) -> None:
    """A name learnt twice stays where it was; one erased is suppressed once, and who is gone is gone since the first."""
    linked = IdentityLinked(source_key="written", alias="~w")
    assert await effect(ledger, linked) == {"alias": {("~w",): {"alias": "~w", "source_key": "written"}}}
    assert await effect(ledger, IdentityLinked(source_key="pending", alias="~w")) == {}
    erased = IdentityErased(alias="~w")
    assert await effect(ledger, erased) == {"suppressed": {("~w",): {"alias": "~w", "position": NOW}}}
    assert await effect(ledger, erased) == {}
    left = StreamGone(source_key="new")
    assert await effect(ledger, left) == {"gone": {("new",): {"source_key": "new", "run_id": "r3", "position": NOW}}}
    assert await effect(ledger, left) == {}
    assert await effect(ledger, StreamReturned(source_key="left")) == {"gone": {("left",): None}}


# --- records ---------------------------------------------------------------------------------------------------------


async def test_a_record_is_made(ledger: Ledger) -> None:
    """A new record is pending under its first row and its body's label."""
    row = {
        "object": "person", "source_key": "new", "state": "pending", "payload_hash": B, "written_hash": None,
        "twenty_id": None, "generation": 0, "origin": None, "since": None, "run_id": None, "intent": None,
        "action": None, "updated_at": None, "unlinked": None, "label": "label B", "label_hash": B,
        "source_ref": "f2:7", "position": NOW,
    }  # fmt: skip
    assert await effect(ledger, made("person", "new", B, "f2:7")) == {
        "record": {("person", "new"): row}, "alias": {("new",): {"alias": "new", "source_key": "new"}},
    }  # fmt: skip


async def test_a_record_is_made_anew(ledger: Ledger) -> None:
    """Never written, it is pending; written otherwise, changed; as it was written, written; a call's is forgotten."""
    told = {"payload_hash": B, "label": "label B", "label_hash": B, "source_ref": "f2:7", "position": NOW}
    for key, more in (
        ("pending", {}),
        ("sent", {"state": "pending", **SETTLED}),
        ("held", {"state": "pending"}),
        ("written", {"state": "changed"}),
    ):
        assert await effect(ledger, made("person", key, B, "f2:7")) == {"record": {("person", key): {**told, **more}}}
    back = {**told, "payload_hash": A, "label": "label A", "label_hash": A, "source_ref": "f1:2", "state": "written"}
    assert await effect(ledger, made("person", "written")) == {"record": {("person", "written"): back}}


async def test_a_record_another_s_stood_for_is_made_anew(ledger: Ledger) -> None:
    """It is pending without an id: whether the other still stands for it is to be asked again."""
    skipped = RecordSkipped(object="person", source_key="sent", twenty_id="theirs")
    assert await effect(ledger, skipped) == {
        "record": {("person", "sent"): {"state": "skipped", "twenty_id": "theirs", **SETTLED}}
    }
    assert await effect(ledger, made("person", "sent")) == {
        "record": {("person", "sent"): {"state": "pending", "twenty_id": None, "position": NOW}}
    }


async def test_a_record_is_withdrawn(ledger: Ledger) -> None:
    """Not written, it never will be, and has no id; written, it is obsolete and keeps all it has."""
    assert await effect(ledger, RecordWithdrawn(object="person", source_key="sent")) == {
        "record": {("person", "sent"): {"state": "withdrawn", "twenty_id": None, **SETTLED}}
    }
    assert await effect(ledger, RecordWithdrawn(object="person", source_key="written")) == {
        "record": {("person", "written"): {"state": "obsolete"}}
    }


async def test_a_batch_is_about_to_leave(ledger: Ledger) -> None:
    """Each of its records is intended under the call's id and action; one written keeps the run that wrote it."""
    both = sent("person", "update", "pending", "written")
    call = {"state": "intended", "intent": NOW, "action": "update"}
    assert await effect(ledger, both) == {
        "record": {
            ("person", "pending"): {**call, "run_id": "r3", "twenty_id": "id pending"}, ("person", "written"): call,
        }
    }  # fmt: skip
    unknown = (await effect(ledger, sent("person", "create", "unmade")))["record"]
    assert unknown == {
        ("person", "unmade"): {
            "object": "person", "source_key": "unmade", "state": "intended", "payload_hash": A, "written_hash": None,
            "twenty_id": "id unmade", "generation": 0, "origin": None, "since": None, "run_id": "r3", "intent": NOW,
            "action": "create", "updated_at": None, "unlinked": None, "label": None, "label_hash": None,
            "source_ref": "", "position": NOW,
        }
    }  # fmt: skip


async def test_a_record_is_created(ledger: Ledger) -> None:
    """It is written, ours, by this run and since now; a relation left out is named, none is nothing."""
    told = {
        "state": "written", "origin": "created", "written_hash": B, "updated_at": "then", "since": NOW, "run_id": "r3",
        **SETTLED,
    }  # fmt: skip
    assert await effect(ledger, created("person", "sent", B)) == {"record": {("person", "sent"): told}}
    again = created("company", "sent", B, unlinked=("a", "b"))
    more = {**told, "unlinked": '["a","b"]'}
    assert await effect(ledger, again) == {"record": {("company", "sent"): more}}


async def test_a_record_is_changed(ledger: Ledger) -> None:
    """It is written as it should be and when Twenty says; who made it, and since when, stays; the change is listed."""
    updated = RecordUpdated(
        object="person", source_key="written", twenty_id="id written", payload_hash=B, updated_at="later",
        base_hash=A, before_hash=C, sent_hash=D,
    )  # fmt: skip
    await effect(ledger, sent("person", "update", "written"))
    change = {
        "position": NOW, "run_id": "r3", "object": "person", "source_key": "written", "twenty_id": "id written",
        "kind": "updated", "payload_hash": B, "base_hash": A, "before_hash": C, "sent_hash": D, "restored": 0,
        "undone": None,
    }  # fmt: skip
    assert await effect(ledger, updated) == {
        "record": {
            ("person", "written"): {
                "state": "written", "written_hash": B, "updated_at": "later", "unlinked": None, **SETTLED,
            }
        },
        "change": {(NOW,): change},
    }  # fmt: skip


async def test_a_record_is_adopted(ledger: Ledger) -> None:
    """It is written and not of our making; the change is listed, also that it came out of the bin."""
    adopted = RecordAdopted(
        object="person", source_key="pending", twenty_id="theirs", payload_hash=B, updated_at="later", sent_hash=D,
        restored=True, unlinked=("x",),
    )  # fmt: skip
    assert await effect(ledger, adopted) == {
        "record": {
            ("person", "pending"): {
                "state": "written", "origin": "adopted", "written_hash": B, "twenty_id": "theirs",
                "updated_at": "later", "unlinked": '["x"]', "run_id": "r3", "since": NOW,
            }
        },
        "change": {
            (NOW,): {
                "position": NOW, "run_id": "r3", "object": "person", "source_key": "pending", "twenty_id": "theirs",
                "kind": "adopted", "payload_hash": B, "base_hash": None, "before_hash": None, "sent_hash": D,
                "restored": 1, "undone": None,
            }
        },
    }  # fmt: skip


async def test_a_call_is_settled_for_a_record_already_adopted(ledger: Ledger) -> None:
    """Whatever settles a call forgets the call."""
    await effect(ledger, sent("person", "adopt", "pending"))
    settled = RecordAdopted(
        object="person", source_key="pending", twenty_id="id pending", payload_hash=A, updated_at="later"
    )
    assert (await effect(ledger, settled))["record"][("person", "pending")] == {
        "state": "written", "origin": "adopted", "written_hash": A, "updated_at": "later", "since": NOW, **SETTLED,
    }  # fmt: skip


async def test_a_record_is_refused(ledger: Ledger) -> None:
    """Never written, it has no id; written before, it keeps its own."""
    refused = RecordRejected(object="person", source_key="sent", code="x", payload_hash=A)
    assert await effect(ledger, refused) == {
        "record": {("person", "sent"): {"state": "rejected", "twenty_id": None, **SETTLED}}
    }
    refused = RecordRejected(object="person", source_key="written", code="x", payload_hash=A)
    assert await effect(ledger, refused) == {"record": {("person", "written"): {"state": "rejected"}}}


async def test_a_record_is_taken_back(ledger: Ledger) -> None:
    """All that bound it to Twenty is forgotten, its next id is another, its changes are undone, the rollback knows."""
    gone = RecordDeleted(object="company", source_key="written", twenty_id="id written", outcome="destroyed")
    change = position_of(ledger, "RecordUpdated")
    assert await effect(ledger, gone) == {
        "record": {
            ("company", "written"): {
                "state": "deleted", "generation": 1, "written_hash": None, "twenty_id": None, "updated_at": None,
                "origin": None, "since": None, "run_id": None,
            }
        },
        "change": {(change,): UNDONE},
        "compensation": {
            ("r3", "company", "id written"): {
                "run_id": "r3", "object": "company", "twenty_id": "id written", "source_key": "written",
                "state": "done", "detail": "destroyed", "payload_hash": None, "position": NOW,
            }
        },
    }  # fmt: skip
    again = await effect(ledger, gone)
    assert again == {"compensation": {("r3", "company", "id written"): {"position": NOW}}}


async def test_a_record_under_a_call_is_taken_back(ledger: Ledger) -> None:
    """Also what a call of unknown outcome left, and a relation left out."""
    await effect(ledger, sent("person", "update", "written"))
    gone = RecordDeleted(object="person", source_key="written", twenty_id="id written", outcome="soft_deleted")
    assert (await effect(ledger, gone))["record"] == {
        ("person", "written"): {
            "state": "deleted", "generation": 1, "written_hash": None, "twenty_id": None, "updated_at": None,
            "origin": None, "since": None, "run_id": None, "unlinked": None, **SETTLED,
        }
    }  # fmt: skip


def restored(object_name: str, key: str, written: str | None, *undoes: int) -> RecordRestored:
    """A before-image was put back."""
    return RecordRestored(
        object=object_name, source_key=key, twenty_id=f"id {key}", payload_hash=D, updated_at="later",
        written_hash=written, undoes=undoes,
    )  # fmt: skip


async def test_a_change_is_taken_back(ledger: Ledger) -> None:
    """It is written if that is what it should hold, else changed, obsolete if it was; only that change is undone."""
    change = position_of(ledger, "RecordUpdated")
    done = {
        "run_id": "r3", "object": "company", "twenty_id": "id written", "source_key": "written", "state": "done",
        "detail": "restored", "payload_hash": D, "position": NOW,
    }  # fmt: skip
    assert await effect(ledger, restored("company", "written", B, change)) == {
        "record": {("company", "written"): {"state": "changed", "written_hash": B, "updated_at": "later"}},
        "change": {(change,): UNDONE},
        "compensation": {("r3", "company", "id written"): done},
    }
    assert (await effect(ledger, restored("company", "written", A)))["record"] == {
        ("company", "written"): {"state": "written", "written_hash": A}
    }
    await effect(ledger, RecordWithdrawn(object="company", source_key="written"))
    assert (await effect(ledger, restored("company", "written", B)))["record"] == {
        ("company", "written"): {"written_hash": B}
    }


async def test_a_call_is_settled_by_putting_back(ledger: Ledger) -> None:
    """A change of unknown outcome that was put back is no call of unknown outcome any more."""
    await effect(ledger, sent("person", "update", "written"))
    assert (await effect(ledger, restored("person", "written", A)))["record"] == {
        ("person", "written"): {"state": "written", "updated_at": "later", **SETTLED}
    }


async def test_an_adoption_is_taken_back(ledger: Ledger) -> None:
    """Nothing of ours is in it any more: pending, without an id, as if it had never been."""
    change = position_of(ledger, "RecordAdopted")
    found = await effect(ledger, restored("person", "adopted", None, change))
    assert found["record"] == {
        ("person", "adopted"): {
            "state": "pending", "written_hash": None, "updated_at": "later", "twenty_id": None, "origin": None,
            "since": None, "run_id": None, "unlinked": None,
        }
    }  # fmt: skip
    assert found["change"] == {(change,): UNDONE}


async def test_another_id_is_another_record(ledger: Ledger) -> None:
    """What is said of an id that is not the record's changes nothing of it."""
    other = RecordDeleted(object="person", source_key="written", twenty_id="another", outcome="destroyed")
    assert set(await effect(ledger, other)) == {"compensation"}
    back = RecordRestored(
        object="person", source_key="written", twenty_id="another", payload_hash=D, updated_at="later"
    )
    assert set(await effect(ledger, back)) == {"compensation"}


async def test_a_label_is_erased(ledger: Ledger) -> None:
    """Only labels from that body."""
    await effect(ledger, made("person", "pending", B))
    assert await effect(ledger, PayloadErased(payload_hash=B)) == {"record": {("person", "pending"): {"label": None}}}


# --- runs ------------------------------------------------------------------------------------------------------------


async def test_a_run_begins_and_ends(ledger: Ledger) -> None:
    """Begun, resumed, completed or failed: its own row only."""
    told = RunStarted(command="verify", settings={"a": 1}, policies={"b": "c"}, mapping_hash=D)
    assert await effect(ledger, told) == {
        "run": {
            ("r3",): {
                "run_id": "r3", "command": "verify", "actor": "tester@host", "state": "running", "position": NOW,
                "started_at": TIME, "ended_at": None, "resumed": 0, "undone": 0, "code": None,
                "settings": '{"a":1}', "policies": '{"b":"c"}', "mapping_hash": D, "files": "[]",
            }
        }
    }  # fmt: skip
    assert await effect(ledger, RunFailed(code="x", exit_code=5)) == {
        "run": {("r3",): {"state": "failed", "ended_at": TIME, "code": "x"}}
    }
    assert await effect(ledger, RunResumed()) == {
        "run": {("r3",): {"state": "running", "ended_at": None, "code": None, "resumed": 1}}
    }
    assert await effect(ledger, RunCompleted(undone=3)) == {
        "run": {("r3",): {"state": "completed", "ended_at": TIME, "undone": 3}}
    }
    assert await effect(ledger, RunResumed()) == {
        "run": {("r3",): {"state": "running", "ended_at": None, "undone": 0, "resumed": 2}}
    }


async def test_a_file_is_read(ledger: Ledger) -> None:
    """Registered in its run, and counted there: not in another run that read it too, nor another file."""
    told = ExportRegistered(
        file="f1", kind="contacts", name="n", size=7, sha256="s", exported_at="e", payload_hash=A, delta=True,
        complete=True,
    )  # fmt: skip
    counts = {"rows": 9, "extracted": 1, "held": 2, "set_aside": 3, "unchanged": 3, "unrecorded": 1}
    assert await effect(ledger, told) == {
        "export": {
            ("r3", "f1"): {
                "run_id": "r3", "file": "f1", "kind": "contacts", "name": "n", "size": 7, "sha256": "s",
                "exported_at": "e", "position": NOW, "delta": 1, "complete": 1, "payload_hash": A,
                **dict.fromkeys(counts),
            }
        }
    }  # fmt: skip
    assert await effect(ledger, ExportRead(file="f1", **counts)) == {"export": {("r3", "f1"): counts}}
    ledger.run_id = "r1"
    assert await effect(ledger, ExportRead(file="f2", **counts)) == {"export": {("r1", "f2"): counts}}


# --- the data model --------------------------------------------------------------------------------------------------


async def test_an_element_is_intended(ledger: Ledger) -> None:
    """A new one stands as intended; one that was there begins anew; options are listed apart."""
    new = SchemaIntended(object="person", name="new", element="field", absent=False, payload_hash=B)
    row = {
        "object": "person", "name": "new", "element": "field", "state": "intended", "absent": 0, "twenty_id": None,
        "run_id": "r3", "payload_hash": B, "position": NOW,
    }  # fmt: skip
    assert await effect(ledger, new) == {"schema_element": {("person", "new"): row}}
    await effect(ledger, FieldCreated(object="person", name="one", twenty_id="i"))
    ledger.run_id = "r4"
    again = SchemaIntended(object="person", name="one", element="relation", absent=False, payload_hash=B)
    assert await effect(ledger, again) == {
        "schema_element": {
            ("person", "one"): {
                "element": "relation", "state": "intended", "absent": 0, "twenty_id": None, "run_id": "r4",
                "payload_hash": B, "position": NOW,
            }
        }
    }  # fmt: skip
    options = SchemaIntended(object="person", name="more", element="options", absent=True, payload_hash=B)
    listed = {"object": "person", "name": "more", "payload_hash": B, "position": NOW}
    assert await effect(ledger, options) == {"schema_options_intended": {("person", "more"): listed}}
    options = SchemaIntended(object="person", name="tags", element="options", absent=True, payload_hash=B)
    assert await effect(ledger, options) == {
        "schema_options_intended": {("person", "tags"): {"payload_hash": B, "position": NOW}}
    }


async def test_an_element_is_made_or_was_there(ledger: Ledger) -> None:
    """Object, field and relation, each its own; one that was there is adopted, and not of our making."""
    done = {"state": "created", "twenty_id": "i", "run_id": "r3", "position": NOW}
    for event, key in (
        (ObjectCreated(object="pet", twenty_id="i"), ("pet", "")),
        (FieldCreated(object="person", name="one", twenty_id="i"), ("person", "one")),
        (RelationCreated(object="person", name="two", twenty_id="i"), ("person", "two")),
    ):
        assert await effect(ledger, event) == {"schema_element": {key: done}}
    was = SchemaAdopted(object="company", name="one", element="field", twenty_id="j")
    assert await effect(ledger, was) == {
        "schema_element": {("company", "one"): {"state": "adopted", "absent": 0, "twenty_id": "j", "position": NOW}}
    }
    unknown = SchemaAdopted(object="company", name="new", element="field", twenty_id="j")
    row = {
        "object": "company", "name": "new", "element": "field", "state": "adopted", "absent": 0, "twenty_id": "j",
        "run_id": "r3", "payload_hash": None, "position": NOW,
    }  # fmt: skip
    assert await effect(ledger, unknown) == {"schema_element": {("company", "new"): row}}


async def test_options_are_added(ledger: Ledger) -> None:
    """They are of the run that asked for them, and its question is answered; asked by nobody, of this one."""
    asked = OptionsAdded(object="person", name="tags", twenty_id="i", values=("X",), payload_hash=B)
    row = {
        "object": "person", "name": "tags", "value": "X", "twenty_id": "i", "run_id": "r2", "payload_hash": B,
        "position": NOW,
    }  # fmt: skip
    assert await effect(ledger, asked) == {
        "schema_option": {("person", "tags", "X"): row}, "schema_options_intended": {("person", "tags"): None},
    }  # fmt: skip
    again = OptionsAdded(object="company", name="tags", twenty_id="i", values=("VIP", "ODD"), payload_hash=B)
    odd = {**row, "object": "company", "value": "ODD", "run_id": "r3"}
    assert await effect(ledger, again) == {
        "schema_option": {
            ("company", "tags", "VIP"): {"twenty_id": "i", "run_id": "r3", "payload_hash": B},
            ("company", "tags", "ODD"): odd,
        }
    }


async def test_an_element_is_removed(ledger: Ledger) -> None:
    """A field goes with its options, an option alone, an object with all that is its own."""
    gone = {"state": "removed", "position": NOW}
    await effect(ledger, FieldCreated(object="person", name="one", twenty_id="i"))
    field = SchemaRemoved(object="person", name="one", element="field", twenty_id="i")
    assert await effect(ledger, field) == {"schema_element": {("person", "one"): {**gone, "twenty_id": None}}}
    option = SchemaRemoved(object="company", name="tags.VIP", element="options", twenty_id="t")
    assert await effect(ledger, option) == {"schema_option": {("company", "tags", "VIP"): None}}
    tags = SchemaRemoved(object="company", name="tags", element="field", twenty_id="t")
    assert await effect(ledger, tags) == {"schema_option": {("company", "tags", "NEW"): None}}
    asked = SchemaRemoved(object="person", name="tags", element="field", twenty_id="t")
    assert await effect(ledger, asked) == {"schema_options_intended": {("person", "tags"): None}}
    pet = SchemaRemoved(object="pet", name="", element="object", twenty_id="p")
    assert await effect(ledger, pet) == {
        "schema_element": {("pet", ""): gone, ("pet", "one"): gone},
        "schema_option": {("pet", "kind", "VIP"): None},
        "schema_options_intended": {("pet", "tags"): None},
    }


# --- automations, compensations --------------------------------------------------------------------------------------


async def test_an_automation_is_switched(ledger: Ledger) -> None:
    """About to be paused, paused, about to be back, back; or lost: its own row only."""
    new = AutomationIntended(twenty_id="c", action="pause", payload_hash=A)
    row = {"twenty_id": "c", "state": "pausing", "payload_hash": A, "trash_on": None, "position": NOW}
    assert await effect(ledger, new) == {"automation": {("c",): row}}
    assert await effect(ledger, AutomationPaused(twenty_id="c", trash_on="day", payload_hash=B)) == {
        "automation": {("c",): {"state": "paused", "trash_on": "day", "payload_hash": B, "position": NOW}}
    }
    assert await effect(ledger, AutomationIntended(twenty_id="c", action="resume", payload_hash=A)) == {
        "automation": {("c",): {"state": "resuming", "payload_hash": A, "position": NOW}}
    }
    assert await effect(ledger, AutomationResumed(twenty_id="c")) == {
        "automation": {("c",): {"state": "active", "trash_on": None, "position": NOW}}
    }
    assert await effect(ledger, AutomationLost(twenty_id="b")) == {
        "automation": {("b",): {"state": "lost", "position": NOW}}
    }


async def test_a_record_in_a_rollback(ledger: Ledger) -> None:
    """Intended, then kept and why, or intended again: by run, object and id."""
    key = ("r3", "person", "id k")
    item = Compensated(key="k", id="id k")
    row = {
        "run_id": "r3", "object": "person", "twenty_id": "id k", "source_key": "k", "state": "intended",
        "detail": "soft_delete", "payload_hash": None, "position": NOW,
    }  # fmt: skip
    about = CompensationIntended(object="person", action="soft_delete", items=(item,))
    assert await effect(ledger, about) == {"compensation": {key: row}}
    kept = CompensationKept(object="person", twenty_id="id k", why="edited", source_key="k", payload_hash=B)
    assert await effect(ledger, kept) == {
        "compensation": {key: {"state": "kept", "detail": "edited", "payload_hash": B, "position": NOW}}
    }
    assert await effect(ledger, CompensationIntended(object="person", action="destroy", items=(item,))) == {
        "compensation": {key: {"state": "intended", "detail": "destroy", "position": NOW}}
    }


async def test_traces_are_noted_and_removed(ledger: Ledger) -> None:
    """Noted with their numbers; removed, only those."""
    row = {"position": NOW, "run_id": "r3", "timeline": 5, "runs": 6, "payload_hash": C, "removed": 0}
    assert await effect(ledger, TracesNoted(timeline=5, runs=6, payload_hash=C)) == {"trace": {(NOW,): row}}
    first = position_of(ledger, "TracesNoted")
    assert await effect(ledger, TracesRemoved(noted=first, timeline=1, runs=2)) == {"trace": {(first,): {"removed": 1}}}
