"""What hangs on what was taken back: relations that lead nowhere, and ties that go along."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ledger.events import (
    Event,
    HoldAbandoned,
    PayloadErased,
    RecordAdopted,
    RecordDeleted,
    RecordRejected,
    RecordSkipped,
    RecordUnlinked,
    RecordWithdrawn,
)
from ledger.hashing import Payload, seal
from ledger.scopes import Scope
from ledger.store import Ledger
from ledger.ties import Loose, loose, ties_along
from tests.ledger.crowded import A, B, created, held, made, sent, tell
from tests.ledger.plain import take_away

pytestmark = pytest.mark.anyio

Links = Mapping[str, Mapping[str, str]]


def to(object_name: str, key: str, column: str = "targetId") -> Links:
    """A relation to a record of ours."""
    return {column: {"object": object_name, "source_key": key}}


def linked(key: str, links: Links | None) -> Payload:
    """The body of a record with relations, or with no word of them."""
    return seal(key, {"fields": {}} if links is None else {"fields": {}, "links": links})


async def stand(ledger: Ledger, object_name: str, key: str, links: Links | None = None, **more: Any) -> None:
    """A record of ours is made and written."""
    body = linked(key, links)
    await tell(ledger, made(object_name, key, body.hash), created(object_name, key, body.hash, **more), bodies=(body,))


def deleted(object_name: str, key: str, id_: str | None = None, outcome: Any = "destroyed") -> Event:
    """A record is taken back."""
    return RecordDeleted(object=object_name, source_key=key, twenty_id=id_ or f"id {key}", outcome=outcome)


async def test_relations_to_what_was_taken_back(fresh: Ledger) -> None:
    """Each relation, as it was written, of a record that stands to just what this run took; not one left out before."""
    await stand(fresh, "company", "acme")
    await stand(fresh, "company", "bee")
    await stand(fresh, "person", "acme")
    await stand(fresh, "person", "p2", {**to("company", "acme", "workId"), **to("company", "bee", "oldId")})
    await stand(fresh, "person", "p1", to("company", "acme", "workId"), unlinked=("oldId",))
    await stand(fresh, "note", "n2", {**to("company", "acme", "aId"), **to("company", "acme", "bId")})
    await stand(fresh, "note", "n1", to("person", "acme"))
    await stand(fresh, "note", "n3", to("company", "acme"), unlinked=("otherId", "targetId"))
    await stand(fresh, "note", "n4", None)
    await tell(
        fresh,
        *(deleted("company", "acme", outcome="soft_deleted"), deleted("company", "acme")),
        RecordUnlinked(object="company", source_key="bee", twenty_id="id bee", unlinked=()),
        run="back",
    )
    assert await loose(fresh.reader, "back") == [
        Loose(object="note", source_key="n2", twenty_id="id n2", column="aId", unlinked=None),
        Loose(object="note", source_key="n2", twenty_id="id n2", column="bId", unlinked=None),
        Loose(object="person", source_key="p1", twenty_id="id p1", column="workId", unlinked='["oldId"]'),
        Loose(object="person", source_key="p2", twenty_id="id p2", column="workId", unlinked=None),
    ]
    await tell(fresh, deleted("company", "bee"), run="other")
    assert [(one.source_key, one.column) for one in await loose(fresh.reader, "other")] == [("p2", "oldId")]
    assert await loose(fresh.reader, "none") == []


async def test_relations_that_are_not_written(fresh: Ledger, path: Path) -> None:
    """What a record should hold next, or never held, is none; nor is what nobody can read, or another's record."""
    points = to("company", "acme")
    await stand(fresh, "company", "acme")
    for key in ("to be freed", "erased", "skipped", "gone"):
        await stand(fresh, "person", key, points)
    await stand(fresh, "person", "to be tied")
    free, tie, pending = linked("to be freed", {}), linked("to be tied", points), linked("pending", points)
    await tell(
        fresh,
        *(made("person", one, body.hash) for one, body in (("to be freed", free), ("to be tied", tie))),
        made("person", "pending", pending.hash),
        RecordSkipped(object="person", source_key="skipped", twenty_id="theirs"),
        made("person", "skipped"),
        PayloadErased(payload_hash=linked("erased", points).hash),
        bodies=(free, tie, pending),
    )
    await tell(fresh, deleted("company", "acme"), deleted("person", "gone"), run="back")
    take_away(path, linked("erased", points).hash)
    assert [one.source_key for one in await loose(fresh.reader, "back")] == ["to be freed"]


async def test_a_relation_is_told_once_however_many_ids_its_target_had(fresh: Ledger) -> None:
    """A record that landed late under the id of an earlier generation goes along with the one that stood."""
    await stand(fresh, "company", "acme")
    await stand(fresh, "person", "p1", to("company", "acme"))
    await tell(fresh, deleted("company", "acme"), deleted("company", "acme", "id acme before"), run="back")
    assert len(await loose(fresh.reader, "back")) == 1


