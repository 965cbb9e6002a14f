"""The data model: what is read of it, what may be selected, and who points where."""

from typing import Any

import msgspec
import pytest

from adapters.twenty import Model, NotTwenty, Object, Pointing, UnknownField, UnknownObject, read_model, selection
from tests.twenty.loopback import Loopback, answer, connect


def field(name: str, type: str = "TEXT", **more: Any) -> dict[str, Any]:  # noqa: A002
    """A field as `/metadata` answers it."""
    return {"id": f"id-{name}", "name": name, "label": name, "type": type, "isActive": True} | more


def relation(name: str, to: str, there: str, type: str = "MANY_TO_ONE", **more: Any) -> dict[str, Any]:  # noqa: A002
    """A relation's field as `/metadata` answers it."""
    target = {"id": f"id-{to}", "nameSingular": to}
    meant = {"type": type, "targetObjectMetadata": target, "targetFieldMetadata": {"id": f"id-{there}", "name": there}}
    settings = {"relationType": type} | ({"joinColumnName": f"{name}Id"} if type == "MANY_TO_ONE" else {})
    return field(name, "RELATION", relation=meant, settings=settings) | more


def known(singular: str, plural: str, *fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An object as `/metadata` answers it."""
    names = {"nameSingular": singular, "namePlural": plural, "labelSingular": singular}
    return (
        {
            "id": f"id-{singular}",
            "isActive": True,
            "fieldsList": [field("id", "UUID"), field("deletedAt", "DATE_TIME"), *fields],
        }
        | names
        | more
    )


# As the source of Twenty has it: a target that may be one of several objects is one field without a relation on its
# own side, and the other side calls it by the name without the object.
OBJECTS = [
    known(
        "person",
        "people",
        field("name", "FULL_NAME"),
        field("emails", "EMAILS", isUnique=True),
        field("searchVector", "TS_VECTOR"),
        field("kartraId", isUnique=True),
        relation("company", "company", "people"),
        relation("noteTargets", "noteTarget", "target", "ONE_TO_MANY"),
        relation("pointOfContactForOpportunities", "opportunity", "pointOfContact", "ONE_TO_MANY"),
    ),
    known("company", "companies", field("domainName", "LINKS"), relation("people", "person", "company", "ONE_TO_MANY")),
    known(
        "opportunity",
        "opportunities",
        relation("pointOfContact", "person", "pointOfContactForOpportunities"),
        relation("oldContact", "person", "gone", isActive=False),
    ),
    known(
        "kartraTag",
        "kartraTags",
        relation("person", "person", "kartraTags"),
        relation("noteTargets", "noteTarget", "target", "ONE_TO_MANY"),
    ),
    known("noteTarget", "noteTargets", field("target", "MORPH_RELATION"), relation("note", "note", "noteTargets")),
    known("retired", "retireds", relation("person", "person", "retireds"), isActive=False),
]


@pytest.fixture
def model() -> Model:
    """The model above."""
    return Model(msgspec.convert(OBJECTS, list[Object]))


def page(objects: list[dict[str, Any]], cursor: str | None) -> Any:
    """A page of objects as answered."""
    info = {"hasNextPage": cursor is not None, "endCursor": cursor or "end"}
    return answer({"data": {"objects": {"pageInfo": info, "edges": [{"node": one} for one in objects]}}})


@pytest.mark.anyio
async def test_model_is_read_page_by_page(loopback: Loopback) -> None:
    """All objects are read, however many pages Twenty makes of them."""
    loopback.script = [page(OBJECTS[:2], "first"), page(OBJECTS[2:], None)]
    async with connect(loopback) as client:
        read = await read_model(client)
    assert list(read.objects) == [one["nameSingular"] for one in OBJECTS]
    assert loopback.requests[1]["variables"]["c"] == "first"


@pytest.mark.anyio
async def test_model_of_another_shape_is_no_twenty(loopback: Loopback) -> None:
    """An answer that lacks what we need is refused, not half read."""
    loopback.script = [page([{"id": "x"}], None)]
    async with connect(loopback) as client:
        with pytest.raises(NotTwenty, match="unexpected shape"):
            await read_model(client)


def test_selection_holds_names_of_the_model_only(model: Model) -> None:
    """Composites come with their subfields, join columns plainly, ids first, and each name once."""
    text = selection(model.object("person"), ["name", "companyId", "emails", "name"])
    assert text == "id name{firstName lastName} companyId emails{primaryEmail additionalEmails}"


@pytest.mark.parametrize("name", ["nope", "company", "searchVector", "noteTargets", "name{firstName}", "x:id", ""])
def test_selection_refuses_what_would_read_as_empty(model: Model, name: str) -> None:
    """Twenty answers null for what it does not know: such a name never gets into a document."""
    with pytest.raises(UnknownField):
        selection(model.object("person"), [name])


def test_column_of_a_shared_target_can_be_selected(model: Model) -> None:
    """Columns of a target that may be one of several objects are known from the other side."""
    assert selection(model.object("noteTarget"), ["targetPersonId", "targetKartraTagId", "noteId"]) == (
        "id targetPersonId targetKartraTagId noteId"
    )


def test_everything_pointing_at_an_object_is_found(model: Model) -> None:
    """Plain and shared relations, standard and custom, are found once each; inactive ones are left out."""
    assert model.pointing_at("person") == (
        Pointing("kartraTag", "personId"),
        Pointing("noteTarget", "targetPersonId"),
        Pointing("opportunity", "pointOfContactId"),
    )
    assert model.pointing_at("kartraTag") == (Pointing("noteTarget", "targetKartraTagId"),)
    assert model.pointing_at("company") == (Pointing("person", "companyId"),)


def test_unique_fields_are_known_even_where_the_model_does_not_say(model: Model) -> None:
    """E-mail and domain are unique in every Twenty, custom fields where they say so."""
    assert model.object("person").unique == {"emails", "kartraId"}
    assert model.object("company").unique == {"domainName"}


def test_unknown_names_are_refused(model: Model) -> None:
    """Asking the model for what it lacks says so."""
    with pytest.raises(UnknownObject):
        model.object("unicorn")
    with pytest.raises(UnknownField):
        model.object("person").field("horn")
