"""JSON files: told apart by their values, read a line or an element at a time, damage costs one row."""

import json
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.kartra import (
    MAX_CELL,
    Description,
    DocumentTooLarge,
    Export,
    ExportChanged,
    ExportEmpty,
    JsonBroken,
    WrongKind,
    read,
    recognise,
    scan,
)
from adapters.mapping.types import RowProblem, SourceRow

Write = Callable[..., Path]

EVENT = {
    "lead": {"id": 7, "email": "a@example.com"},
    "action": "calendar_subscribe",
    "action_details": {"calendar": {"calendar_subscription_id": 9, "events": [{"event_date": "2026-03-11 09:00"}]}},
}
LEAD = {"status": "Success", "lead_details": {"id": "7", "email": "a@example.com", "tags": [], "score": 42}}
BARE = {"id": 7, "email": "a@example.com", "sequences": []}
REFUSAL = {"status": "Error", "message": "No lead found", "type": "234"}


def lines(*values: object, newline: str = "\n") -> str:
    """JSON lines; text stays as it is."""
    return newline.join(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values)


def rows_of(path: Path) -> list[SourceRow | RowProblem]:
    """Every row of a JSON export, verified."""
    made = recognise(path)
    assert isinstance(made, Export)
    return list(read(made, verify=True))


def outline(path: Path) -> list[tuple[int, str | None]]:
    """Every row's line with its reason, None for a good one."""
    return [(row.line, row.reason if isinstance(row, RowProblem) else None) for row in rows_of(path)]


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ndjson", ".JSONL"])
@pytest.mark.parametrize(
    ("content", "kind", "form"),
    [
        (lines(EVENT, EVENT), "bookings", "json_lines"),
        (lines({"action": "assign_tag", "lead": {}}, EVENT), "bookings", "json_lines"),
        (lines(EVENT), "bookings", "json"),
        (json.dumps(EVENT, indent=2), "bookings", "json"),
        (json.dumps([EVENT, EVENT]), "bookings", "json"),
        (json.dumps([EVENT, EVENT], indent=1), "bookings", "json"),
        (lines(LEAD, LEAD), "lead_details", "json_lines"),
        (lines(BARE, BARE), "lead_details", "json_lines"),
        (lines(REFUSAL, "{broken", "", LEAD), "lead_details", "json_lines"),
        (lines("{broken", LEAD, LEAD), "lead_details", "json_lines"),
        (json.dumps([LEAD, BARE], indent=2), "lead_details", "json"),
        (lines("", "  ", "\ufeff" + json.dumps(LEAD), LEAD), "lead_details", "json_lines"),
    ],
)
def test_the_first_value_of_a_known_shape_decides(
    write: Write, content: str, kind: str, form: str, suffix: str
) -> None:
    """Lines, one array, or one object are all taken; broken values and refusals before it do not hide the kind."""
    made = recognise(write(content, name=f"collected{suffix}"))
    assert isinstance(made, Export)
    assert (made.kind, made.form, made.delimiter, made.header, made.columns) == (kind, form, "", (), ())


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", ExportEmpty),
        ("\n \n\ufeff\n", ExportEmpty),
        ("[]", ExportEmpty),
        ("[\n]\n", ExportEmpty),
        ("{}", WrongKind),
        ("[{}, 1, null]", WrongKind),
        ("42\nnull", WrongKind),
        (lines({"name": "x"}, {"email": "a@example.com"}), WrongKind),
        (json.dumps({"people": [BARE], "tags": {}, "held": []}, indent=1), WrongKind),
        (lines({"custom_fields": []}, {"custom_fields": []}), WrongKind),
        ("no json", JsonBroken),
        ('[{"action": "x", "lead": {}}, {"act', JsonBroken),
        ("[" * 200_000, JsonBroken),
        ('{"a":' * 200_000, JsonBroken),
        ("email,phone\na@example.com,1\n", JsonBroken),
    ],
)
def test_unusable_json_says_why(write: Write, content: str, error: type[Exception]) -> None:
    """What is no JSON, or JSON of nobody's, raises the error that says so, in one line, naming the file."""
    with pytest.raises(error) as raised:
        recognise(write(content, name="odd.json"))
    assert str(raised.value).startswith("odd.json: ")
    assert "\n" not in str(raised.value)


