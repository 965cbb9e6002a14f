"""The data model changed by people: renamed, deleted, made again; and what a rollback by force takes out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters.mapping.types import FieldPlan
from adapters.twenty import (
    Model,
    Object,
    TwentyClient,
    TwentyError,
    UnknownField,
    UnknownObject,
    create_field,
    delete_field,
    delete_object,
)
from commands import delivery
from commands.compensation import unmaking
from commands.errors import SchemaConflict
from commands.present import Present
from tests.journey.crossing import Cut
from tests.journey.handmade import contact, put, subscription
from tests.journey.renaming import rename_field, rename_object
from tests.journey.test_journey_crossed_model import options_there, tags_by_hand
from tests.journey.world import Journey, create_person, lines_apart, send, soft_deleted

OURS, THEIRS = ("kartraSubscription", "kartraSubscriptions"), ("membership", "memberships")


def exports_of(journey: Journey, count: int = 2, **more: str) -> Path:
    """People with a score, and a subscription each."""
    folder = journey.folder / "exports"
    put(folder, "contacts", [contact(at, score="7", **more) for at in range(1, count + 1)])
    put(folder, "subscriptions", [subscription(at, at) for at in range(1, count + 1)])
    return folder


async def change_subscription(journey: Journey, data: Mapping[str, Any], name: str = OURS[0]) -> str:
    """Somebody saves one of the subscriptions with these values; its id."""
    first = (await journey.records(name))[0]["id"]
    type_name = f"{name[0].upper()}{name[1:]}"
    async with journey.twenty() as twenty:
        return await send(twenty.client, f"update{type_name}", type_name, data, first)


async def make_score(journey: Journey) -> None:
    """Somebody makes a field of her own, equal to that of our scores."""
    plan = FieldPlan(object="person", name="kartraScore", type="NUMBER", label="Hers", options={}, settings={})
    async with journey.twenty() as twenty:
        await create_field(twenty.client, twenty.model.object("person").id, plan)


async def fields_of(journey: Journey, object_name: str) -> set[str]:
    """The names of an object's fields."""
    async with journey.twenty() as twenty:
        return set(twenty.model.object(object_name).fields)


async def stored(journey: Journey) -> list[dict[str, Any]]:
    """The records that removals by force put into the ledger."""
    events = [one.event for one in await journey.events("RemovalIntended")]
    bodies = [await journey.body(one.payload_hash) for one in events if one.payload_hash]
    return [record for body in bodies for record in body["records"]]


# --- what is not there -----------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_an_intended_record_whose_object_is_gone_is_gone(journey: Journey) -> None:
    """A rollback gets over calls of unknown outcome whose object somebody deleted since: nothing is left of them."""
    real = delivery.create

    async def create(client: TwentyClient, target: Object, rows: Sequence[Mapping[str, Any]]) -> Any:
        if target.singular == OURS[0]:
            raise Cut
        return await real(client, target, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "create", create)
        with pytest.raises(Cut):
            await journey.load(exports_of(journey), "leave")
    async with journey.twenty() as twenty:
        await delete_object(twenty.client, twenty.model.object(OURS[0]).id)
    done = await journey.roll_back(patience_s=0)
    gone = [one.event for one in await journey.events("RecordDeleted") if one.event.object == OURS[0]]
    assert [one.outcome for one in gone] == ["already_gone", "already_gone"]
    assert (done.destroyed["person"], done.proof.schema_left, any(done.proof.answered.values())) == (2, [], False)


@pytest.mark.anyio
@pytest.mark.parametrize(("rows", "missing"), [("contacts", UnknownField), ("subscriptions", UnknownObject)])
async def test_nothing_is_intended_that_the_data_model_cannot_take(
    journey: Journey, rows: str, missing: type[TwentyError]
) -> None:
    """Records written before their fields or object were made: refused, no call intended, and a rollback is exact."""
    before = await journey.settled_dump()
    folder = journey.folder / "exports"
    put(folder, rows, [contact(1) if rows == "contacts" else subscription(1, 1, Buyer_Email="")])
    journey.run("extract", str(folder))
    journey.run("transform", "--accept-defaults")
    journey.run("write", "--automations", "leave", "--sandbox", code=4)
    assert [one.event.code for one in await journey.events("RunFailed")] == [missing.code]
    assert await journey.events("BatchIntended") == []
    assert (await journey.roll_back()).proof.exact
    assert lines_apart(before, await journey.settled_dump()) == ([], [])


