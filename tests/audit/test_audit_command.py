"""The command: what it writes and prints, what it refuses, and that it names nobody."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from commands.main import cli
from tests.audit.account import FILES, MARK, write_account

WRITTEN = {"audit.html", "audit.md", "audit.json", "audit-rows.csv"}


def run(*words: str | Path) -> Result:
    """Run the command here; an exception that gets past it is raised."""
    return CliRunner().invoke(cli, ["audit", *map(str, words)], catch_exceptions=False)


@pytest.fixture
def written(account: Path, tmp_path: Path) -> Path:
    """The folder of an audit."""
    told = run(account, "--out", tmp_path / "out")
    assert (told.exit_code, told.stderr) == (0, "")
    return tmp_path / "out"


def test_four_files_are_written_for_nobody_else(written: Path) -> None:
    """Markdown, page, document and sheet, each 0600; nothing else is left beside them."""
    assert {path.name: path.stat().st_mode & 0o777 for path in written.iterdir()} == dict.fromkeys(WRITTEN, 0o600)


def test_nobody_is_named(written: Path, account: Path) -> None:
    """No name, address, phone or note of a person stands in anything that is written or printed."""
    assert sum(text.lower().count(MARK) for text in FILES.values()) > 30
    texts = [path.read_text("utf-8") for path in written.iterdir()]
    texts += [
        (told := run(account, "--out", written)).stdout,
        told.stderr,
        run(account, "--out", written, "--json").stdout,
    ]
    assert not [text for text in texts if MARK in text.lower()]
    assert not [text for text in texts if "@x.org" in text]


def test_the_document_printed_is_the_one_written(written: Path, account: Path) -> None:
    """`--json` is audit.json on stdout and nothing else."""
    printed: dict[str, Any] = json.loads(run(account, "--out", written, "--json").stdout)
    assert printed == json.loads((written / "audit.json").read_text("utf-8"))
    assert printed["contacts"]["clean"] == 6


def test_the_terminal_has_eighty_columns(account: Path, tmp_path: Path) -> None:
    """The summary fits, and says where the rest is."""
    told = run(account, "--out", tmp_path / "o")
    assert max(len(line) for line in told.stdout.splitlines()[:-1]) <= 80
    assert "Clean contacts" in told.stdout
    assert "audit.html" in told.stdout.splitlines()[-1]


def test_the_sheet_is_a_sheet(written: Path) -> None:
    """File, line, kind and reason of every row mentioned."""
    with (written / "audit-rows.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"File", "Line", "Kind", "Reason"} == set(rows[0])
    assert {"File": "bookings.csv", "Line": "4", "Kind": "bookings", "Reason": "date_invalid"} in rows


def test_the_day_is_taken(account: Path, tmp_path: Path) -> None:
    """`--stale-before` says since when somebody must have been silent."""
    told = run(account, "--out", tmp_path, "--json", "--stale-before", "2019-01-01")
    assert json.loads(told.stdout)["stale"]["count"] == 0


def test_the_mapping_is_listened_to(account: Path, tmp_path: Path) -> None:
    """What the mapping skips has no home; it need not be confirmed."""
    shipped = Path("adapters/mapping/default.toml").read_text("utf-8")
    edited = tmp_path / "m.toml"
    edited.write_text(shipped.replace('    "ip_country",\n', '    "ip_country",\n    "budget_band",\n'), "utf-8")
    told = run(account, "--out", tmp_path / "o", "--json", "--mapping", edited)
    [column] = [column for column in json.loads(told.stdout)["columns"] if column["name"] == "budget_band"]
    assert column["home"] == ""


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["{empty}"], "no Kartra export in"),
        (["{stranger}"], "is no Kartra export by its header"),
        (["{empty}/gone"], "gone"),
        (["{account}", "--stale-before", "soon"], "is no day"),
        (["{account}", "--out", "{file}"], "cannot be written"),
        (["{account}", "--mapping", "{file}"], "file.txt"),
    ],
)
def test_wrong_use_is_told_in_a_line(account: Path, tmp_path: Path, words: list[str], why: str) -> None:
    """Exit code 2, one line, nothing written."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "stranger").mkdir()
    (tmp_path / "stranger" / "stranger.csv").write_text(FILES["stranger.csv"])
    (tmp_path / "file.txt").write_text("x = [")
    places = {name: tmp_path / name for name in ("empty", "stranger")}
    said = [word.format(**places, account=account, file=tmp_path / "file.txt") for word in words]
    told = run("--out", tmp_path / "o", *said)
    assert told.exit_code == 2
    assert why in told.stderr
    assert not (tmp_path / "o").exists()


def test_hostile_names_of_files_are_inert(tmp_path: Path) -> None:
    """A file may be called anything: nothing of it steers the terminal, the page, the Markdown or a spreadsheet."""
    folder = tmp_path / "in"
    folder.mkdir()
    name = "=cmd|'\x1b[31m\u202e<b>.csv"
    (folder / name).write_text("email,first_name,tags\nann@x.org,A,<script>alert(1)</script>\n,B,\n")
    (folder / os.fsdecode(b"no\xfftext.csv")).write_text("email,first_name\nbob@x.org,B\n")
    told = run(folder, "--out", tmp_path / "o")
    assert json.loads(run(folder, "--out", tmp_path / "o", "--json").stdout)["left"][0]["name"] == "no\\udcfftext.csv"
    texts = [told.stdout, *(path.read_text("utf-8") for path in (tmp_path / "o").iterdir())]
    assert not [text for text in texts if "\x1b" in text or "\u202e" in text]
    html = (tmp_path / "o" / "audit.html").read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert (tmp_path / "o" / "audit-rows.csv").read_text("utf-8").splitlines()[1].startswith(("'=", "\"'="))


def test_an_interruption_ends_it_and_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a long file: exit 130 at once, no half audit."""
    folder = tmp_path / "in"
    folder.mkdir()
    with (folder / "contacts.csv").open("w") as file:
        file.write("email,first_name\n")
        file.writelines(f"p{number}@x.org,P\n" for number in range(400_000))
    program = "from commands.main import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", program, "audit", str(folder), "--out", str(tmp_path / "o"), "-v"],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert child.stderr is not None
    assert any('"phase"' in line for line in child.stderr)
    child.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, told = child.communicate(timeout=30)
    assert (child.returncode, time.monotonic() - began < 10) == (130, True)
    assert "error: interrupted" in told
    assert not (tmp_path / "o").exists()


def test_an_audit_is_made_again_over_the_old_one(tmp_path: Path) -> None:
    """Running it twice replaces the files whole, and the same exports give the same document but for the clock."""
    folder = write_account(tmp_path)
    documents = [json.loads(run(folder, "--out", tmp_path / "o", "--json").stdout) for _ in range(2)]
    for document in documents:
        del document["audited_at"]
    assert documents[0] == documents[1]
    shutil.rmtree(tmp_path / "o")