def test_an_array_beyond_memory_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """An array is held whole, so its size has a limit, and the message says to write lines instead."""
    path = write(json.dumps([EVENT]), name="all.json")
    monkeypatch.setattr("adapters.kartra.recognise_json.MAX_DOCUMENT", path.stat().st_size - 1)
    with pytest.raises(DocumentTooLarge, match="JSON lines"):
        recognise(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_told_apart(write: Write, encoding: str, newline: str) -> None:
    """JSON written by a spreadsheet's or a shell's taste is read like any other."""
    named = {**LEAD, "lead_details": {**LEAD["lead_details"], "first_name": "Zoë"}}  # type: ignore[dict-item]
    path = write(lines(named, "", named, newline=newline), name="leads.jsonl", encoding=encoding)
    rows = rows_of(path)
    assert [(row.line, row.cells["first_name"]) for row in rows if isinstance(row, SourceRow)] == [
        (1, "Zoë"),
        (3, "Zoë"),
    ]


def test_a_broken_line_costs_one_row(write: Write) -> None:
    """Half a line, another shape, a refusal, a lone surrogate and a hole of nesting each hold their own line."""
    deep = '{"lead_details":' * 100_000
    bad = ['{"status":"Success","lead_det', "[1]", REFUSAL, EVENT, '{"lead_details":{"email":"\\ud800"}}', deep]
    path = write(lines(LEAD, "", *bad, LEAD), name="leads.jsonl")
    expected = [(1, None), *((line, "row_malformed") for line in range(3, 9)), (9, None)]
    assert outline(path) == expected


def test_a_problem_says_what_is_wrong_and_keeps_the_line(write: Write) -> None:
    """The detail names the refusal of the API, the raw text is what stands there, bounded."""
    path = write(lines(LEAD, REFUSAL, '{"x": "' + "y" * 50_000), name="leads.jsonl")
    _, refusal, broken = rows_of(path)
    assert isinstance(refusal, RowProblem)
    assert isinstance(broken, RowProblem)
    assert (refusal.kind, refusal.file, refusal.column) == ("lead_details", "leads.jsonl", None)
    assert refusal.detail == "no answer with lead_details (No lead found)"
    assert refusal.raw == (json.dumps(REFUSAL),)
    assert broken.detail.startswith("no JSON (")
    assert sum(map(len, broken.raw)) == 20_000


def test_an_endless_line_is_held_and_the_next_one_read(write: Write) -> None:
    """A line beyond the limit is passed over without being held in memory."""
    path = write(lines(EVENT, '{"a":"' + "x" * (5 * MAX_CELL) + '"}', EVENT), name="events.jsonl")
    assert outline(path) == [(1, None), (2, "row_malformed"), (3, None)]


def test_an_enormous_value_is_held(write: Write) -> None:
    """A value beyond the limit of a cell holds its row, and names its column."""
    path = write(lines(BARE, {**BARE, "notes": "x" * (MAX_CELL + 1)}), name="leads.jsonl")
    _, problem = rows_of(path)
    assert isinstance(problem, RowProblem)
    assert (problem.line, problem.column) == (2, "notes")


def test_elements_of_an_array_know_their_lines(write: Write) -> None:
    """A row of an array stands at the line where its element begins, however the array is laid out."""
    text = f"\n[\n  {json.dumps(BARE)}, {json.dumps(BARE)},\r\n\n  {json.dumps(BARE, indent=2)}\n,\n  7, {{}}\n]\n"
    tall = json.dumps(BARE, indent=2).count("\n")
    assert outline(write(text, name="leads.json")) == [
        (3, None),
        (3, None),
        (5, None),
        (7 + tall, "row_malformed"),
        (7 + tall, "row_malformed"),
    ]


def test_the_clock_and_the_bytes_of_json_are_those_of_any_export(write: Write, tmp_path: Path) -> None:
    """The clock in a name dates a JSON file too, else its modification time; the same bytes are loaded once."""
    clock = int(datetime(2026, 3, 9, 2, 1, tzinfo=UTC).timestamp())
    write(lines(EVENT, EVENT), name=f"webhooks_{clock:08x}a1b2c.jsonl")
    copy = write(lines(EVENT, EVENT), name="copy.jsonl")
    os.utime(copy, (1_700_000_000, 1_700_000_000))
    found = scan(tmp_path)
    assert [(made.name, made.exported_at) for made in found.exports] == [
        ("copy.jsonl", datetime.fromtimestamp(1_700_000_000, UTC))
    ]
    assert [entry.code for entry in found.unknown] == ["export_repeated"]
    assert recognise(tmp_path / f"webhooks_{clock:08x}a1b2c.jsonl").exported_at == datetime(
        2026, 3, 9, 2, 1, tzinfo=UTC
    )


@pytest.mark.parametrize("content", [json.dumps([EVENT, EVENT]), lines(EVENT, EVENT)])
def test_json_that_changed_is_noticed(write: Write, content: str) -> None:
    """Other bytes than those registered are an error, also where they are no JSON any more."""
    path = write(content, name="events.json")
    made = recognise(path)
    assert isinstance(made, Export)
    path.write_text("[{")
    with pytest.raises(ExportChanged):
        list(read(made, verify=True))


def test_descriptions_are_listed_beside_the_exports(write: Write, tmp_path: Path) -> None:
    """Files without rows come oldest first, in a list of their own, and are no strangers."""
    write(json.dumps({"account_tags": ["VIP"]}), name="b_69a4ef5d00000.json")
    write(json.dumps({"custom_fields": []}, indent=2), name="c_69a4ef5c00000.json")
    write(lines(EVENT, EVENT), name="events.jsonl")
    found = scan(tmp_path)
    assert [(file.name[0], file.kind) for file in found.descriptions] == [("c", "custom_fields"), ("b", "account_tags")]
    assert [made.kind for made in found.exports] == ["bookings"]
    assert found.unknown == ()
    assert all(isinstance(file, Description) and file.size for file in found.descriptions)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)
)
KEYS = (
    st.sampled_from(["lead", "action", "action_details", "calendar", "events", "hosts", "lead_details"])
    | st.sampled_from(["id", "email", "tags", "lists", "sequences", "memberships", "tag_name", "active", "score"])
    | st.sampled_from(["custom_fields", "field_identifier", "field_value"])
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=4)
)


@settings(deadline=None, max_examples=100)
@given(first=st.sampled_from([EVENT, LEAD]), values=st.lists(VALUES, max_size=6), in_array=st.booleans())
def test_any_json_is_a_row_or_a_problem(first: dict[str, Any], values: list[Any], in_array: bool) -> None:
    """Whatever shape the values have, each is one row or one problem, every cell is text that can be stored."""
    written = [first, *values]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.json"
        path.write_text(json.dumps(written, indent=1) if in_array else lines(*map(json.dumps, written)), "utf-8")
        rows = rows_of(path)
    assert len(rows) == len(written)
    assert isinstance(rows[0], SourceRow)
    for row in rows:
        if isinstance(row, SourceRow):
            assert all(isinstance(cell, str) and cell for cell in row.cells.values())
            assert "".join([*row.cells, *row.cells.values()]).encode()


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_end_in_an_export_or_an_error_of_the_tree(content: bytes) -> None:
    """Bytes of any kind under a JSON name never raise anything but the tree's errors."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.jsonl"
        path.write_bytes(json.dumps(EVENT).encode() + b"\n" + content)
        scan(Path(folder))
        path.write_bytes(content)
        found = scan(path)
    assert len(found.exports) + len(found.descriptions) + len(found.unknown) == 1
