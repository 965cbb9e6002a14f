"""Folds of records, row by row: what an event changes, to the last column, and that it changes no more."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from ledger.events import (
    PayloadErased,
    RecordAdopted,
    RecordDeleted,
    RecordRejected,
    RecordRestored,
    RecordSkipped,
    RecordUnlinked,
    RecordUpdated,
    RecordWithdrawn,
)
from ledger.hashing import seal
from ledger.store import Ledger
from tests.ledger.crowded import (
    NOW,
    SETTLED,
    UNDONE,
    A,
    B,
    C,
    D,
    created,
    effect,
    made,
    opened,
    position_of,
    restored,
    sent,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ledger(crowded: Path, path: Path) -> AsyncIterator[Ledger]:
    """The crowded ledger, open in a third run."""
    async with opened(crowded, path) as ledger:
        yield ledger


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
        },
        "intent": {
            (key, "person", NOW): {"source_key": key, "object": "person", "position": NOW}
            for key in ("pending", "written")
        },
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
    """It is written as it should be and when Twenty says; who made it, and since when, stays; the change is listed.

    What was written is not what it should hold: it is still to be changed.
    """
    updated = RecordUpdated(
        object="person", source_key="written", twenty_id="id written", payload_hash=B, updated_at="later",
        base_hash=A, before_hash=C, sent_hash=D,
    )  # fmt: skip
    await effect(ledger, sent("person", "update", "written"))
    assert (await effect(ledger, updated))["record"][("person", "written")]["state"] == "changed"
    await effect(ledger, made("person", "written", B))
    await effect(ledger, sent("person", "update", "written"))
    change = {
        "position": NOW, "run_id": "r3", "object": "person", "source_key": "written", "twenty_id": "id written",
        "kind": "updated", "payload_hash": B, "base_hash": A, "before_hash": C, "sent_hash": D, "restored": 0,
        "undone": None,
    }  # fmt: skip
    assert await effect(ledger, updated) == {
        "record": {
            ("person", "written"): {
                "state": "written", **SETTLED,
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


async def test_a_change_is_taken_back(ledger: Ledger) -> None:
    """It is written if that is what it should hold, else changed, obsolete if it was; only that change is undone."""
    change = position_of(ledger, "RecordUpdated")
    done = {
        "run_id": "r3", "object": "company", "twenty_id": "id written", "source_key": "written", "state": "done",
        "detail": "restored", "payload_hash": D, "position": NOW,
    }  # fmt: skip
    assert await effect(ledger, restored("company", "written", B, change)) == {
        "record": {("company", "written"): {"state": "changed", "written_hash": B, "updated_at": "at last"}},
        "change": {(change,): UNDONE},
        "compensation": {("r3", "company", "id written"): done},
    }
    assert (await effect(ledger, restored("company", "written", A)))["record"] == {
        ("company", "written"): {"state": "written", "written_hash": A}
    }
    without = msgspec.structs.replace(restored("company", "written", A), unlinked=("ownerId",))
    assert (await effect(ledger, without))["record"] == {("company", "written"): {"unlinked": '["ownerId"]'}}
    assert (await effect(ledger, restored("company", "written", A))).get("record", {}) == {}
    with_all = msgspec.structs.replace(without, unlinked=())
    assert (await effect(ledger, with_all))["record"] == {("company", "written"): {"unlinked": None}}
    await effect(ledger, RecordWithdrawn(object="company", source_key="written"))
    assert (await effect(ledger, restored("company", "written", B)))["record"] == {
        ("company", "written"): {"written_hash": B}
    }


async def test_a_call_is_settled_by_putting_back(ledger: Ledger) -> None:
    """A change of unknown outcome that was put back is no call of unknown outcome any more."""
    await effect(ledger, sent("person", "update", "written"))
    assert (await effect(ledger, restored("person", "written", A)))["record"] == {
        ("person", "written"): {"state": "written", "updated_at": "at last", **SETTLED}
    }


async def test_an_adoption_is_taken_back(ledger: Ledger) -> None:
    """Nothing of ours is in it any more: pending, without an id, as if it had never been."""
    change = position_of(ledger, "RecordAdopted")
    found = await effect(ledger, restored("person", "adopted", None, change))
    assert found["record"] == {
        ("person", "adopted"): {
            "state": "pending", "written_hash": None, "updated_at": "at last", "twenty_id": None, "origin": None,
            "since": None, "run_id": None, "unlinked": None,
        }
    }  # fmt: skip
    assert found["change"] == {(change,): UNDONE}


async def test_what_a_relation_led_to_is_gone(ledger: Ledger) -> None:
    """All that the record is without by now is told anew; of another id nothing changes."""
    loose = RecordUnlinked(object="company", source_key="written", twenty_id="id written", unlinked=("a", "b"))
    assert await effect(ledger, loose) == {"record": {("company", "written"): {"unlinked": '["a","b"]'}}}
    other = RecordUnlinked(object="company", source_key="written", twenty_id="another", unlinked=())
    assert await effect(ledger, other) == {}


async def test_another_id_is_another_record(ledger: Ledger) -> None:
    """What is said of an id that is not the record's changes nothing of it."""
    other = RecordDeleted(object="person", source_key="written", twenty_id="another", outcome="destroyed")
    assert set(await effect(ledger, other)) == {"compensation"}
    back = RecordRestored(
        object="person", source_key="written", twenty_id="another", payload_hash=D, updated_at="later"
    )
    assert set(await effect(ledger, back)) == {"compensation"}


async def test_a_label_is_erased(ledger: Ledger) -> None:
    """Only labels from that body: a stream's other records keep theirs."""
    hers, other = (seal("hers", value, {"name": value}) for value in ("Jane", "J."))
    await ledger.append([made("person", "hers", hers.hash), made("company", "hers", other.hash)], [hers, other])
    erased = await effect(ledger, PayloadErased(payload_hash=hers.hash))
    assert erased == {"record": {("person", "hers"): {"label": None}}}
