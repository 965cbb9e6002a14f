"""`sample` on the command line: which files it writes, and what it says of them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.kartra import scan
from commands.main import cli


def sample(*said: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["sample", *said], catch_exceptions=False)


@pytest.mark.parametrize(
    ("option", "kinds"),
    [
        (None, ["contacts", "lead_details", "transactions", "subscriptions", "bookings", "affiliates"]),
        ("--clean", ["contacts", "transactions", "subscriptions", "bookings", "affiliates"]),
        ("--contacts-only", ["contacts"]),
    ],
)
def test_the_kinds_it_writes(tmp_path: Path, option: str | None, kinds: list[str]) -> None:
    """Every kind, every kind a clean account has, or contacts only; the table names each file and its kind."""
    done = sample("--contacts", "30", "--out", str(tmp_path / "out"), *([option] if option else []))
    exports = scan(tmp_path / "out").exports
    assert list(dict.fromkeys(export.kind for export in exports)) == kinds
    table = done.stdout.splitlines()[1 : len(exports) + 1]
    assert [tuple(line.split()[:2]) for line in table] == [(export.kind, export.name) for export in exports]
    assert max(map(len, table)) <= 80


def test_its_document_counts_what_must_come_of_it(tmp_path: Path) -> None:
    """`--json` is one document: files, their kinds, and the records and rows of the truth by count."""
    told = json.loads(sample("--contacts", "30", "--out", str(tmp_path / "out"), "--json").stdout)
    truth = json.loads((tmp_path / "out/truth.json").read_text("utf-8"))
    counted = (
        "people",
        "companies",
        "opportunities",
        "subscriptions",
        "affiliates",
        "tasks",
        "notes",
        "held",
        "set_aside",
    )
    assert {name: told[name] for name in counted} == {name: len(truth[name]) for name in counted}
    assert told["files"] == [[one["name"], one["rows"]] for one in truth["files"]]
    assert told["kinds"] == {one["name"]: one["kind"] for one in truth["files"]}
