"""Pages, permissions and documents of the metadata endpoint."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.sandbox.metadata.naming import camel_case, name_problems
from tests.sandbox_metadata.conftest import CREATE_OBJECT, Model

ODD = st.none() | st.integers(-5, 5) | st.text(max_size=5) | st.booleans() | st.lists(st.text(max_size=3), max_size=2)
PAGE = (
    "query($p:CursorPaging!){objects(paging:$p){pageInfo{hasNextPage endCursor} edges{cursor node{id fieldsList{id}}}}}"
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(min_value=1, max_value=40))
def test_pages_of_any_size_show_every_object_once(model: Model, size: int) -> None:
    """Walking by endCursor gives all objects, none twice."""
    seen: list[str] = []
    paging: dict[str, object] = {"first": size}
    while True:
        page = model.ask(PAGE, {"p": paging}).body["data"]["objects"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        paging["after"] = page["pageInfo"]["endCursor"]
    assert sorted(seen) == sorted(item.id for item in model.workspace.model.objects)


def test_ten_unless_asked_for_more(model: Model) -> None:
    """Objects, and the fields of an object, come by ten; `fieldsList` comes whole."""
    data = model.ask("{objects{edges{node{id}}}}").body["data"]
    assert len(data["objects"]["edges"]) == 10
    query = "{objects(paging:{first:99}){edges{node{nameSingular fields{edges{node{id}}} fieldsList{id}}}}}"
    nodes = {e["node"]["nameSingular"]: e["node"] for e in model.ask(query).body["data"]["objects"]["edges"]}
    assert len(nodes["person"]["fields"]["edges"]) == 10
    assert len(nodes["person"]["fieldsList"]) == len(model.workspace.model.by_singular["person"].fields)


@pytest.mark.parametrize("cursor", ["zzz", "", "YWJj", "\u0000", "YXJyYXljb25uZWN0aW9uOg=="])
def test_a_bad_cursor_is_refused_or_ignored(model: Model, cursor: str) -> None:
    """It never reads as another page: an empty one is none, any other is refused."""
    body = model.ask(PAGE, {"p": {"first": 1, "after": cursor}}).body
    assert ("errors" in body) is (cursor != "")


def test_no_key_sees_nothing(model: Model) -> None:
    """Every root is forbidden, and the answer's data is null."""
    for query in ("{objects{edges{node{id}}}}", "{currentWorkspace{id}}", "{apiKeys{id}}", "{webhooks{id}}"):
        body = model.ask(query, key_state=None).body
        assert body["data"] is None
        assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def test_a_reading_key_cannot_change_the_model(model: Model) -> None:
    """It reads objects; a mutation is refused and nothing is made."""
    before = model.dump()
    names = {"nameSingular": "a", "namePlural": "as", "labelSingular": "A", "labelPlural": "As"}
    body = model.ask(CREATE_OBJECT, {"i": {"object": names}}, key_state="read-only").body
    assert body["errors"][0]["extensions"]["subCode"] == "PERMISSION_DENIED"
    assert "errors" not in model.ask("{objects{edges{node{id}}}}", key_state="read-only").body
    assert model.dump() == before


def test_unknown_selections_are_errors_with_their_place(model: Model) -> None:
    """Unlike `/graphql`, this endpoint checks documents."""
    body = model.ask("{objects{edges{node{nope}}}}").body
    assert body == {
        "errors": [
            {
                "message": 'Cannot query field "nope" on type "Object".',
                "locations": [{"line": 1, "column": 21}],
            }
        ]
    }


def test_wrong_variables_are_http_400(model: Model) -> None:
    """The status stands in the answer too."""
    answered = model.ask(CREATE_OBJECT, {"i": {"object": {"nameSingular": "a"}}})
    assert answered.status == 400
    assert answered.body["errors"][0]["extensions"]["http"] == {"status": 400}


def test_a_root_may_stand_once(model: Model) -> None:
    """Aliases do not help."""
    body = model.ask("{a:objects{edges{node{id}}} b:objects{edges{node{id}}}}").body
    assert body["errors"][0]["message"] == 'Duplicate root resolver: "objects"'


@given(st.text())
def test_names_made_from_labels_are_names(label: str) -> None:
    """Whatever the label, the name made from it has the right characters, or there is nothing to make it from."""
    name = camel_case(label)
    wrong = [problem.message for problem in name_problems(name[:63], "X")]
    assert not wrong or not name or not name[0].isalpha() or "reserved" in wrong[0]


@given(st.text(alphabet=st.characters(codec="ascii")).filter(lambda text: not text.isalnum()))
def test_names_with_signs_are_refused(name: str) -> None:
    """Blanks, underscores, quotes and the empty name have no place in a column's name."""
    assert name_problems(name, "X") != []


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    variables=st.fixed_dictionaries(
        {},
        optional={
            "p": st.dictionaries(st.sampled_from(["first", "after", "last", "before"]), ODD, max_size=3) | ODD,
            "f": st.dictionaries(
                st.sampled_from(["id", "isActive", "and", "or", "objectMetadataId"]),
                st.dictionaries(st.sampled_from(["eq", "in", "is", "notIn"]), ODD, max_size=2) | ODD,
                max_size=2,
            ),
        },
    )
)
def test_hostile_variables_are_answered(model: Model, variables: dict[str, object]) -> None:
    """Whatever stands in paging and filter, the answer is a page or a refusal, never an exception."""
    query = "query($p:CursorPaging!,$f:FieldFilter!){fields(paging:$p,filter:$f){edges{node{id}}}}"
    answered = model.ask(query, variables)
    assert answered.status in (200, 400)
    assert ("errors" in answered.body) is not ("fields" in (answered.body.get("data") or {}))
