"""Finding the refused rows of a batch by what Twenty quotes."""

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.twenty import DuplicateRecord, InvalidLink, classify, locate

GOOD = {"id": "a", "name": {"firstName": "Ok", "lastName": "T"}, "emails": {"primaryEmail": "ok@example.com"}}
SENT = json.loads((Path(__file__).parent / "recordings" / "refused_rows.json").read_text("utf-8"))


@pytest.mark.parametrize("recorded", SENT, ids=lambda one: one["name"])
def test_recorded_refusal_finds_the_row_that_was_bad(recorded: dict[str, Any]) -> None:
    """Of a recorded batch the bad row is found, and no good one with it."""
    error = classify(recorded["status"], recorded["body"])
    rows = [GOOD, *recorded["rows"], GOOD]
    assert locate(rows, error) == [1 + at for at in recorded["bad"]]


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        ("it's", '"it\'s"'),
        ("two\nlines", "'two\\nlines'"),
        ("back\\slash", "'back\\\\slash'"),
        ("", "''"),
        (5, "5"),
        (True, "true"),
        (None, "null"),
        (["A", "NOPE"], "[ 'NOPE' ]"),
        (["A", "NOPE"], "[ 'A', 'NOPE' ]"),
        (["nope"], "'nope'"),
        ("NOPE", '"NOPE"'),
        ("abc", "NaN"),
    ],
)
def test_values_are_read_the_way_twenty_prints_them(value: Any, printed: str) -> None:
    """Quotes, escapes, numbers, lists and nothing are recognised in Twenty's spelling."""
    error = classify(200, refusal(f'Invalid value {printed} for field "field"'))
    assert locate([{"field": "other"} if printed != "NaN" else {"field": 1}, {"field": value}, {}], error) == [1]


def test_every_row_with_the_value_is_found() -> None:
    """Twenty names the first bad value only; all rows that hold it would be refused."""
    error = classify(200, refusal("Invalid value 'x' for email field \"emails.primaryEmail\""))
    bad = {"emails": {"primaryEmail": "x"}}
    assert locate([bad, GOOD, bad], error) == [0, 2]


@pytest.mark.parametrize("error", [InvalidLink(), DuplicateRecord(None, None, None), classify(200, {"errors": [{}]})])
def test_unnamed_refusal_finds_nothing(error: Any) -> None:
    """Where Twenty names no value the answer is empty, so that the caller bisects."""
    assert locate([GOOD, GOOD], error) == []


def refusal(message: str) -> dict[str, Any]:
    """A refusal of a value as Twenty words it."""
    return {"errors": [{"message": message, "extensions": {"code": "BAD_USER_INPUT", "subCode": "INVALID_ARGS_DATA"}}]}
