"""Fields made, changed and taken away again."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.sandbox.metadata.documents import SCHEMA
from adapters.sandbox.settings import SandboxSettings
from adapters.sandbox.workspace import Workspace
from tests.sandbox_metadata.conftest import CREATE_FIELD, DELETE_FIELD, UPDATE_FIELD, Model

OPTIONS = [{"label": name, "value": name, "color": "red", "position": at} for at, name in enumerate(("A", "B", "C"))]
PLAIN_TYPES = ("TEXT", "BOOLEAN", "NUMBER", "DATE", "DATE_TIME", "UUID", "RAW_JSON", "ARRAY", "RATING")
COMPOSITE_TYPES = ("EMAILS", "PHONES", "LINKS", "ADDRESS", "CURRENCY", "FULL_NAME", "RICH_TEXT", "ACTOR")
CHOICE_TYPES = ("SELECT", "MULTI_SELECT")


def make(model: Model, kind: str, name: str) -> str:
    """A field of any type; its id."""
    if kind == "RELATION":
        target = model.workspace.model.by_singular["company"].id
        payload = {"type": "MANY_TO_ONE", "targetObjectMetadataId": target, "targetFieldLabel": f"Back {name}"}
        return str(model.field(name=name, type=kind, relationCreationPayload=payload)["id"])
    extra = {"options": OPTIONS} if kind in CHOICE_TYPES else {}
    return str(model.field(name=name, type=kind, **extra)["id"])


@settings(max_examples=8, deadline=None)
@given(
    kinds=st.lists(st.sampled_from((*PLAIN_TYPES, *COMPOSITE_TYPES, *CHOICE_TYPES, "RELATION")), max_size=5),
    data=st.data(),
)
def test_fields_made_and_deleted_leave_no_trace(kinds: list[str], data: st.DataObject) -> None:
    """Whatever is made and in whatever order it is deleted, the database is as before but for its version."""
    model = Model(Workspace(SandboxSettings()))
    before, version = model.dump(), model.workspace.metadata_version
    made = [make(model, kind, f"kartra{at}") for at, kind in enumerate(kinds)]
    for field_id in data.draw(st.permutations(made)):
        model.change(DELETE_FIELD, {"id": field_id})
    assert model.dump() == before
    assert model.workspace.metadata_version == version + 2 * len(kinds)
    model.workspace.close()


def test_a_field_survives_reopening(model: Model, open_workspace: Callable[[], Workspace]) -> None:
    """What is answered is committed: another connection to the file sees it."""
    made = model.field(name="kartraTags", type="MULTI_SELECT", options=OPTIONS)
    again = open_workspace().model.by_singular["person"].field_by_name["kartraTags"]
    assert again.id == made["id"]
    assert again.option_values == ("A", "B", "C")


def test_a_relation_has_two_ends(model: Model) -> None:
    """The many side holds the join column; the reverse is named from its label and goes with it."""
    made = make(model, "RELATION", "employer")
    company = model.workspace.model.by_singular["company"]
    assert model.workspace.model.by_singular["person"].field_by_name["employer"].join_column == "employerId"
    assert company.field_by_name["backEmployer"].target_field_id == made
    model.change(DELETE_FIELD, {"id": company.field_by_name["backEmployer"].id})
    assert "employer" not in model.workspace.model.by_singular["person"].field_by_name


def test_a_new_field_gives_its_default_to_old_records(model: Model) -> None:
    """Records that are there already get the default; those made by its column's name find none missing."""
    model.add_person("p1")
    model.field(name="kartraSel", type="SELECT", options=OPTIONS, defaultValue="'B'")
    assert model.column("kartraSel") == ["B"]


