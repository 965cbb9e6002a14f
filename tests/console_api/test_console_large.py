"""What is large comes in parts: pages end by size, downloads come page by page, and each has its head."""

import csv
import io
import json
from typing import Any

import pytest

from adapters.console.proof import Proof
from ledger.listings import files
from tests.console_api.world import Shown, rows_of

LISTS = ("records", "events", "holds", "runs", "files")


def the_file(shown: Shown) -> str:
    """The file with the most rows."""
    found = rows_of(shown.ledger, "SELECT file FROM source_row GROUP BY file ORDER BY count(*) DESC LIMIT 1")
    return str(found[0][0])


def walk(shown: Shown, path: str) -> list[list[Any]]:
    """The items of every page."""
    pages: list[list[Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = shown.api(path, limit=500, **cursor)
        pages.append(page["items"])
        if page["next"] is None:
            return pages
        cursor = {"cursor": page["next"]}


def size(row: Any) -> int:
    """What a row's body has at least."""
    return len(json.dumps(row["cells"], ensure_ascii=False, separators=(",", ":")))


@pytest.mark.parametrize("budget", [1, 3_000, 10_000])
def test_a_page_of_rows_ends_by_size(shown: Shown, monkeypatch: pytest.MonkeyPatch, budget: int) -> None:
    """Never empty, never much larger than its budget; and the walk misses no row and shows none twice."""
    path = f"/files/{the_file(shown)}"
    [whole] = walk(shown, path)
    monkeypatch.setattr(files, "_BUDGET", budget)
    pages = walk(shown, path)
    assert [one for page in pages for one in page] == whole
    assert len(pages) > 1
    assert all(pages)
    assert all(len(page) == 1 or sum(map(size, page)) <= budget for page in pages)


@pytest.mark.parametrize("shape", ["csv", "jsonl"])
def test_a_download_in_many_parts_is_the_same_file(shown: Shown, monkeypatch: pytest.MonkeyPatch, shape: str) -> None:
    """Whether its rows come in one part or in one for each."""
    path = f"/ledgers/ledger/download/rows.{shape}"
    whole = shown.client.get(path, params={"file": the_file(shown)})
    monkeypatch.setattr(files, "_BUDGET", 1)
    parts = shown.client.get(path, params={"file": the_file(shown)})
    assert whole.status_code == parts.status_code == 200
    assert parts.content == whole.content
    assert len(whole.content) > 3_000


@pytest.mark.parametrize("name", LISTS)
def test_a_table_has_its_head_whatever_is_in_it(shown: Shown, name: str) -> None:
    """Each line has as many cells as the head has names, which are those of the list itself."""
    answer = shown.client.get(f"/ledgers/ledger/download/{name}.csv")
    head, *lines = csv.reader(io.StringIO(answer.text))
    assert lines
    assert {len(line) for line in lines} == {len(head)}
    first = json.loads(shown.client.get(f"/ledgers/ledger/download/{name}.jsonl").text.splitlines()[0])
    assert {"source", "place", *head} >= set(first)


def test_an_empty_table_has_its_head(shown: Shown) -> None:
    """Nothing was found, and the columns are there."""
    path = "/ledgers/ledger/download/records.csv"
    nothing = shown.client.get(path, params={"q": "nobody-is-called-so"})
    assert nothing.text.splitlines() == shown.client.get(path).text.splitlines()[:1]


@pytest.mark.parametrize(
    "path", ["/ledgers/ledger/live", "/ledgers/ledger/verify/run", "/ledgers/ledger/download/events.csv"]
)
def test_a_head_begins_no_work(shown: Shown, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """It is answered at once, though there is no end to what a GET would answer; and nothing is recomputed."""

    def refused(*_: Any) -> None:
        raise AssertionError

    monkeypatch.setattr(Proof, "follow", refused)
    monkeypatch.setattr("adapters.console.downloads._chunks", refused)
    monkeypatch.setattr("adapters.console.live._news", refused)
    answer = shown.client.head(path, timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
