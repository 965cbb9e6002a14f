"""Whether a field or an option is in use: asked before it is taken out of the data model."""

from typing import Any

import pytest

from adapters.mapping.types import FieldPlan
from adapters.twenty import Ids, Model, TwentyClient, create, create_field, holding, read_model, reading, soft_delete
from tests.twenty.embedded import embedded, person, stranger, with_tags

pytestmark = pytest.mark.anyio

OPTIONS = {"A": "a", "B": "b"}
VALUES: dict[str, tuple[str, Any, Any]] = {
    "kartraText": ("TEXT", "x", ""),
    "kartraYes": ("BOOLEAN", False, None),
    "kartraNumber": ("NUMBER", 0, None),
    "kartraTime": ("DATE_TIME", "2020-01-01T00:00:00.000Z", None),
    "kartraMoney": ("CURRENCY", {"amountMicros": 0, "currencyCode": ""}, {"amountMicros": None, "currencyCode": ""}),
    "kartraSite": ("LINKS", {"primaryLinkUrl": "https://a.example"}, {"primaryLinkUrl": "", "secondaryLinks": []}),
    "kartraPlace": ("ADDRESS", {"addressCity": "Rome"}, {"addressCity": ""}),
    "kartraOne": ("SELECT", "A", None),
    "kartraMany": ("MULTI_SELECT", ["A"], []),
}


async def with_fields(client: TwentyClient) -> Model:
    """Make a field of each type."""
    people = (await read_model(client)).object("person")
    for name, (type, *_) in VALUES.items():  # noqa: A001
        options = OPTIONS if type.endswith("SELECT") else {}
        plan = FieldPlan(object="person", name=name, label=name, type=type, options=options)
        await create_field(client, people.id, plan)
    return await read_model(client)


async def test_any_value_of_any_type_counts() -> None:
    """Zero and no are values; empty text, lists, subfields and null are none. One record in the bin is enough."""
    async with embedded() as client:
        model = await with_fields(client)
        people = model.object("person")
        await create(client, people, [person(1) | {name: empty for name, (_, _, empty) in VALUES.items()}])
        assert await holding(client, model, "person", list(VALUES)) == set()
        for number, (name, (_, value, _)) in enumerate(VALUES.items(), 2):
            await create(client, people, [person(number, **{name: value})])
            await soft_delete(client, people, Ids([person(number)["id"]]))
            assert await holding(client, model, "person", [name]) == {name}
        assert await holding(client, model, "person", list(VALUES)) == set(VALUES)


async def test_options_in_use_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the options asked for, those a record holds are named, on whatever page it is."""
    monkeypatch.setattr("adapters.twenty.usage.ROWS_A_PAGE", 2)
    assert reading.ROWS_A_PAGE > 2
    async with embedded() as client:
        model = await with_fields(client)
        rows = [person(number, kartraMany=["A"]) for number in range(5)] + [person(5, kartraMany=["A", "B"])]
        await create(client, model.object("person"), rows)
        assert await holding(client, model, "person", ["kartraMany"], ["B", "C"]) == {"kartraMany.B"}
        assert await holding(client, model, "person", ["kartraOne"], ["A"]) == set()


async def test_relation_in_use_is_named() -> None:
    """A relation counts by its column."""
    async with embedded() as client:
        model = await with_tags(client)
        await create(client, model.object("person"), [person(1)])
        assert await holding(client, model, "kartraTag", ["person"]) == set()
        await create(client, model.object("kartraTag"), [stranger(name="VIP", personId=person(1)["id"])])
        assert await holding(client, model, "kartraTag", ["person"]) == {"person"}