def test_unique_is_refused_while_values_repeat(model: Model) -> None:
    """The field stays as it was; once the values differ it can become unique, and repeat again when it no longer is."""
    field_id = make(model, "TEXT", "kartraId")
    model.add_person("p1", kartraId="x")
    model.add_person("p2", kartraId="x")
    before = model.dump()
    error = model.refused(UPDATE_FIELD, {"id": field_id, "update": {"isUnique": True}})
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert model.dump() == before
    model.workspace.connection.execute("UPDATE person SET \"kartraId\" = 'y' WHERE id = 'p2'")
    assert model.change(UPDATE_FIELD, {"id": field_id, "update": {"isUnique": True}})["isUnique"] is True
    assert model.change(UPDATE_FIELD, {"id": field_id, "update": {"isUnique": False}})["isUnique"] is False


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ({"name": "jobTitle", "type": "TEXT"}, "NOT_AVAILABLE"),
        ({"name": "companyId", "type": "TEXT"}, "NOT_AVAILABLE"),
        ({"name": "emailsPrimaryEmail", "type": "TEXT"}, "RESERVED_KEYWORD"),
        ({"name": "type", "type": "TEXT"}, "INVALID_FIELD_INPUT"),
        ({"name": "Kartra", "type": "TEXT"}, "INVALID_FIELD_INPUT"),
        ({"name": "k" * 64, "type": "TEXT"}, "INVALID_FIELD_INPUT"),
        ({"name": "kartraX", "type": "NUMERIC"}, "INVALID_FIELD_INPUT"),
        ({"name": "kartraX", "type": "RELATION"}, "INVALID_FIELD_INPUT"),
        ({"name": "kartraX", "type": "SELECT", "options": []}, "INVALID_FIELD_INPUT"),
    ],
)
def test_a_refusal_names_its_cause_first(model: Model, sent: dict[str, object], code: str) -> None:
    """The first fieldMetadata failure is the cause, the summary counts all of them, and nothing is made."""
    before = model.dump()
    field = {"objectMetadataId": model.workspace.model.by_singular["person"].id, "label": "x", **sent}
    extensions = model.refused(CREATE_FIELD, {"field": field})["extensions"]
    assert extensions["errors"]["fieldMetadata"][0]["errors"][0]["code"] == code
    assert extensions["summary"]["totalErrors"] == sum(map(len, extensions["errors"].values()))
    assert model.dump() == before


def test_standard_fields_cannot_be_deleted(model: Model) -> None:
    """Neither a plain one nor one that Twenty needs for itself."""
    person = model.workspace.model.by_singular["person"]
    for name in ("jobTitle", "id", "company"):
        error = model.refused(DELETE_FIELD, {"id": person.field_by_name[name].id})
        assert error["extensions"]["subCode"] == "FIELD_MUTATION_NOT_ALLOWED"


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.sampled_from(["MANY_TO_ONE", "A"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "label", "value", "type", "targetObjectMetadataId"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None)
@given(
    kind=st.sampled_from(sorted(SCHEMA.get_type("FieldMetadataType").values)),
    name=st.sampled_from(["kartraA", "KARTRAID", "kartraid", "company", "namefirstname", "emails"]),
    sent=st.fixed_dictionaries(
        {},
        optional={
            "defaultValue": ANYTHING,
            "options": ANYTHING,
            "settings": ANYTHING,
            "relationCreationPayload": ANYTHING,
            "isUnique": st.booleans(),
            "isNullable": st.none() | st.booleans(),
        },
    ),
    update=st.fixed_dictionaries(
        {},
        optional={
            "settings": ANYTHING,
            "options": ANYTHING,
            "defaultValue": ANYTHING,
            "isActive": st.none() | st.booleans(),
            "isUnique": st.none() | st.booleans(),
            "label": st.none() | st.text(max_size=3),
        },
    ),
)
def test_hostile_input_is_answered_and_never_breaks_the_model(
    kind: str, name: str, sent: dict[str, Any], update: dict[str, Any]
) -> None:
    """Whatever is sent: the answer is one, a refusal changes nothing, and what is made can be read and taken away."""
    model = Model(Workspace(SandboxSettings()))
    model.field(name="kartraId", type="TEXT")
    model.add_person("p1")
    before = model.dump()
    field = {"objectMetadataId": model.workspace.model.by_singular["person"].id, "label": "x", "name": name}
    body = model.ask(CREATE_FIELD, {"i": {"field": field | {"type": kind} | sent}}).body
    if "errors" not in body:
        made = body["data"]["createOneField"]["id"]
        model.ask(UPDATE_FIELD, {"i": {"id": made, "update": update}})
        assert model.workspace.model.field_by_id[made].name == name
        model.change(DELETE_FIELD, {"id": made})
    assert model.dump() == before
    model.workspace.close()