async def test_how_many_ties_go_along(fresh: Ledger) -> None:
    """Records of some objects, each once, that are out of a scope and point at one in it."""
    fresh.run_id = "r1"
    await stand(fresh, "company", "acme")
    position = fresh.head.position
    await stand(fresh, "person", "acme")
    await stand(fresh, "company", "bee")
    fresh.run_id = "r2"
    await stand(fresh, "tie", "t1", {**to("company", "acme", "aId"), **to("company", "bee", "bId")})
    await stand(fresh, "tie", "t2", to("company", "bee"))
    await stand(fresh, "knot", "t1", to("company", "acme"))
    await stand(fresh, "knot", "k1", to("tie", "t1"))
    await stand(fresh, "knot", "k2", to("person", "acme"))
    await stand(fresh, "note", "n1", to("company", "acme"))
    for scope, expected in (
        (Scope(run_id="r1"), {"tie": 2, "knot": 2}),
        (Scope(run_id="r2"), {}),
        (Scope(), {}),
        (Scope(since=position), {}),
        (Scope(since=position, objects=("company",)), {"tie": 2}),
        (Scope(since=position - 1, objects=("company",)), {"tie": 2, "knot": 1}),
        (Scope(objects=("tie",)), {"knot": 1}),
        (Scope(objects=("tie", "company")), {"knot": 2}),
        (Scope(records=("id bee",)), {"tie": 2}),
        (Scope(keys=frozenset({("person", "acme"), ("tie", "bee")})), {"knot": 1}),
        (Scope(keys=frozenset({("company", "acme"), ("knot", "t1")})), {"tie": 1}),
        (Scope(keys=frozenset({("company", "acme"), ("knot", "k2")})), {"tie": 1, "knot": 1}),
        (Scope(keys=frozenset()), {}),
    ):
        assert await ties_along(fresh.reader, scope, ("tie", "knot")) == expected, scope
    assert await ties_along(fresh.reader, Scope(run_id="r1"), ["tie"]) == {"tie": 2}
    assert await ties_along(fresh.reader, Scope(run_id="r1"), iter(())) == {}


async def test_ties_that_go_along_as_they_were_written(fresh: Ledger, path: Path) -> None:
    """Not as they should be next; what nobody can read, or was never written, is none."""
    scope, points = Scope(objects=("company",)), to("company", "acme")
    await stand(fresh, "company", "acme")
    await stand(fresh, "tie", "to be freed", points)
    await stand(fresh, "tie", "to be tied")
    await stand(fresh, "tie", "erased", points)
    free, tie, pending = linked("to be freed", {}), linked("to be tied", points), linked("pending", points)
    await tell(
        fresh,
        *(made("tie", one, body.hash) for one, body in (("to be freed", free), ("to be tied", tie))),
        made("tie", "pending", pending.hash),
        bodies=(free, tie, pending),
    )
    assert await ties_along(fresh.reader, scope, ["tie"]) == {"tie": 2}
    await tell(fresh, PayloadErased(payload_hash=linked("erased", points).hash))
    take_away(path, linked("erased", points).hash)
    assert await ties_along(fresh.reader, scope, ["tie"]) == {"tie": 1}


async def test_ties_go_along_with_whatever_we_made_or_may_have_made(fresh: Ledger) -> None:
    """Whatever the target's state is, as long as it is ours; not one that was there before, or is not in Twenty."""
    ours = ("written", "changed", "obsolete", "held", "rejected", "abandoned", "intended")
    others = ("pending", "withdrawn", "deleted", "skipped", "adopted", "adopting")
    for key in (*ours[:-1], "deleted"):
        await stand(fresh, "company", key)
    [hold] = await tell(fresh, held(7, "write", "abandoned", "company"))
    await tell(
        fresh,
        *(made("company", key) for key in ("intended", *others) if key != "deleted"),
        made("company", "changed", B),
        *(RecordWithdrawn(object="company", source_key=key) for key in ("obsolete", "withdrawn")),
        *(held(8, "write", "held", "company"), HoldAbandoned(hold=hold, payload_hash=A)),
        RecordRejected(object="company", source_key="rejected", code="x", payload_hash=A),
        *(sent("company", "create", "intended"), sent("company", "adopt", "adopting"), deleted("company", "deleted")),
        RecordSkipped(object="company", source_key="skipped", twenty_id="theirs"),
        RecordAdopted(object="company", source_key="adopted", twenty_id="id adopted", payload_hash=A, updated_at=""),
    )
    for key in (*ours, *others):
        await stand(fresh, f"tie of {key}", key, to("company", key))
    rows = await fresh.reader.rows("SELECT source_key, state FROM record WHERE object = 'company'")
    known = {row["source_key"]: row["state"] for row in rows}
    assert known == {**{key: key for key in (*ours, *others)}, "adopted": "written", "adopting": "intended"}
    found = await ties_along(fresh.reader, Scope(objects=("company",)), [f"tie of {key}" for key in known])
    assert found == {f"tie of {key}": 1 for key in ours}
