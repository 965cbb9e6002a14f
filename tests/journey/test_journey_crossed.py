"""Crossed: lost answers, late landings, other people's edits and repeated runs that meet in one migration."""

import pytest

from adapters.mapping.types import FieldPlan
from adapters.twenty import Ids, Object, TwentyClient, create, create_field, destroy
from commands import delivery
from commands.errors import WrongUse
from tests.journey.crossing import Cut, Rows, cut_after, cut_before, cut_rollback, people, refuse, rows_of, with_create
from tests.journey.world import Journey, by_email, change_person, create_company, send

_TICK = FieldPlan(object="company", name="isIdeal", type="BOOLEAN", label="Ideal", options={}, settings={})
_CHOICE = FieldPlan(
    object="company", name="rating", type="SELECT", label="Rating", options={"GOOD": "good"}, settings={}
)


async def given_a_title(journey: Journey, email: str = "p1@k.example") -> str:
    """Somebody edits a person; her id."""
    record = str(by_email(await journey.records("person"))[email]["id"])
    async with journey.twenty() as twenty:
        await change_person(twenty.client, data={"jobTitle": "Boss"}, record=record)
    return record


@pytest.mark.anyio
async def test_an_edit_between_a_lost_answer_and_resume_is_kept(journey: Journey) -> None:
    """A person edited before her create was looked up stays and is named: the look-up's time proves nothing."""
    exports = people(journey, 3)
    await cut_after(lambda: journey.load(exports, "leave"))
    edited = await given_a_title(journey)
    await journey.resume()
    done = await journey.roll_back()
    assert [(one.id, one.why) for one in done.proof.kept if one.object == "person"] == [(edited, "edited")]
    assert [(one["id"], one["jobTitle"]) for one in await journey.records("person")] == [(edited, "Boss")]


@pytest.mark.anyio
async def test_a_call_that_lands_after_its_rollback_is_swept_by_the_next(journey: Journey) -> None:
    """What can still land is said and spoils the proof, with exit code 3; once it came, the next rollback is exact."""
    exports = people(journey, 3)
    late = await cut_before(lambda: journey.load(exports, "leave"))
    told = journey.told("rollback", "--yes", "--sandbox", "--patience", "0", code=3)
    assert told["exact"] is False
    assert told["proof"]["could_land"].startswith("3 records whose call had no answer could land")
    # Their companies and our fields are gone by now: this is all that can be left of them.
    left = [{name: row[name] for name in ("id", "name", "emails", "createdBy")} for row in late]
    async with journey.twenty() as twenty:
        await create(twenty.client, twenty.model.object("person"), left)
    assert len(await journey.records("person")) == 3
    done = await journey.roll_back()
    assert (done.destroyed["person"], done.proof.exact, done.undone) == (3, True, 0)
    assert await journey.records("person") == []


@pytest.mark.anyio
async def test_a_call_sent_again_has_an_intent_of_its_own(journey: Journey) -> None:
    """Each call is preceded by its intent and the bound on its time; a rollback waits from the last one."""
    exports = people(journey, 2)
    await cut_before(lambda: journey.load(exports, "leave"))
    await cut_before(journey.resume)
    intents = [one for one in await journey.events("BatchIntended") if one.event.object == "person"]
    assert len(intents) == 2
    assert all(one.event.timeout_s > 0 for one in intents)
    positions = journey.ledger_rows("SELECT DISTINCT intent FROM record WHERE object = 'person'")
    assert positions == [(intents[-1].position,)]
    done = await journey.roll_back(patience_s=0)
    assert (done.proof.could_land is None, done.proof.exact) == (False, False)


@pytest.mark.anyio
async def test_people_sent_bare_are_unlinked_also_when_looked_up(journey: Journey) -> None:
    """Whose company was destroyed goes without; a lost answer hides nothing: load counts her, says so, and exits 3."""
    exports = people(journey, 2)
    real = delivery.create

    async def bare(client: TwentyClient, target: Object, rows: Rows) -> None:
        if "companyId" in rows[0]:
            async with journey.twenty() as twenty:
                gone = Ids([row["companyId"] for row in rows])
                await destroy(client, twenty.model.object("company"), gone, None)
        await real(client, target, rows)
        raise Cut

    with pytest.raises(Cut):
        await with_create(lambda: journey.load(exports, "leave"), bare)
    loaded = await journey.resume()
    assert (loaded.unlinked, loaded.undone) == (2, 2)
    assert [one["companyId"] for one in await journey.records("person")] == [None, None]
    again = journey.run("load", str(exports), "--accept-defaults", "--automations", "leave", "--sandbox", code=3)
    assert "without a relation of theirs, since what it points at is not in Twenty: 2" in again


