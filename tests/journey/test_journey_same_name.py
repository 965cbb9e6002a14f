"""Two exports of one name: the auditor is told of both, and names the one that is meant by its id."""

import os
from pathlib import Path

import pytest

from tests.delta.accounts import ANN, BOB, CYD
from tests.journey.world import Journey

pytestmark = pytest.mark.anyio

NAME = "contacts.csv"


def folder(journey: Journey, name: str, seconds: int, *rows: dict[str, str]) -> Path:
    """A folder with a file of that name, changed last at a time."""
    made = journey.folder / name
    made.mkdir()
    lines = ["id,email,first_name,last_name", *(f"{row['id']},{row['email']},{row['first_name']},X" for row in rows)]
    (made / NAME).write_text("\n".join(lines) + "\n")
    os.utime(made / NAME, (seconds, seconds))
    return made


async def test_a_name_that_two_files_have_is_told(journey: Journey) -> None:
    """Line 2 is Ann's in one file and Cyd's in the other: refused in a line with both ids, each of which answers."""
    await journey.load(folder(journey, "a", 1_700_000_000, ANN, BOB), "leave")
    await journey.delta(folder(journey, "b", 1_700_086_400, CYD, ANN, {**BOB, "first_name": "Rob"}))
    refused = journey.told("history", "--source", f"{NAME}:2", code=2)["error"]["message"]
    assert "\n" not in refused
    ids = [one for (one,) in journey.ledger_rows("SELECT file FROM export ORDER BY position")]
    assert f"say which: {ids[0]}:2 (exported 2023-11-14), {ids[1]}:2 (exported 2023-11-15)" in refused
    told = [journey.told("history", "--source", f"{one}:2")["events"] for one in ids]
    assert [some[0]["source_key"] for some in told] == ["contact:1", "contact:3"]
    assert journey.told("history", "--source", f"{NAME}:4")["events"][0]["source_key"] == "contact:2"
    rows = "SELECT file_id, file, line, source_key FROM source_rows WHERE line = 2 ORDER BY source_key"
    assert journey.ledger_rows(rows) == [(ids[0], NAME, 2, "contact:1"), (ids[1], NAME, 2, "contact:3")]
    made = "SELECT file_id, file, line FROM {} WHERE source_key = 'contact:3' AND file IS NOT NULL LIMIT 1"
    for view in ("records_now", "history"):
        assert journey.ledger_rows(made.format(view)) == [(ids[1], NAME, 2)]
