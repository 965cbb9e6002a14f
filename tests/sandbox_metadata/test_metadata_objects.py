"""Objects made and taken away again."""

import pytest

from tests.sandbox_metadata.conftest import CREATE_OBJECT, DELETE_FIELD, DELETE_OBJECT, Model


def test_an_object_made_and_deleted_leaves_no_trace(model: Model) -> None:
    """With a relation to a standard object and a record in it: the database is as before."""
    before = model.dump()
    made = model.object("kartraThing")
    person = model.workspace.model.by_singular["person"].id
    payload = {"type": "MANY_TO_ONE", "targetObjectMetadataId": person, "targetFieldLabel": "Things"}
    model.field("kartraThing", name="person", type="RELATION", relationCreationPayload=payload)
    model.workspace.connection.execute("INSERT INTO \"_kartraThing\" (id) VALUES ('t1')")
    model.change(DELETE_OBJECT, {"id": made["id"]})
    assert model.dump() == before


def test_a_new_object_has_what_twenty_gives_it(model: Model) -> None:
    """Its own fields and its four links, each with a target on the other side."""
    made = model.object("kartraThing")
    names = [field["name"] for field in made["fieldsList"]]
    assert names[:9] == [
        *("name", "id", "createdAt", "createdBy", "deletedAt", "position", "updatedAt", "updatedBy", "searchVector")
    ]
    assert names[9:] == ["timelineActivities", "attachments", "noteTargets", "taskTargets"]
    for far in ("timelineActivity", "attachment", "noteTarget", "taskTarget"):
        link = model.workspace.model.by_singular[far].field_by_name["targetKartraThing"]
        assert (link.join_column, link.on_delete) == ("targetKartraThingId", "SET_NULL")


@pytest.mark.parametrize(
    ("singular", "plural", "code"),
    [
        ("person", "people", "OBJECT_ALREADY_EXISTS"),
        ("human", "people", "OBJECT_ALREADY_EXISTS"),
        ("event", "events", "INVALID_OBJECT_INPUT"),
        ("sheep", "sheep", "INVALID_OBJECT_INPUT"),
        ("my_thing", "my_things", "INVALID_OBJECT_INPUT"),
    ],
)
def test_a_refused_object_comes_with_its_follow_up_errors(model: Model, singular: str, plural: str, code: str) -> None:
    """The objectMetadata failure is the cause among 35, and nothing is made."""
    before = model.dump()
    sent = {"nameSingular": singular, "namePlural": plural, "labelSingular": "X", "labelPlural": "Xs"}
    extensions = model.refused(CREATE_OBJECT, {"object": sent})["extensions"]
    assert extensions["errors"]["objectMetadata"][0]["errors"][0]["code"] == code
    assert extensions["summary"]["totalErrors"] == 35
    assert model.dump() == before


def test_standard_objects_stay(model: Model) -> None:
    """deleteOneObject of person is refused."""
    error = model.refused(DELETE_OBJECT, {"id": model.workspace.model.by_singular["person"].id})
    failure = error["extensions"]["errors"]["objectMetadata"][0]["errors"][0]
    assert failure["message"] == "Standard objects cannot be deleted"


def test_what_is_gone_is_gone(model: Model) -> None:
    """A second delete is refused, an object's in other words than a field's."""
    made = model.object("kartraThing")
    field = model.field(name="kartraId", type="TEXT")
    model.change(DELETE_OBJECT, {"id": made["id"]})
    model.change(DELETE_FIELD, {"id": field["id"]})
    assert model.refused(DELETE_OBJECT, {"id": made["id"]})["message"] == "Could not find flat entity in maps"
    assert model.refused(DELETE_FIELD, {"id": field["id"]})["extensions"]["code"] == "NOT_FOUND"
