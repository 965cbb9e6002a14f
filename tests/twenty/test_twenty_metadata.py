"""The data model of the embedded Twenty: made, widened, compared and taken away."""

import pytest

from adapters.mapping.types import FieldPlan
from adapters.twenty import (
    Ask,
    Ids,
    NotFound,
    SchemaRefused,
    StaleModel,
    add_options,
    create,
    create_field,
    create_object,
    delete_field,
    delete_object,
    equal,
    read_keys,
    read_many,
    read_model,
    read_workspace,
    remove_options,
)
from tests.twenty.embedded import TAG, embedded, person, with_tags

pytestmark = pytest.mark.anyio

STATUS = FieldPlan(
    object="person", name="kartraStatus", label="Status", type="SELECT", options={"NEW": "New", "OLD": "Old"}
)
LISTS = FieldPlan(object="person", name="kartraLists", label="Lists", type="MULTI_SELECT", options={"A": "a"})
TYPES = ["TEXT", "BOOLEAN", "NUMBER", "DATE", "DATE_TIME", "CURRENCY", "LINKS", "ADDRESS", "EMAILS", "PHONES", "RATING"]
PLANS = [FieldPlan(object="person", name=f"kartra{one.title().replace('_', '')}", label=one, type=one) for one in TYPES]


async def test_workspace_is_told_apart() -> None:
    """A workspace has an id, the application of what people make, and a version that rises with each change."""
    async with embedded() as client:
        before = await read_workspace(client)
        await create_object(client, TAG)
        after = await read_workspace(client)
        made = (await read_model(client)).object("kartraTag")
    assert (after.id, after.trash_days) == (before.id, 14)
    assert after.metadata_version > before.metadata_version
    assert made.application_id == before.custom_application_id


async def test_keys_are_listed_where_permitted() -> None:
    """An Admin key sees the keys; a restricted one sees None, not an empty list."""
    async with embedded() as client:
        keys = await read_keys(client)
    async with embedded(key="restricted", other_keys={"restricted": "read-only"}) as client:
        assert await read_keys(client) is None
    assert keys is not None
    assert [(key.name, key.role, key.revoked_at) for key in keys] == [("import", "Admin", None)]


@pytest.mark.parametrize("plan", [*PLANS, STATUS, LISTS], ids=lambda plan: plan.type)
async def test_field_made_is_the_field_planned(plan: FieldPlan) -> None:
    """A field made from a plan equals it, at once and when the model is read again, and goes without a trace."""
    async with embedded() as client:
        model = await read_model(client)
        made = await create_field(client, model.object("person").id, plan)
        read = (await read_model(client)).object("person").field(plan.name)
        assert equal(plan, made) == equal(plan, read) == []
        assert read.application_id == (await read_workspace(client)).custom_application_id
        await delete_field(client, made.id)
        assert plan.name not in (await read_model(client)).object("person").fields


async def test_relation_leads_to_its_target() -> None:
    """A relation made from a plan has its join column, and the target's other side is known."""
    async with embedded() as client:
        model = await with_tags(client)
    field = model.object("kartraTag").field("person")
    assert field.join_column == "personId"
    assert ("kartraTag", "personId") in {(one.object, one.column) for one in model.pointing_at("person")}
    assert ("timelineActivity", "targetKartraTagId") in {
        (one.object, one.column) for one in model.pointing_at("kartraTag")
    }


async def test_relation_without_target_never_leaves() -> None:
    """A relation wants its target's id: without one it is a defect of the caller's."""
    plan = FieldPlan(object="person", name="x", label="x", type="RELATION", target="company")
    async with embedded() as client:
        with pytest.raises(ValueError, match="target"):
            await create_field(client, "id", plan)
    assert client.calls["metadata_write"] == 0


async def test_options_are_added_and_values_kept() -> None:
    """Adding choices keeps the records' values, the old choices' ids, and adds no choice twice."""
    async with embedded() as client:
        model = await read_model(client)
        field = await create_field(client, model.object("person").id, STATUS)
        people = (await read_model(client)).object("person")
        await create(client, people, [person(1, kartraStatus="OLD")])
        wider = await add_options(client, field, {"NEW": "New", "LOST": "Lost", "WON": "Won"})
        again = await add_options(client, wider, {"WON": "Won"})
        model = await read_model(client)
        [row] = (await read_many(client, model, [Ask("person", Ids([person(1)["id"]]), ("kartraStatus",))]))["person"]
    assert [option.value for option in wider.options or ()] == ["NEW", "OLD", "LOST", "WON"]
    assert (wider.options or ())[:2] == field.options
    assert len({option.color for option in wider.options or ()}) == 4
    assert again == wider
    assert row["kartraStatus"] == "OLD"
    assert client.calls["metadata_write"] == 2