# --- what is called otherwise ----------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_a_renamed_field_goes_by_its_id(journey: Journey) -> None:
    """A rollback takes out our field under whatever name, and leaves one that somebody made under its old name."""
    await journey.load(exports_of(journey), "leave")
    rename_field(journey, "person", "kartraScore", "leadScore")
    await make_score(journey)
    done = await journey.roll_back()
    assert (done.proof.exact, done.fields_kept) == (True, [])
    fields = await fields_of(journey, "person")
    assert "leadScore" not in fields
    assert "kartraScore" in fields


@pytest.mark.anyio
async def test_everything_renamed_goes_and_no_line_is_left(journey: Journey) -> None:
    """Object, field and relation renamed at once: records and elements go, and the database is as it was."""
    before = await journey.settled_dump()
    await journey.load(exports_of(journey), "leave")
    await journey.settled_dump()
    rename_field(journey, OURS[0], "product", "course")
    rename_field(journey, OURS[0], "person", "member")
    rename_object(journey, OURS, THEIRS)
    done = await journey.roll_back()
    assert (done.proof.exact, done.undone, done.destroyed) == (True, 0, {OURS[0]: 2, "person": 2})
    assert done.traces["timeline"] == 2
    assert {one.event.outcome for one in await journey.events("RecordDeleted")} == {"destroyed"}
    assert lines_apart(before, await journey.settled_dump()) == ([], [])


@pytest.mark.anyio
@pytest.mark.parametrize(("data", "kept"), [({"name": "Circle"}, 0), ({"course": "Hers"}, 1), ({"memberId": None}, 1)])
async def test_records_are_compared_under_the_names_of_today(
    journey: Journey, data: Mapping[str, Any], kept: int
) -> None:
    """A record saved with our values goes although its fields have other names; one with another value stays."""
    await journey.load(exports_of(journey), "leave")
    rename_field(journey, OURS[0], "product", "course")
    rename_field(journey, OURS[0], "person", "member")
    rename_object(journey, OURS, THEIRS)
    touched = await change_subscription(journey, data, THEIRS[0])
    done = await journey.roll_back()
    edited = [(one.object, one.id) for one in done.proof.kept if one.why == "edited"]
    assert edited == [(OURS[0], touched)][:kept]
    assert done.proof.exact is (kept == 0)
    assert (THEIRS[0] in await objects_of(journey)) is (kept == 1)


async def objects_of(journey: Journey) -> set[str]:
    """The names of all objects."""
    async with journey.twenty() as twenty:
        return set(twenty.model.objects)


@pytest.mark.anyio
async def test_a_renamed_field_in_use_is_kept_under_both_names(journey: Journey) -> None:
    """Others' records hold values in it: it stays, the rollback names it as it was and is, and claims no exactness."""
    await journey.load(exports_of(journey), "leave")
    rename_field(journey, "person", "kartraScore", "leadScore")
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"emails": {"primaryEmail": "f@x.example"}, "leadScore": 1})
    done = await journey.roll_back()
    left = ["person.kartraScore (renamed: leadScore)"]
    assert (done.fields_kept, done.proof.schema_left, done.proof.exact) == (left, left, False)


@pytest.mark.anyio
async def test_options_go_from_a_field_that_was_renamed(journey: Journey) -> None:
    """Our options in somebody's field are taken out of it, whatever it is called by then."""
    await tags_by_hand(journey)
    await journey.load(exports_of(journey, tags="alpha"), "leave")
    assert "ALPHA" in await options_there(journey)
    rename_field(journey, "person", "kartraTags", "labels")
    assert (await journey.roll_back()).proof.exact
    async with journey.twenty() as twenty:
        assert [one.value for one in twenty.model.object("person").field("labels").options or ()] == ["ZETA"]


@pytest.mark.anyio
async def test_a_proof_asks_for_all_that_was_ever_made(journey: Journey) -> None:
    """An element that the ledger takes for removed, and Twenty has, is named: the proof does not believe the ledger."""

    async def not_deleted(*_said: object) -> None:
        """Say nothing, do nothing."""

    await journey.load(exports_of(journey), "leave")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unmaking, "delete_field", not_deleted)
        done = await journey.roll_back()
    assert "person.kartraScore" in done.proof.schema_left
    assert not done.proof.exact


@pytest.mark.anyio
async def test_a_load_refuses_what_was_renamed(journey: Journey) -> None:
    """A second load makes no second field: it says both names, as a rehearsal does, and changes nothing."""
    exports = exports_of(journey)
    await journey.load(exports, "leave")
    rename_field(journey, "person", "kartraScore", "leadScore")
    intended = len(await journey.events("SchemaIntended"))
    tried = journey.run("load", str(exports), "--accept-defaults", "--dry-run", "--sandbox", code=3)
    assert "person.kartraScore differs: its name is leadScore now" in tried
    with pytest.raises(SchemaConflict, match=r"person\.kartraScore .*leadScore"):
        await journey.load(exports, "leave")
    assert len(await journey.events("SchemaIntended")) == intended
    assert (await journey.roll_back()).proof.exact


