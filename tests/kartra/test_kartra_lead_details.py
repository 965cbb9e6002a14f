"""Answers of the API about one contact: cells like a contacts export's, in whatever shape PHP wrote them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kartra.columns import name_columns
from adapters.kartra.json_values import decode
from adapters.kartra.lead_details import cells_of_lead, lead_of


def cells(**lead: Any) -> dict[str, str]:
    """The cells of a lead."""
    return cells_of_lead(lead)


def own(value: Any, identifier: str = "goal", **more: Any) -> str | None:
    """The cell of one custom field with `value`."""
    made = cells(id="7", custom_fields=[{"field_identifier": identifier, "field_value": value, **more}])
    return made.get(name_columns("contacts", ["id", identifier]).names[1])


@pytest.mark.parametrize(
    "value",
    [
        {"status": "Success", "lead_details": {"id": 1}},
        {"lead_details": {"id": 1}},
        {"lead_details": [{"id": 1}]},
        {"lead_details": {"0": {"id": 1}}},
    ],
)
def test_an_answer_is_found_in_its_wrapping(value: Any) -> None:
    """With or without the status around it, also where PHP made a list of the one lead."""
    assert lead_of(value) == {"id": 1}


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "lead_details",
        {"id": 1, "email": "a@example.com"},
        {"tags": []},
        {"lead_details": []},
        {"lead_details": None},
        {"lead_details": [{}, {}]},
        {"id": 1, "tags": [], "action": "assign_tag"},
    ],
)
def test_what_is_no_answer_is_none(value: Any) -> None:
    """An object is not a lead for having an e-mail, and an event is none for having tags."""
    assert lead_of(value) is None


def test_scalars_come_as_text_whatever_they_were() -> None:
    """Numbers, fractions as written, booleans as Kartra's 1 and 0; null and empty containers are no cells."""
    line = '{"id": 7, "email": "A@Example.com ", "score": 42, "amount": 77.60, "blacklisted": true, "zip": "00501"}'
    assert cells_of_lead(decode(line)) == {
        "id": "7",
        "email": "A@Example.com ",
        "score": "42",
        "amount": "77.60",
        "blacklisted": "1",
        "zip": "00501",
    }
    assert cells(id=0, phone=None, notes="", surveys=[], extra={}) == {"id": "0"}


def test_what_nobody_knows_is_kept_as_json() -> None:
    """A nested value under a name of no relation is not lost."""
    assert cells(id=7, surveys=[{"survey_id": 1, "answers": ["a"]}])["surveys"] == '[{"survey_id":1,"answers":["a"]}]'


def test_only_active_lists_are_lists() -> None:
    """1 in any spelling is on; 0, null, an empty flag and a word are off; no flag at all is on; all are in activity."""
    flags: list[Any] = [1, "1", True, " 1 ", 0, "0", False, None, "", "unsubscribed"]
    lists: list[Any] = [{"list_name": f"L{number}", "active": flag} for number, flag in enumerate(flags)]
    made = cells(id=7, lists=[*lists, {"list_name": "unflagged"}, "bare"])
    assert json.loads(made["lists"]) == ["L0", "L1", "L2", "L3", "unflagged", "bare"]
    activity = json.loads(made["list_activity"])
    assert [entry["name"] for entry in activity] == [f"L{number}" for number in range(10)] + ["unflagged", "bare"]
    assert [entry["active"] for entry in activity] == ["1"] * 4 + ["0"] * 6 + ["1"] * 2


def test_a_contact_on_no_list_has_activity_all_the_same() -> None:
    """Lists left are no lists, but are not forgotten."""
    made = cells(id=7, lists=[{"list_name": "Old", "active": "0"}])
    assert "lists" not in made
    assert json.loads(made["list_activity"]) == [{"name": "Old", "active": "0"}]


@pytest.mark.parametrize(
    "tags",
    [
        [{"tag_id": "11", "tag_name": "A, b; c"}, {"tag_id": 12, "tag_name": "客户"}],
        ["A, b; c", "客户"],
        {"3": {"tag_name": "A, b; c"}, "7": {"tag_name": "客户"}},
        {"3": "A, b; c", "7": "客户"},
        [{"name": "A, b; c"}, {"tag_id": 5}, None, {"tag_name": ""}, {"tag_name": "客户"}],
    ],
)
def test_tags_come_in_every_shape_of_a_list(tags: Any) -> None:
    """Objects, bare names, lists with gaps; a separator is part of its name; the nameless are passed over."""
    assert json.loads(cells(id=7, tags=tags)["tags"]) == ["A, b; c", "客户"]


def test_sequences_and_memberships_are_all_text() -> None:
    """Every entry has every key, as text, empty where the answer has nothing."""
    made = cells(
        id=7,
        sequences=[{"sequence_name": "Welcome", "step": 4, "status": "active"}, {"sequence_name": "Old"}, {"step": 1}],
        memberships={"membership_name": "Course", "level_name": None, "active": 0},
    )
    assert json.loads(made["sequences"]) == [
        {"name": "Welcome", "step": "4", "status": "active"},
        {"name": "Old", "step": "", "status": ""},
    ]
    assert json.loads(made["memberships"]) == [{"name": "Course", "level": "", "active": "0"}]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("Grow\nand rest", "Grow\nand rest"),
        ([{"option_id": 1, "option_value": "1k-5k"}], "1k-5k"),
        (
            [{"option_id": 1, "option_value": "Email"}, {"option_id": 2, "option_value": "Paid, ads"}],
            "Email; Paid, ads",
        ),
        ({"option_id": 1, "option_value": "1k-5k"}, "1k-5k"),
        ({"0": {"option_value": "a"}, "4": {"option_value": "b"}}, "a; b"),
        (["a", 5], "a; 5"),
        (0, "0"),
        (False, "0"),
        ([], None),
        ("", None),
        (None, None),
    ],
)
def test_own_fields_of_every_type_come_as_text(value: Any, cell: str | None) -> None:
    """Text as it is, chosen options by their labels, nothing where nothing was chosen."""
    assert own(value) == cell


@pytest.mark.parametrize("identifier", ["Budget-Band", "score", "email", "tags", "sequences"])
def test_an_own_field_never_spoils_a_standard_one(identifier: str) -> None:
    """A field called like a standard column or a relation stands beside it, however many there are."""
    fields = [{"field_identifier": identifier, "field_value": "mine"}]
    made = cells(id=7, email="a@example.com", score="1", tags=["T"], sequences=["S"], custom_fields=fields)
    assert (made["email"], made["score"], json.loads(made["tags"])) == ("a@example.com", "1", ["T"])
    assert json.loads(made["sequences"])[0]["name"] == "S"
    assert "mine" in made.values()
    alone = cells(id=7, custom_fields=fields)
    assert alone.get("tags", "[]").startswith("[")
    assert alone.get("sequences", "[]").startswith("[")


@given(st.lists(st.text(min_size=1, max_size=20), max_size=5))
def test_names_survive_the_way_through_a_cell(names: list[str]) -> None:
    """Whatever a tag is called, its name comes back from the JSON text of the cell."""
    written = cells(id=7, tags=[{"tag_name": name} for name in names]).get("tags", "[]")
    assert json.loads(written) == names
