"""Folds of rows, names, holds, runs, data model and rollbacks, row by row: what an event changes, and no more."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ledger.events import (
    AutomationIntended,
    AutomationLost,
    AutomationPaused,
    AutomationResumed,
    Compensated,
    CompensationIntended,
    CompensationKept,
    ExportRead,
    ExportRegistered,
    FieldCreated,
    HoldAbandoned,
    HoldCorrected,
    IdentityErased,
    IdentityLinked,
    IdentityMoved,
    ObjectCreated,
    OptionsAdded,
    RelationCreated,
    RowExtracted,
    RowHeld,
    RowReleased,
    RowSetAside,
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
from ledger.projections import identities
from ledger.store import Ledger
from tests.ledger.crowded import (
    NOW,
    SETTLED,
    TIME,
    A,
    B,
    C,
    D,
    effect,
    held,
    opened,
    position_of,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ledger(crowded: Path, path: Path) -> AsyncIterator[Ledger]:
    """The crowded ledger, open in a third run."""
    async with opened(crowded, path) as ledger:
        yield ledger


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
    waited = RowExtracted(source_key="waited", source_ref="f1:4", payload_hash=B)
    assert (await effect(ledger, waited))["source_row"] == {
        ("f1", 4): {"state": "extracted", "source_key": "waited", "payload_hash": B}
    }
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
    known = RowHeld(
        object="company", source_ref="f2:8", reason="r", stage="extract", column="c", source_key="k", payload_hash=C
    )
    told = await effect(ledger, known)
    assert told["hold"][(NOW,)] == {
        **hold, "file": "f2", "object": "company", "column": "c", "source_key": "k", "reason": "r", "payload_hash": C,
    }  # fmt: skip
    assert (told["source_row"][("f2", 8)] or {})["payload_hash"] == C
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
    """A name learnt twice stays where it was; one erased is suppressed once; who is gone is gone since the first."""
    linked = IdentityLinked(source_key="written", alias="~w")
    assert await effect(ledger, linked) == {"alias": {("~w",): {"alias": "~w", "source_key": "written"}}}
    assert await effect(ledger, IdentityLinked(source_key="pending", alias="~w")) == {}
    moved = IdentityMoved(source_key="pending", alias="~w", former="written")
    assert await effect(ledger, moved) == {"alias": {("~w",): {"source_key": "pending"}}}
    assert (await identities.moves(ledger.reader)).keys() == {"~w"}
    erased = IdentityErased(alias="~w")
    assert await effect(ledger, erased) == {"suppressed": {("~w",): {"alias": "~w", "position": NOW}}}
    assert await effect(ledger, erased) == {}
    left = StreamGone(source_key="new")
    assert await effect(ledger, left) == {"gone": {("new",): {"source_key": "new", "run_id": "r3", "position": NOW}}}
    assert await effect(ledger, left) == {}
    assert await effect(ledger, StreamReturned(source_key="left")) == {"gone": {("left",): None}}


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
    named = {("k", "person", NOW): {"source_key": "k", "object": "person", "position": NOW}}
    assert await effect(ledger, about) == {"compensation": {key: row}, "intent": named}
    kept = CompensationKept(object="person", twenty_id="id k", why="edited", source_key="k", payload_hash=B)
    assert await effect(ledger, kept) == {
        "compensation": {key: {"state": "kept", "detail": "edited", "payload_hash": B, "position": NOW}}
    }
    assert await effect(ledger, CompensationIntended(object="person", action="destroy", items=(item,))) == {
        "compensation": {key: {"state": "intended", "detail": "destroy", "position": NOW}},
        "intent": named,
    }


async def test_traces_are_noted_and_removed(ledger: Ledger) -> None:
    """Noted with their numbers; removed, only those."""
    row = {"position": NOW, "run_id": "r3", "timeline": 5, "runs": 6, "payload_hash": C, "removed": 0}
    assert await effect(ledger, TracesNoted(timeline=5, runs=6, payload_hash=C)) == {"trace": {(NOW,): row}}
    first = position_of(ledger, "TracesNoted")
    assert await effect(ledger, TracesRemoved(noted=first, timeline=1, runs=2)) == {"trace": {(first,): {"removed": 1}}}
