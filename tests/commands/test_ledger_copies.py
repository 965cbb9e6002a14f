"""`ledger backup`, `ledger views` and `export`, as their users run them."""

import csv
import hashlib
import io
import json
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from commands import export as exporting
from ledger.hashing import GENESIS
from ledger.views import VIEWS
from tests.hostile.place import CLI, Place


@pytest.fixture
def copy(used: Place, tmp_path: Path) -> Path:
    """A backup of the place's ledger."""
    target = tmp_path / "backups" / "ledger.db"
    assert used.run("ledger", "backup", target).code == 0
    return target


def test_a_backup_prints_the_head_it_verified(used: Place, tmp_path: Path) -> None:
    """The head printed is the ledger's, `verify --expect` on the copy proves it, and --json says the same."""
    head = used.run("head").out.strip()
    told = used.run("ledger", "backup", tmp_path / "a.db")
    assert (told.code, told.out.strip().endswith(f"head {head}")) == (0, True)
    assert used.run("verify", "--ledger", tmp_path / "a.db", "--expect", head).code == 0
    document = used.run("ledger", "backup", tmp_path / "b.db", "--json").document
    assert set(document) == {"head", "events", "payloads", "erased", "unerased", "file"}
    assert (document["head"], document["file"]) == (head, str(tmp_path / "b.db"))
    assert stat.S_IMODE((tmp_path / "a.db").stat().st_mode) == 0o600


def test_a_backup_never_overwrites_unasked(used: Place, copy: Path) -> None:
    """A file that is there stays, exit 2, unless --force is said; a folder is never taken."""
    copy.write_text("something else")
    told = used.run("ledger", "backup", copy)
    assert (told.code, "--force" in told.error, copy.read_text()) == (2, True, "something else")
    assert used.run("ledger", "backup", copy, "--force").code == 0
    assert used.run("verify", "--ledger", copy).code == 0
    assert used.run("ledger", "backup", copy.parent, "--force").code == 2


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal", ".lock"])
def test_the_ledgers_own_files_are_no_place(used: Place, ending: str) -> None:
    """Not for a backup and not for an export, not even by --force, and by no other name."""
    before = used.ledger.read_bytes()
    own = used.ledger.with_name(used.ledger.name + ending)
    for name in (own, own.parent / ".." / own.parent.name / own.name):
        for words in (("ledger", "backup", name), ("export", "--out", name)):
            told = used.run(*words, "--force")
            assert (told.code, "belongs to the ledger" in told.error) == (2, True)
    assert used.run("export", "--out", used.sandbox, "--force").code == 2
    assert used.ledger.read_bytes() == before


def test_a_ledger_at_work_is_no_place(used: Place, copy: Path) -> None:
    """A copy that a program writes to, or whose log stands beside the name, is not taken by --force: exit 2."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE more (x)")
        connection.commit()
        told = used.run("ledger", "backup", copy, "--force")
    assert (told.code, "in use" in told.error) == (2, True)


def test_a_backup_of_nothing(place: Place, tmp_path: Path) -> None:
    """No ledger, another program's file, a ledger that was altered: exits 2, 2 and 6, and no file is made."""
    target = tmp_path / "made" / "copy.db"
    assert place.run("ledger", "backup", target).code == 2
    place.ledger.write_text("Dear Sir,\n" * 1000)
    assert place.run("ledger", "backup", target).code == 2
    place.ledger.unlink()
    place.contacts("ann@x.org")
    assert place.run("extract", place.exports).code == 0
    with closing(sqlite3.connect(place.ledger)) as connection, connection:
        connection.execute("DELETE FROM alias")
    told = place.run("ledger", "backup", target)
    assert (told.code, "alias" in told.error) == (6, True)
    assert not target.exists()


def test_a_backup_nowhere(used: Place, tmp_path: Path) -> None:
    """A place that cannot be written is exit 8 and is named."""
    (tmp_path / "file").write_text("")
    told = used.run("ledger", "backup", tmp_path / "file" / "copy.db")
    assert (told.code, "copy.db" in told.error) == (8, True)


@pytest.mark.parametrize("words", [["status"], ["verify"], ["history"], ["ledger", "backup", "copy.db"], ["export"]])
def test_an_older_ledger_wants_a_rebuild(used: Place, copy: Path, words: list[str]) -> None:
    """What only reads an older ledger is exit 2 and names the command that brings it up to date; then it reads."""
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("PRAGMA user_version = 1")
        for kind, name in connection.execute("SELECT type, name FROM sqlite_master WHERE type = 'view'").fetchall():
            connection.execute(f"DROP {kind} {name}")
        for name in ("change", "gone", "suppressed", "intent"):
            connection.execute(f"DROP TABLE {name}")
        connection.execute("DROP INDEX event_hold")
    words = [str(copy.with_name(word)) if word.endswith(".db") else word for word in words]
    told = used.run(*words, "--ledger", copy)
    assert (told.code, "`kartra-to-twenty ledger rebuild`" in told.error) == (2, True)
    assert used.run("ledger", "rebuild", "--ledger", copy).code == 0
    assert used.run(*words, "--ledger", copy).code == 0


# --- views -----------------------------------------------------------------------------------------------------------


def test_views_are_told_with_a_query_each(used: Place) -> None:
    """Each view with a sentence and an example that any SQLite client runs on the file, in 80 columns."""
    told = used.run("ledger", "views")
    assert (told.code, max(map(len, told.out.splitlines())) <= 80) == (0, True)
    listed = used.run("ledger", "views", "--json").document["views"]
    assert [view["name"] for view in listed] == [view.name for view in VIEWS]
    with closing(sqlite3.connect(f"{used.ledger.as_uri()}?mode=ro", uri=True)) as connection:
        for view in listed:
            assert view["name"] in told.out and view["example"].splitlines()[0] in told.out
            connection.execute(view["example"]).fetchall()


