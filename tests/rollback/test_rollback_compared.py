"""Destroying compares: an edit made after the records were read survives, whatever times the others carry."""

import pytest

from commands import rollback
from commands.compensation.deciding import Decision
from commands.session import Working
from tests.delta.accounts import ANN, BOB, edit, load_account, people
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio


async def test_a_time_to_come_on_one_record_hides_no_edit_of_another(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody set Bob's time far ahead; Ann, edited between the check and the call, stays all the same."""
    await load_account(journey)
    await edit(journey, BOB["email"], updatedAt="2099-01-01T00:00:00.000Z")
    note_traces = rollback.note_traces

    async def edit_behind(working: Working, decision: Decision, *others: object, **said: object) -> None:
        await note_traces(working, decision, *others, **said)  # type: ignore[arg-type]
        await edit(journey, ANN["email"], jobTitle="Baker")

    monkeypatch.setattr(rollback, "note_traces", edit_behind)
    done = await journey.roll_back()
    there = await people(journey)
    assert [(one["emails"]["primaryEmail"], one["jobTitle"]) for one in there.values()] == [(ANN["email"], "Baker")]
    assert {one.why for one in done.proof.kept if one.object == "person"} == {"edited_meanwhile"}
    [compared] = [
        one.event for one in await journey.events("CompensationIntended")
        if one.event.object == "person" and one.event.unedited_since is None
    ]  # fmt: skip
    assert [one.updated_at for one in compared.items] == ["2099-01-01T00:00:00.000Z"]
