"""Crossed: automations, options and holds that somebody else touched, or whose outcome was lost."""

from pathlib import Path
from typing import Any

import pytest

from adapters.mapping.types import FieldPlan
from adapters.twenty import Ids, OutcomeUnknown, add_options, create_field, destroy
from adapters.twenty.documents import TRIGGERS
from commands import automations, modelling
from tests.journey.crossing import Cut, cut_before, people
from tests.journey.world import Journey, send

_TAGS = FieldPlan(
    object="person", name="kartraTags", type="MULTI_SELECT", label="Kartra tags", options={"ZETA": "zeta"}, settings={}
)


async def cut(*_positional: object, **_named: object) -> Any:
    """The process dies here."""
    raise Cut


async def tags_by_hand(journey: Journey) -> None:
    """Somebody has made the field of tags before us, with an option of her own."""
    async with journey.twenty() as twenty:
        await create_field(twenty.client, twenty.model.object("person").id, _TAGS)


async def options_there(journey: Journey) -> list[str]:
    """The values of the field of tags."""
    async with journey.twenty() as twenty:
        return [one.value for one in twenty.model.object("person").field("kartraTags").options or ()]


async def options_lost(journey: Journey, exports: Path) -> None:
    """A load whose process dies when its options have landed."""

    async def landed(*said: Any) -> None:
        await add_options(*said)
        raise Cut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modelling, "add_options", landed)
        with pytest.raises(Cut):
            await journey.load(exports, "leave")


@pytest.mark.anyio
@pytest.mark.parametrize("by_run", [False, True], ids=["everything", "run"])
async def test_options_whose_answer_was_lost_are_taken_back(journey: Journey, by_run: bool) -> None:
    """A rollback first finds out which options landed: they are the asking run's, and go; others' stay."""
    await tags_by_hand(journey)
    await options_lost(journey, people(journey, 2, tags="alpha"))
    assert await options_there(journey) == ["ZETA", "ALPHA"]
    [(run,)] = journey.ledger_rows("SELECT run_id FROM run")
    done = await journey.roll_back(run if by_run else None)
    assert (done.proof.exact, done.proof.schema_left) == (True, [])
    assert await options_there(journey) == ["ZETA"]
    assert journey.ledger_rows("SELECT * FROM schema_options_intended") == []


@pytest.mark.anyio
async def test_an_option_in_use_makes_the_proof_not_exact(journey: Journey) -> None:
    """An option of ours that somebody's record holds stays, is named, and the proof does not call that exact."""
    await tags_by_hand(journey)
    await journey.load(people(journey, 2, tags="alpha"), "leave")
    async with journey.twenty() as twenty:
        data = {"emails": {"primaryEmail": "f@x.example"}, "kartraTags": ["ALPHA"]}
        await send(twenty.client, "createPerson", "Person", data)
    done = await journey.roll_back()
    left = ["person.kartraTags.ALPHA"]
    assert (done.fields_kept, done.proof.schema_left, done.proof.exact) == (left, left, False)
    assert done.undone > 0


@pytest.mark.anyio
async def test_a_field_of_another_type_under_our_name_is_not_ours(journey: Journey) -> None:
    """A making without an answer claims only what was planned: somebody's unequal field of that name stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(modelling, "create_field", cut)
        with pytest.raises(Cut):
            await journey.load(people(journey, 1), "leave")
    [intended] = [one.event for one in await journey.events("SchemaIntended")]
    named = {"object": intended.object, "name": intended.name}
    theirs = FieldPlan(**named, type="BOOLEAN", label="Theirs", options={}, settings={})
    async with journey.twenty() as twenty:
        await create_field(twenty.client, twenty.model.object(intended.object).id, theirs)
    assert (await journey.roll_back()).proof.exact
    async with journey.twenty() as twenty:
        assert twenty.model.object(intended.object).field(intended.name).type == "BOOLEAN"


@pytest.mark.anyio
async def test_a_trigger_destroyed_while_paused_is_lost_and_named(journey: Journey, capsys: Any) -> None:
    """It cannot be put back: the ledger says so, a person is told, and the run goes on to its end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(automations, "restore", cut)
        with pytest.raises(Cut):
            await journey.load(people(journey, 2), "pause")
    [(trigger,)] = journey.ledger_rows("SELECT twenty_id FROM automation WHERE state = 'paused'")
    async with journey.twenty() as twenty:
        await destroy(twenty.client, TRIGGERS, Ids([trigger]), None)
    loaded = await journey.resume()
    assert [one.event.twenty_id for one in await journey.events("AutomationLost")] == [trigger]
    assert f"automation {trigger} is gone from Twenty for good" in capsys.readouterr().err
    assert {one.object: one.created for one in loaded.books.records} == {"company": 2, "person": 2}
    assert (await journey.roll_back()).proof.exact


@pytest.mark.anyio
async def test_a_failed_return_does_not_hide_why_the_run_ended(journey: Journey, capsys: Any) -> None:
    """The run's own error is raised; that automations are still paused is told beside it."""
    exports = people(journey, 2)

    async def out_of_reach(*_said: object) -> None:
        raise OutcomeUnknown("out of reach")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(automations, "put_back", out_of_reach)
        await cut_before(lambda: journey.load(exports, "pause"))
    assert [state for (state,) in journey.ledger_rows("SELECT state FROM automation")] == ["resuming"]
    assert "automations could not be put back" in capsys.readouterr().err


@pytest.mark.anyio
async def test_a_hold_closes_when_its_record_goes_on(journey: Journey) -> None:
    """A held record is tried again by each load, never held twice at once; once its way is free it is written."""
    async with journey.twenty() as twenty:
        data = {"emails": {"primaryEmail": "p1@k.example"}}
        holder = await send(twenty.client, "createPerson", "Person", data)
    exports = people(journey, 1)
    changed = people(journey, 1, "b", first_name="Other")
    for folder in (exports, exports, changed):
        assert (await journey.load(folder, "leave")).open_holds == 1
        assert journey.ledger_rows("SELECT count(*) FROM hold WHERE state = 'open'") == [(1,)]
    async with journey.twenty() as twenty:
        await destroy(twenty.client, twenty.model.object("person"), Ids([holder]), None)
    loaded = await journey.load(changed, "leave")
    assert (loaded.open_holds, loaded.undone) == (0, 0)
    assert {state for (state,) in journey.ledger_rows("SELECT state FROM hold")} == {"released"}
    [person] = await journey.records("person")
    assert person["name"]["firstName"] == "Other"
