"""What Kartra tells of an account as a whole: custom fields and names, in the shapes answers were seen or may come."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.kartra import (
    CustomField,
    Description,
    ExportUnreadable,
    JsonBroken,
    WrongKind,
    read_account_names,
    read_custom_fields,
    recognise,
)
from adapters.kartra.columns import own_column

Write = Callable[..., Path]

FIELDS = [
    {
        "field_id": 61,
        "field_identifier": "Budget-Band",
        "field_type": "Drop_Down",
        "field_value": [{"option_id": 612, "option_value": "1k-5k"}, {"option_id": 613, "option_value": "5k, more"}],
    },
    {"field_id": 62, "field_identifier": "coaching_goal", "field_type": "text_area", "field_value": "Grow"},
]
READ = (
    CustomField(identifier="budget_band", type="drop_down", options=("1k-5k", "5k, more")),
    CustomField(identifier="coaching_goal", type="text_area"),
)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "Success", "custom_fields": FIELDS},
        {"custom_fields": {"61": FIELDS[0], "62": FIELDS[1]}},
        {"status": "Success", "actions": [{"custom_fields": FIELDS}]},
        {"actions": [{"retrieve_custom_fields": {"status": "101", "custom_fields": FIELDS}}]},
        {"actions": {"0": {"retrieve_custom_fields": {"custom_fields": FIELDS}}}},
        FIELDS,
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_custom_fields_are_read_from_every_wrapping(write: Write, answer: Any, indent: int | None) -> None:
    """The answer, its actions, or the bare list: recognised by the scan, and read to the same fields."""
    path = write(json.dumps(answer, indent=indent), name="custom_fields.json", encoding="utf-8-sig")
    found = recognise(path)
    assert isinstance(found, Description)
    assert found.kind == "custom_fields"
    assert read_custom_fields(path) == READ


def test_options_come_under_other_names_too(write: Write) -> None:
    """Options as bare labels or under `options`; repeated ones once; what is typed in is no option."""
    fields = [
        {"field_identifier": "a", "field_type": "checkbox", "options": ["x", "y", "x", "", None]},
        {
            "field_identifier": "b",
            "field_type": "radio_button",
            "field_options": {"1": {"value": "x"}, "2": {"name": "y"}},
        },
        {"field_identifier": "c", "field_value": "typed"},
    ]
    read = read_custom_fields(write(json.dumps({"custom_fields": fields}), name="f.json"))
    assert [(one.type, one.options) for one in read] == [
        ("checkbox", ("x", "y")),
        ("radio_button", ("x", "y")),
        ("", ()),
    ]


def test_entries_that_name_no_column_are_passed_over(write: Write) -> None:
    """Odd entries do not hide the good ones, and an identifier is one column however often it comes."""
    odd: list[Any] = [None, 7, "x", {}, {"field_identifier": None}, {"field_identifier": " - "}]
    path = write(json.dumps({"custom_fields": [*odd, *FIELDS, FIELDS[0]]}), name="f.json")
    assert read_custom_fields(path) == READ
    assert read_custom_fields(write('{"custom_fields": []}', name="none.json")) == ()


def test_an_identifier_is_the_column_its_values_stand_under(write: Write) -> None:
    """A field called like a standard column is the one beside it."""
    (field,) = read_custom_fields(write('{"custom_fields": [{"field_identifier": "score"}]}', name="f.json"))
    assert field.identifier == own_column("score") == "score_2"


@pytest.mark.parametrize(
    ("key", "names"),
    [
        ("account_tags", ["VIP", "a, b", "VIP"]),
        ("account_lists", [{"list_name": "VIP"}, {"name": "a, b"}, {"list_id": 3}]),
        ("account_sequences", {"1": "VIP", "4": "a, b"}),
    ],
)
def test_account_names_are_read_once_each(write: Write, key: str, names: Any) -> None:
    """Plain names as documented, or objects with a name."""
    path = write(json.dumps({"status": "Success", key: names}), name="names.json")
    found = recognise(path)
    assert isinstance(found, Description)
    assert found.kind == key
    assert read_account_names(path) == ("VIP", "a, b")


@pytest.mark.parametrize("content", ['{"account_tags": ["a"]}', "{}", "[1]", '{"custom_fields": "none"}', "7"])
def test_another_file_tells_of_no_custom_fields(write: Write, content: str) -> None:
    """Asking a file for what it does not tell is an error naming what it is, where that is known."""
    with pytest.raises(WrongKind) as raised:
        read_custom_fields(write(content, name="other.json"))
    assert raised.value.kind == ("account_tags" if "tags" in content else None)


def test_another_file_tells_no_names(write: Write) -> None:
    """Custom fields are no names of tags."""
    with pytest.raises(WrongKind, match="custom_fields"):
        read_account_names(write(json.dumps({"custom_fields": FIELDS}), name="other.json"))


@pytest.mark.parametrize("read", [read_custom_fields, read_account_names])
def test_what_cannot_be_read_is_an_error_of_the_tree(
    write: Write, tmp_path: Path, read: Callable[[Path], object]
) -> None:
    """Half a file, a hole of nesting and a missing file are named, never a stack trace."""
    for content in ('{"custom_fields": [', '{"a":' * 100_000):
        with pytest.raises(JsonBroken, match=r"^half\.json: "):
            read(write(content, name="half.json"))
    with pytest.raises(ExportUnreadable):
        read(tmp_path / "gone.json")