@pytest.mark.anyio
async def test_a_field_made_again_by_somebody_is_hers(journey: Journey) -> None:
    """She deleted our field and made an equal one: the next load adopts it, and a rollback leaves it."""
    exports = exports_of(journey)
    await journey.load(exports, "leave")
    async with journey.twenty() as twenty:
        await delete_field(twenty.client, twenty.model.object("person").field("kartraScore").id)
    await make_score(journey)
    await journey.load(exports, "leave")
    assert [one.event.name for one in await journey.events("SchemaAdopted")] == ["kartraScore"]
    assert (await journey.roll_back()).proof.exact
    assert "kartraScore" in await fields_of(journey, "person")


def test_a_column_is_found_by_its_relation() -> None:
    """Nothing is found under a name that the data model does not have, be it field, column or object."""
    nothing = Present(Model([]), {("person", ""): "1", ("person", "boss"): "2"})
    assert nothing.find("person") is None
    assert nothing.names("person", ["bossId", "companyId", "name"]) == {}


# --- by force --------------------------------------------------------------------------------------------------------


@pytest.mark.anyio
async def test_force_stores_the_records_of_others_before_their_object_goes(journey: Journey) -> None:
    """Live or in the bin, each is in the ledger with all its values and links, and the result counts them."""
    await journey.load(exports_of(journey), "leave")
    async with journey.twenty() as twenty:
        friend = await create_person(twenty.client, data={"emails": {"primaryEmail": "f@x.example"}})
        hers = {"name": "Hers", "product": "Course", "personId": friend, "nextPayment": {"amountMicros": 5_000_000}}
        live = await send(twenty.client, "createKartraSubscription", "KartraSubscription", hers)
        binned = await send(twenty.client, "createKartraSubscription", "KartraSubscription", {"name": "Old"})
        await soft_deleted(twenty, OURS[0], binned)
    kept = await journey.roll_back()
    assert OURS[0] in kept.fields_kept
    assert await stored(journey) == []
    said = journey.run("rollback", "--yes", "--force", "--patience", "0", "--sandbox")
    assert f"took out with --force: {OURS[0]}: " in said and "(2 records of others, kept in the ledger)" in said
    assert OURS[0] not in await objects_of(journey)
    records = {one["id"]: one for one in await stored(journey)}
    assert records.keys() == {live, binned}
    assert (records[live]["product"], records[live]["personId"]) == ("Course", friend)
    assert int(records[live]["nextPayment"]["amountMicros"]) == 5_000_000
    assert records[binned]["deletedAt"]
    journey.run("verify")


@pytest.mark.anyio
async def test_force_stores_the_values_of_others_before_a_field_or_option_goes(journey: Journey) -> None:
    """Of a field of ours, and of an option of ours in somebody's field, each record's id and value are kept."""
    await tags_by_hand(journey)
    await journey.load(exports_of(journey, tags="alpha"), "leave")
    rename_field(journey, "person", "kartraScore", "leadScore")
    async with journey.twenty() as twenty:
        data = {"emails": {"primaryEmail": "f@x.example"}, "leadScore": 3, "kartraTags": ["ZETA", "ALPHA"]}
        friend = await create_person(twenty.client, data=data)
    done = await journey.roll_back(force=True)
    assert {one.name: one.records for one in done.forced} == {"person.kartraScore": 1, "person.kartraTags": 1}
    values = [{name: one[name] for name in one if name != "id"} for one in await stored(journey) if one["id"] == friend]
    assert {"leadScore": 3} in values
    assert {"kartraTags": ["ZETA", "ALPHA"]} in values
    assert done.fields_kept == []
    assert await options_there(journey) == ["ZETA"]
    assert "leadScore" not in await fields_of(journey, "person")


@pytest.mark.anyio
async def test_a_forced_removal_gone_on_with_counts_each_record_once(journey: Journey) -> None:
    """A rollback cut between storing and removing stores again, and tells of one record, not of two."""
    await journey.load(exports_of(journey), "leave")
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"emails": {"primaryEmail": "f@x.example"}, "kartraScore": 3})

    async def cut(*_said: object) -> None:
        raise Cut

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unmaking, "_remove", cut)
        patch.setattr(unmaking, "_remove_objects", _none_kept)
        with pytest.raises(Cut):
            await journey.roll_back(force=True)
    before = await stored(journey)
    done = await journey.roll_back(force=True)
    assert [(one.name, one.records) for one in done.forced] == [("person.kartraScore", 1)]
    assert len(await stored(journey)) == 1 + len(before)


async def _none_kept(*_said: object, **_named: object) -> list[str]:
    return []