# --- export ----------------------------------------------------------------------------------------------------------


def exported(place: Place, *words: Any) -> list[dict[str, Any]]:
    """What `export` prints as JSON lines."""
    told = place.run("export", *words)
    assert told.code == 0, told
    return [json.loads(line) for line in told.out.splitlines()]


def test_an_export_says_how_much_it_is(used: Place) -> None:
    """Every event is a line, and stderr says how many there are and which head they lead to."""
    head = used.run("head").out.strip()
    told = used.run("export")
    rows = [json.loads(line) for line in told.out.splitlines()]
    assert told.err.strip() == f"exported {len(rows)} events, head {head}"
    assert f"{rows[-1]['position']}:{rows[-1]['hash']}" == head
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))


def test_the_chain_can_be_recomputed_from_an_export(used: Place) -> None:
    """With nothing but the help's own words, JSON and SHA-256, every hash comes out."""

    def canonical(value: object) -> str:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    before = GENESIS
    for row in exported(used):
        columns = {name: value for name, value in row.items() if name not in ("prev_hash", "hash")}
        columns["data"] = canonical(row["data"])
        assert row["prev_hash"] == before
        before = hashlib.sha256((before + canonical(columns)).encode()).hexdigest()
        assert row["hash"] == before


def test_an_export_goes_on_where_one_ended(used: Place) -> None:
    """--since gives the events behind a position; one that is not there is exit 2, for the ledger may have been cut."""
    rows = exported(used)
    last = rows[-1]["position"]
    assert exported(used, "--since", last - 3) == rows[-3:]
    told = used.run("export", "--since", last)
    assert (told.code, told.out, f"0 events behind position {last}" in told.err) == (0, "", True)
    assert used.run("export", "--since", last + 1).code == 2


def test_bodies_are_exported_only_when_asked(used: Place) -> None:
    """Without the word nothing personal is in it; with it each event has every body it names."""
    assert "ann@x.org" not in used.run("export").out
    rows = exported(used, "--with-bodies")
    assert all(row["payload_hash"] is None or row["bodies"][row["payload_hash"]] for row in rows)
    [row] = [row for row in rows if row["type"] == "RowExtracted" and row["source_key"] == "contact:1"]
    assert row["bodies"][row["payload_hash"]]["value"]["cells"]["email"] == "ann@x.org"
    batch = next(row for row in rows if row["type"] == "BatchIntended")
    assert {item["hash"] for item in batch["data"]["items"]} == set(batch["bodies"])


@pytest.mark.parametrize("at_once", [1, 3, 10_000])
def test_an_export_is_the_same_however_it_is_paged(used: Place, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    """Read one by one or many at a time, not a line is lost, doubled or moved."""
    whole = used.run("export", "--with-bodies").out
    monkeypatch.setattr(exporting, "_AT_ONCE", at_once)
    assert used.run("export", "--with-bodies").out == whole


def test_a_sheet_runs_no_formula(place: Place) -> None:
    """A CSV has the same rows under a header, and a cell that begins like a formula is text."""
    place.contacts("ann@x.org")
    assert place.run("--actor", "=cmd|calc", "extract", place.exports).code == 0
    told = place.run("export", "--format", "csv", "--with-bodies")
    rows = list(csv.DictReader(io.StringIO(told.out, newline="")))
    plain = exported(place, "--with-bodies")
    assert [int(row["position"]) for row in rows] == [row["position"] for row in plain]
    assert list(rows[0]) == list(plain[0])
    assert {row["actor"] for row in rows} == {"'=cmd|calc"}
    assert json.loads(rows[-1]["data"]) == plain[-1]["data"]


def test_an_export_to_a_file_is_whole_or_not_there(used: Place, tmp_path: Path) -> None:
    """0600, not over a file unless --force, the same bytes as printed; a place that cannot be is exit 2."""
    out = tmp_path / "deep" / "events.jsonl"
    told = used.run("export", "--out", out, "--json")
    assert set(told.document) == {"events", "since", "head", "file"}
    assert out.read_text("utf-8") == used.run("export").out
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert used.run("export", "--out", out).code == 2
    assert used.run("export", "--out", out, "--since", 3, "--force").code == 0
    assert len(out.read_text("utf-8").splitlines()) == told.document["events"] - 3
    assert used.run("export", "--out", out, "--since", 10**6, "--force").code == 2
    assert len(out.read_text("utf-8").splitlines()) == told.document["events"] - 3
    assert used.run("export", "--out", out / "below.csv").code == 2
    assert [file.name for file in out.parent.iterdir()] == [out.name]


def test_json_wants_a_file_for_many_documents(used: Place) -> None:
    """--json prints one document, and events are many: exit 2 unless they go to a file."""
    told = used.run("export", "--json")
    assert (told.code, "--out" in told.document["error"]["message"]) == (2, True)


def test_a_reader_of_an_export_may_leave(used: Place) -> None:
    """`export | head -1` ends without an error, and says nothing of a completeness nobody saw."""
    with subprocess.Popen(
        [*CLI, "--ledger", str(used.ledger), "export", "--with-bodies"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
    ) as process:  # fmt: skip
        assert process.stdout is not None and process.stderr is not None
        _first(iter(lambda: process.stdout.read(1), b""))
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


def _first(bytes_read: Iterator[bytes]) -> bytes:
    return b"".join(iter(lambda: next(bytes_read), b"\n"))