@pytest.mark.anyio
async def test_a_run_takes_back_what_it_sent_again_of_anothers(journey: Journey) -> None:
    """Records that run A had refused and run B sent are B's: `rollback --run B` takes them, their answer lost."""
    exports = people(journey, 2)
    first = await with_create(lambda: journey.load(exports, "leave"), refuse)
    await cut_after(lambda: journey.load(exports, "leave"))
    [(second,)] = journey.ledger_rows("SELECT run_id FROM run ORDER BY position DESC LIMIT 1")
    assert second != first.run
    done = await journey.roll_back(second, patience_s=1)
    assert done.destroyed["person"] == 2
    assert await journey.records("person") == []
    assert len(await journey.records("company")) == 2


@pytest.mark.anyio
async def test_a_company_a_tick_or_a_choice_given_by_a_person_is_an_edit(journey: Journey) -> None:
    """A link we did not write, a BOOLEAN and a SELECT away from their defaults are a person's work, and stay."""
    async with journey.twenty() as twenty:
        company = twenty.model.object("company").id
        for plan in (_TICK, _CHOICE):
            await create_field(twenty.client, company, plan)
    bare = {"id": "9", "email": "solo@k.example", "first_name": "Solo", "company": "", "tags": ""}
    await journey.load(journey.export("a", [*rows_of(3), bare]), "leave")
    solo = by_email(await journey.records("person"))["solo@k.example"]["id"]
    ours = {one["name"]: one["id"] for one in await journey.records("company")}
    async with journey.twenty() as twenty:
        foreign = await create_company(twenty.client, data={"name": "Foreign"})
        await change_person(twenty.client, data={"companyId": foreign}, record=solo)
        await send(twenty.client, "updateCompany", "Company", {"isIdeal": True}, ours["Co1"])
        await send(twenty.client, "updateCompany", "Company", {"rating": "GOOD"}, ours["Co2"])
        for name in ("Renamed", "Co3"):
            await send(twenty.client, "updateCompany", "Company", {"name": name}, ours["Co3"])
    done = await journey.roll_back()
    assert {(one.id, one.why) for one in done.proof.kept} == {
        (one, "edited") for one in (solo, ours["Co1"], ours["Co2"])
    }


@pytest.mark.anyio
async def test_kept_records_of_ours_do_not_spoil_the_next_proof(journey: Journey) -> None:
    """The baseline counts what is not ours: after a load that met a kept record, all can be taken back exactly."""
    exports = people(journey, 3)
    await journey.load(exports, "leave")
    await given_a_title(journey)
    assert not (await journey.roll_back()).proof.exact
    await journey.load(exports, "leave")
    done = await journey.roll_back(force=True)
    assert (done.proof.unexplained, done.proof.exact) == ({}, True)
    assert [*await journey.records("person"), *await journey.records("company")] == []


def test_write_alone_takes_a_baseline(journey: Journey) -> None:
    """Step by step instead of by `load`, the proof still has a count from before the first record."""
    exports = people(journey, 2)
    journey.run("extract", str(exports))
    journey.run("transform", "--accept-defaults")
    journey.run("schema", "apply", "--accept-defaults", "--sandbox")
    journey.run("write", "--automations", "leave", "--sandbox")
    told = journey.told("rollback", "--yes", "--sandbox", "--patience", "3")
    assert told["proof"]["baseline"] == {"company": 0, "person": 0}
    assert told["exact"] is True


@pytest.mark.anyio
async def test_workflow_runs_of_a_record_that_stays_stay(journey: Journey) -> None:
    """Edited after its traces were noted, before it was destroyed: the record keeps its history, others' goes."""
    await journey.load(people(journey, 2), "leave")
    await journey.settled_dump()
    await cut_rollback(journey)
    kept = await given_a_title(journey)
    about = """SELECT count(*) FROM "workflowRun" WHERE "state" LIKE ?"""
    before = journey.sql(about, f"%{kept}%")
    assert before != [(0,)]
    assert not (await journey.roll_back()).proof.exact
    assert journey.sql(about, f"%{kept}%") == before
    assert journey.sql('SELECT count(*) FROM "workflowRun"') == before


@pytest.mark.anyio
async def test_an_interrupted_rollback_goes_on_only_with_the_same_force(journey: Journey) -> None:
    """What was begun with `--force` is not gone on with without it; said the same, it is."""
    await journey.load(people(journey, 2), "leave")
    await cut_rollback(journey, force=True)
    with pytest.raises(WrongUse, match="begun with --force"):
        await journey.roll_back()
    assert len(await journey.records("person")) == 2
    assert (await journey.roll_back(force=True)).proof.exact
