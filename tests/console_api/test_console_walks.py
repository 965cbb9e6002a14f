"""Lists walked page by page: every item once, in one order, also while the ledger grows."""

from pathlib import Path
from typing import Any

import pytest

from ledger.events import RowExtracted, RowHeld, RowTransformed
from ledger.hashing import seal
from ledger.store import Ledger
from tests.console_api.world import Shown, copied, rows_of, showing

pytestmark = pytest.mark.anyio


async def _grow(path: Path, number: int) -> None:
    """What may come anywhere in a list: rows, records whose names and streams lie before and behind, and a hold."""
    events: list[Any] = []
    bodies = []
    [(mapping,)] = rows_of(path, "SELECT payload_hash FROM event WHERE type = 'MappingConfirmed'")
    for at, stream in enumerate((f"contact:0{number}", f"contact:~a{number}", f"zebra:{number}")):
        row, made = (
            seal(stream, {"cells": {"a": number}}),
            seal(stream, {"fields": {}}, {"name": f"{'aZz'[at]}a{number}"}),
        )
        ref = f"new{number}:{at + 2}"
        events += [
            RowExtracted(source_key=stream, source_ref=ref, payload_hash=row.hash),
            RowTransformed(
                object="person", source_key=stream, payload_hash=made.hash, mapping_hash=mapping, sources=(ref,)
            ),
            RowHeld(object="person", source_ref=f"held{ref}", reason="amount_invalid", stage="extract"),
        ]
        bodies += [row, made]
    async with Ledger.open(path, command="test") as ledger:
        await ledger.append(events, bodies)


def whole(shown: Shown, path: str, **query: Any) -> list[Any]:
    """A list in as few pages as can be."""
    return shown.pages(path, limit=500, **query)


def walks(shown: Shown, path: str, **query: Any) -> int:
    """How many items a list has, which is the same in pages of every size."""
    every = whole(shown, path, **query)
    # A full last page must not promise another.
    for limit in {
        size for size in (1, len(every) // 3, len(every) - 1, len(every)) if 1 <= size <= 500 and len(every) / size < 8
    }:
        assert shown.pages(path, limit=limit, **query) == every
    assert len({str(one) for one in every}) == len(every)
    return len(every)


def test_records_are_walked_by_object_and_state(shown: Shown) -> None:
    """All of them, of each object, in each state, and both; each as many as the ledger has."""
    counts = rows_of(shown.ledger, "SELECT object, state, count(*) FROM record GROUP BY 1, 2")
    assert walks(shown, "/records") == sum(count for *_, count in counts)
    for name, state, count in counts:
        assert walks(shown, "/records", object=name, state=state) == count
    for name in {name for name, *_ in counts}:
        assert walks(shown, "/records", object=name) == sum(each for other, _, each in counts if other == name)
    for state in {state for _, state, _ in counts}:
        assert walks(shown, "/records", state=state) == sum(each for _, other, each in counts if other == state)


@pytest.mark.parametrize("said", ["a", "e r", "kartra", "örtegaß", "%", "_"])
def test_what_is_found_is_walked(shown: Shown, said: str) -> None:
    """In the order of names, as many as have all of the words, by Python's own reckoning."""
    labels = rows_of(shown.ledger, "SELECT label FROM record WHERE label IS NOT NULL")
    has = [one for (one,) in labels if all(word in one.casefold() for word in said.casefold().split())]
    assert walks(shown, "/records", q=said) == len(has)
    assert has


def test_events_are_walked_both_ways_and_by_everything(shown: Shown) -> None:
    """One way is the other backwards, and every condition leaves what SQL leaves."""
    [(run, kind, stream, record)] = rows_of(
        shown.ledger, "SELECT run_id, type, source_key, twenty_id FROM event WHERE type = 'RecordUpdated' LIMIT 1"
    )
    asked: list[dict[str, str]] = [
        {"run": run}, {"type": kind}, {"stream": stream}, {"twenty_id": record}, {"run": run, "type": kind},
        {"stream": stream, "type": kind}, {"twenty_id": record, "run": run}, {"type": "RecordCreated"},
        {"stream": stream, "twenty_id": record, "type": kind, "run": run}, {"run": run, "type": "RowHeld"},
    ]  # fmt: skip
    for query in asked:
        names = {"stream": "source_key", "run": "run_id"}
        where = " AND ".join(f"{names.get(name, name)} = ?" for name in query)
        [(count,)] = rows_of(shown.ledger, f"SELECT count(*) FROM event WHERE {where}", *query.values())
        assert walks(shown, "/events", **query) == count
        assert whole(shown, "/events", oldest_first="true", **query) == whole(shown, "/events", **query)[::-1]
    positions = [one["position"] for one in whole(shown, "/events", oldest_first="true")]
    assert positions == list(range(1, len(positions) + 1))
    assert walks(shown, "/events") == len(positions)


def test_holds_are_walked_by_reason(shown: Shown) -> None:
    """In every state and of every reason; the counts beside them are theirs."""
    for one in shown.api("/holds")["counts"]:
        assert walks(shown, "/holds", state=one["state"], reason=one["reason"]) == one["count"]
    [(every,)] = rows_of(shown.ledger, "SELECT count(*) FROM hold WHERE state = 'open'")
    assert walks(shown, "/holds") == every


def test_rows_of_files_are_walked(shown: Shown) -> None:
    """Of every file, all of its rows, by line; from a line on, those from there."""
    for file, count in rows_of(shown.ledger, "SELECT file, count(*) FROM source_row GROUP BY file"):
        assert walks(shown, f"/files/{file}") == count
        lines = [one["place"]["line"] for one in whole(shown, f"/files/{file}")]
        assert lines == sorted(set(lines))
        assert [one["place"]["line"] for one in whole(shown, f"/files/{file}", line=lines[-1])] == lines[-1:]


@pytest.mark.parametrize(
    ("path", "query"),
    [("/events", {}), ("/events", {"oldest_first": "true"}), ("/records", {}), ("/records", {"state": "written"}),
     ("/records", {"q": "a"}), ("/holds", {})],
)  # fmt: skip
async def test_nothing_is_lost_or_doubled_while_the_ledger_grows(
    history: Path, tmp_path: Path, path: str, query: dict[str, str]
) -> None:
    """What was there at the start comes once, in its order; only what is new may come beside it."""
    journey = copied(history, tmp_path)
    with showing(journey.options.ledger, tokens=tmp_path / "console.toml") as shown:
        before = whole(shown, path, **query)
        seen: list[Any] = []
        cursor: dict[str, str] = {}
        while True:
            page = shown.api(path, limit=max(len(before) // 4, 1), **query, **cursor)
            seen += page["items"]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
            await _grow(journey.options.ledger, len(seen))
        there = {str(one) for one in before}
        assert [one for one in seen if str(one) in there] == before
