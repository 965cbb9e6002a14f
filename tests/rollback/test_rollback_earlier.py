"""An earlier delta taken back while a later one stands: what the later one stands upon stays, and is believed."""

from typing import Any

import pytest

from adapters.twenty import Difference
from commands.compensation.undoing import Known, Undoing, undoing
from ledger.hashing import Envelope, seal
from ledger.projections.changes import Past
from tests.delta.accounts import ANN, BOB, export, people
from tests.journey.world import Journey
from tests.rollback.believed import apart

pytestmark = pytest.mark.anyio

BODIES: dict[str, Envelope] = {}


async def deltas(journey: Journey, *cells: dict[str, str]) -> list[str]:
    """Load Ann and Bob, and then her with other cells, again and again; the deltas' runs."""
    bob = {**BOB, "tags": "VIP, B"}
    await journey.load(export(journey, 0, [ANN, bob]), "leave")
    ages = enumerate(cells, start=1)
    return [
        (await journey.delta(export(journey, age, [{**ANN, **one}, bob]), "contacts")).loaded.run for age, one in ages
    ]


async def held(journey: Journey) -> tuple[Any, ...]:
    """Ann's score and tags."""
    ann = (await people(journey))[ANN["email"]]
    return ann["kartraScore"], *sorted(ann["kartraTags"])


async def test_tags_that_a_later_delta_says_too_stay(journey: Journey) -> None:
    """Nothing is lost or told as edited; the next delta builds on it, and all of it can be taken back exactly."""
    one, _ = await deltas(journey, {"tags": "VIP, Old, B", "score": "7"}, {"tags": "VIP, Old, B, D", "score": "8"})
    done = await journey.roll_back(one)
    assert [(kept.why, kept.detail) for kept in done.proof.kept] == [("changed_later", ("kartraScore", "kartraTags"))]
    assert await held(journey) == (8, "B", "D", "OLD", "VIP")
    assert await apart(journey) == []
    await journey.delta(export(journey, 3, [{**ANN, "tags": "VIP, Old, B, D, F", "score": "8"}]))
    assert await held(journey) == (8, "B", "D", "F", "OLD", "VIP")
    assert await apart(journey) == []
    assert (await journey.roll_back()).proof.exact


async def test_a_later_delta_that_undid_an_earlier_one_comes_first(journey: Journey) -> None:
    """The earlier one stays as long as the later would give back what it put there; then it goes, too."""
    one, two = await deltas(journey, {"tags": "VIP, Old, B", "score": "7"}, {})
    assert [kept.why for kept in (await journey.roll_back(one)).proof.kept] == ["changed_later"]
    assert (await journey.roll_back(two)).undone == 0
    assert await held(journey) == (7, "B", "OLD", "VIP")
    assert await apart(journey) == []
    assert (await journey.roll_back(one)).undone == 0
    assert await held(journey) == (5, "OLD", "VIP")
    assert await apart(journey) == []


def body(fields: dict[str, Any]) -> str:
    """A body's hash, the body being known from now on."""
    value = {"fields": fields, "links": {}, "updatedAt": None}
    made = seal("contact:1", value)
    BODIES[made.hash] = Envelope(subject="contact:1", value=value)
    return made.hash


def change(position: int, before: dict[str, Any], sent: dict[str, Any], *returned: dict[str, Any]) -> Past:
    """A change of the one record."""
    return Past(
        position=position, run_id="r", object="person", source_key="contact:1", twenty_id="id-1", kind="updated",
        payload_hash=body(sent), base_hash=body(before), before_hash=body(before), sent_hash=body(sent), restored=0,
        undone=None, answered_at="", touched_at=None, returned=tuple(map(body, returned)), unlinked=(),
    )  # fmt: skip


ONE = change(1, {"score": 1, "name": {"firstName": "A", "lastName": "B"}, "tags": ["X"]},
             {"score": 2, "name": {"firstName": "C", "lastName": "D"}, "tags": ["X", "Y"]})  # fmt: skip
TWO_SENT = {"score": None, "name": {"firstName": "E"}, "tags": ["X"]}
TWO = change(2, {"score": 2, "name": {"firstName": "C"}, "tags": ["X", "Y"]}, TWO_SENT)
HELD = {"score": None, "name": {"firstName": "E", "lastName": "D"}, "tags": ["X"], "updatedAt": ""}


def undone(*history: Past, force: bool = False, **row: Any) -> Undoing:
    """The first of some changes undone, where the record holds what the second left, save for what is said."""
    known = Known(names={name: name for name in ("score", "name", "tags")}, types={"name": "FULL_NAME"})
    return undoing(history[:1], history, BODIES, {**HELD, **row}, known, force=force)


def paths(kept: tuple[Difference, ...]) -> set[str]:
    """The fields that stay."""
    return {one.path for one in kept}


def test_what_is_edited_is_told_apart_from_what_was_changed_later() -> None:
    """Part by part: an emptied field counts as changed; one that somebody set anew is an edit."""
    found = undone(ONE, TWO)
    assert (found.why, paths(found.kept)) == ("changed_later", {"score", "name.firstName", "tags"})
    assert found.back == {"name": {"lastName": "B"}}
    found = undone(ONE, TWO, score=9, tags=["X", "Y"])
    assert (found.why, paths(found.kept)) == ("edited", {"score"})
    assert found.back == {"name": {"lastName": "B"}, "tags": ["X", "Y"]}


def test_force_does_not_take_what_a_later_change_stands_upon() -> None:
    """It overrides people, not what of ours is to stand."""
    found = undone(ONE, TWO, force=True, score=9)
    assert (found.why, paths(found.kept)) == ("changed_later", {"score", "name.firstName", "tags"})


def test_what_came_back_of_a_later_change_is_in_nobodys_way() -> None:
    """The later one stands in part alone: of the rest the earlier comes back."""
    two = change(2, {"score": 2, "name": {"firstName": "C"}}, TWO_SENT, {"score": 2, "name": {"firstName": "C"}})
    found = undone(ONE, two, score=2, name={"firstName": "C", "lastName": "D"})
    assert (found.why, paths(found.kept)) == ("changed_later", {"tags"})
    assert found.back == {"score": 1, "name": {"firstName": "A", "lastName": "B"}}
