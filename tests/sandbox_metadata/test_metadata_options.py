"""Options follow their ids, and stored values follow the options."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sandbox.metadata.options import option_problems, with_ids
from tests.sandbox_metadata.conftest import UPDATE_FIELD, Model


def option(value: str, **more: Any) -> dict[str, Any]:
    """An option as a client sends it."""
    return {"label": value.title(), "value": value, "color": "red", "position": 0, **more}


@pytest.fixture
def chosen(model: Model) -> dict[str, Any]:
    """A SELECT and a MULTI_SELECT with values; the fields as they were answered."""
    sel = model.field(name="kartraSel", type="SELECT", options=[option("A"), option("B")])
    tags = model.field(name="kartraTags", type="MULTI_SELECT", options=[option("A"), option("B")])
    model.add_person("p1", kartraSel="A", kartraTags='["A", "B"]')
    model.add_person("p2", kartraSel="B", kartraTags='["A"]')
    model.add_person("p3")
    return {"sel": sel, "tags": tags}


def test_options_sent_with_their_ids_keep_all_values(model: Model, chosen: dict[str, Any]) -> None:
    """Adding one option changes no record."""
    for field in chosen.values():
        model.change(UPDATE_FIELD, {"id": field["id"], "update": {"options": [*field["options"], option("C")]}})
    assert model.column("kartraSel") == ["A", "B", None]
    assert model.column("kartraTags") == ['["A", "B"]', '["A"]', None]


def test_options_sent_without_ids_empty_all_values(model: Model, chosen: dict[str, Any]) -> None:
    """Spelled the same or not: the old options are gone and their values with them."""
    for field in chosen.values():
        model.change(UPDATE_FIELD, {"id": field["id"], "update": {"options": [option("A"), option("B")]}})
    assert model.column("kartraSel") == [None, None, None]
    assert model.column("kartraTags") == [None, None, None]


def test_an_option_removed_leaves_the_other_values(model: Model, chosen: dict[str, Any]) -> None:
    """Only the removed one's values go."""
    for field in chosen.values():
        model.change(UPDATE_FIELD, {"id": field["id"], "update": {"options": field["options"][1:]}})
    assert model.column("kartraSel") == [None, "B", None]
    assert model.column("kartraTags") == ['["B"]', None, None]


def test_an_option_renamed_under_its_id_takes_its_values_along(model: Model, chosen: dict[str, Any]) -> None:
    """The id stands for the option, not its spelling; two may even swap."""
    for field in chosen.values():
        first, second = field["options"]
        swapped = [first | {"value": "B"}, second | {"value": "A"}]
        model.change(UPDATE_FIELD, {"id": field["id"], "update": {"options": swapped}})
    assert model.column("kartraSel") == ["B", "A", None]
    assert [json.loads(value) for value in model.column("kartraTags")[:2]] == [["B", "A"], ["B"]]


def test_bad_options_change_nothing(model: Model, chosen: dict[str, Any]) -> None:
    """A refused update leaves options and values as they were."""
    before = model.dump()
    sent = {"id": chosen["sel"]["id"], "update": {"options": [option("lower")]}}
    assert model.refused(UPDATE_FIELD, sent)["extensions"]["code"] == "METADATA_VALIDATION_FAILED"
    assert model.dump() == before


@given(st.lists(st.from_regex(r"[A-Z_][A-Z0-9_]{0,10}", fullmatch=True), min_size=1, unique=True))
def test_upper_snake_case_values_are_fine(values: list[str]) -> None:
    """Any distinct values in upper snake case may stand together."""
    assert option_problems([option(value) for value in values]) == []


@given(st.text().filter(lambda text: not text.isascii() or not text.replace("_", "").isalnum()))
def test_any_other_value_is_a_problem(value: str) -> None:
    """Blanks, signs and letters beyond ASCII are refused."""
    assert option_problems([option(value)]) != []


@given(st.lists(st.one_of(st.none(), st.integers(), st.text(), st.dictionaries(st.text(), st.text())), max_size=5))
def test_whatever_is_sent_as_options_becomes_options_with_ids(sent: list[Any]) -> None:
    """Hostile input does no harm: what is no object is dropped, and what is kept has an id."""
    assert all("id" in kept for kept in with_ids(sent))