async def test_options_changed_by_somebody_else_are_not_overwritten() -> None:
    """A field read before somebody widened it is stale: writing by it is refused, and their choice stays."""
    async with embedded() as client:
        model = await read_model(client)
        stale = await create_field(client, model.object("person").id, STATUS)
        await add_options(client, stale, {"THEIRS": "Theirs"})
        with pytest.raises(StaleModel):
            await add_options(client, stale, {"OURS": "Ours"})
        values = [one.value for one in (await read_model(client)).object("person").field("kartraStatus").options or ()]
    assert values == ["NEW", "OLD", "THEIRS"]


async def test_options_of_a_deleted_field_are_not_found() -> None:
    """A field that is gone cannot be widened."""
    async with embedded() as client:
        field = await create_field(client, (await read_model(client)).object("person").id, STATUS)
        await delete_field(client, field.id)
        with pytest.raises(NotFound):
            await add_options(client, field, {"X": "x"})


async def test_taken_names_are_refused_by_code() -> None:
    """A name that is taken or reserved is refused with Twenty's code for it."""
    async with embedded() as client:
        person_id = (await read_model(client)).object("person").id
        taken = FieldPlan(object="person", name="jobTitle", label="x", type="TEXT")
        with pytest.raises(SchemaRefused) as refusal:
            await create_field(client, person_id, taken)
        assert refusal.value.codes == ("NOT_AVAILABLE",)
        await create_object(client, TAG)
        with pytest.raises(SchemaRefused) as again:
            await create_object(client, TAG)
        assert again.value.codes == ("OBJECT_ALREADY_EXISTS",)


async def test_what_is_gone_is_not_found() -> None:
    """Deleting twice says NotFound the second time, for objects and fields."""
    async with embedded() as client:
        field = await create_field(client, (await read_model(client)).object("person").id, STATUS)
        made = await create_object(client, TAG)
        for delete, id in [(delete_field, field.id), (delete_object, made)]:  # noqa: A001
            await delete(client, id)
            with pytest.raises(NotFound):
                await delete(client, id)


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ({"type": "MULTI_SELECT"}, ["type"]),
        ({"name": "other"}, ["name"]),
        ({"options": {"NEW": "New", "GONE": "Gone"}}, ["options"]),
        ({"options": {"NEW": "Newer"}}, ["options"]),
        ({"settings": {"decimals": 2}}, ["settings"]),
        ({"label": "Another label"}, []),
    ],
)
async def test_what_differs_is_named(change: dict[str, object], differs: list[str]) -> None:
    """A field can be adopted only where name, type, options and settings are the planned ones."""
    parts = {name: getattr(STATUS, name) for name in STATUS.__struct_fields__}
    async with embedded() as client:
        field = await create_field(client, (await read_model(client)).object("person").id, STATUS)
    assert equal(FieldPlan(**parts | change), field) == differs


async def test_removed_option_leaves_the_others_values() -> None:
    """Taking a choice out empties records that held it and no others; the choices left keep their ids."""
    async with embedded() as client:
        field = await create_field(client, (await read_model(client)).object("person").id, STATUS)
        people = (await read_model(client)).object("person")
        await create(client, people, [person(1, kartraStatus="OLD"), person(2, kartraStatus="NEW")])
        left = await remove_options(client, field, ["NEW", "NEVER_THERE"])
        model = await read_model(client)
        ids = Ids([person(number)["id"] for number in (1, 2)])
        rows = (await read_many(client, model, [Ask("person", ids, ("kartraStatus",))]))["person"]
        with pytest.raises(ValueError, match="without a choice"):
            await remove_options(client, left, ["OLD"])
        with pytest.raises(StaleModel):
            await remove_options(client, field, ["OLD"])
    assert left.options == (field.options or ())[1:]
    assert [row["kartraStatus"] for row in rows] == ["OLD", None]
