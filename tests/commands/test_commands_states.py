"""What commands refuse, and how they end: exit codes, files that are no ledger, pipes that close, signals."""

import os
import pty
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.kartra.errors import ExportEmpty, ExportUnreadable, FolderMissing, WrongKind
from adapters.mapping.errors import MappingInvalid
from adapters.twenty.errors import BadAddress, KeyRevoked, LimitReached, OutcomeUnknown, ServerTrouble, Unreachable
from commands.errors import (
    AutomationsWouldFire,
    BooksDoNotBalance,
    ExportGone,
    Interrupted,
    OtherWorkspace,
    SchemaConflict,
    UnfinishedRun,
    exit_code,
    is_ours,
)
from ledger.errors import (
    LedgerBlank,
    LedgerInUse,
    LedgerMissing,
    LedgerNewer,
    LedgerOlder,
    LedgerUnwritable,
    NotALedger,
    VerificationFailed,
)
from tests.hostile.place import CLI, LOAD, Place

HERE = Path("here")

EXIT_CODES: list[tuple[BaseException, int]] = [
    (RuntimeError("?"), 1),
    (BooksDoNotBalance(("a",)), 1),
    (FolderMissing(HERE), 2),
    (WrongKind(HERE, None), 2),
    (ExportEmpty(HERE), 2),
    (ExportUnreadable(HERE, OSError("x")), 2),
    (ExportGone("x", "is gone"), 2),
    (MappingInvalid(HERE, "x", "y"), 2),
    (BadAddress("x"), 2),
    (UnfinishedRun("x", "load"), 2),
    (OtherWorkspace("x", "y"), 2),
    (AutomationsWouldFire(["x"]), 2),
    (LedgerMissing(HERE), 2),
    (NotALedger(HERE, "x"), 2),
    (LedgerNewer(HERE, 2, 1), 2),
    (LedgerOlder(HERE, 1, 2), 2),
    (LedgerBlank(HERE), 2),
    (KeyRevoked(), 4),
    (SchemaConflict("x", ["y"]), 4),
    (Unreachable("x"), 5),
    (LimitReached(), 5),
    (ServerTrouble(500), 5),
    (OutcomeUnknown("x"), 5),
    (VerificationFailed(1, "x"), 6),
    (LedgerInUse(HERE, "x"), 7),
    (LedgerUnwritable(HERE, "x"), 8),
    (Interrupted(), 130),
]


@pytest.mark.parametrize(("error", "code"), EXIT_CODES, ids=lambda value: type(value).__name__)
def test_every_kind_of_error_has_its_exit_code(error: BaseException, code: int) -> None:
    """The table of exit codes is a promise; everything that is not a defect is told in one line."""
    assert exit_code(error) == code
    assert is_ours(error) == (not isinstance(error, RuntimeError))
    assert "\n" not in str(error)


def test_automations_that_would_fire_need_a_word(place: Place) -> None:
    """Without a terminal and without --automations the load ends 2, names them, and no record is written."""
    place.contacts("ann@x.org")
    told = place.child("--sandbox", "load", place.exports, "--accept-defaults")
    assert told.code == 2
    assert "Create company when adding a new person" in told.error
    assert "--automations" in told.error
    assert place.people() == {}


def test_a_mapping_nobody_signed_is_not_used(place: Place) -> None:
    """No record moves under an unconfirmed mapping: exit 2, with the way to sign it."""
    place.contacts("ann@x.org")
    told = place.run("--sandbox", "load", place.exports, "--automations", "leave")
    assert (told.code, "--accept-defaults" in told.error) == (2, True)
    own = place.folder / "own.toml"
    own.write_text(_shipped())
    told = place.run("--sandbox", "--mapping", own, "load", place.exports, *LOAD)
    assert (told.code, "own.toml" in told.error) == (2, True)
    assert place.people() == {}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda text: text.replace("time_zone", "timezone", 1), "timezone"),
        (lambda text: text.replace("America/New_York", "Mars/Olympus", 1), "source.time_zone"),
        (lambda text: text.replace('as = "full_name"', 'as = "fullname"', 1), "person.fields"),
        (lambda text: text.replace("version = 1", "version = 9", 1), "version"),
        (lambda text: text.replace("[source]", "[source", 1), "line"),
    ],
    ids=["unknown key", "unknown zone", "unknown transform", "version", "syntax"],
)
def test_a_wrong_mapping_names_the_place(place: Place, change: Callable[[str], str], where: str) -> None:
    """A mapping that cannot be used is exit 2, with the file and the key or line to look at."""
    place.contacts("ann@x.org")
    wrong = place.folder / "wrong.toml"
    wrong.write_text(change(_shipped()))
    told = place.run("--sandbox", "--mapping", wrong, "load", place.exports, *LOAD)
    assert told.code == 2
    assert told.error.startswith("error: wrong.toml, ")
    assert where in told.error


def _shipped() -> str:
    from adapters.mapping import load_mapping

    return load_mapping().text


READ_AND_WRITE = (["status"], ["verify"], ["head"], ["ledger", "rebuild"], ["extract", "EXPORTS"])


@pytest.mark.parametrize("words", READ_AND_WRITE, ids=" ".join)
def test_a_file_of_another_program_is_left_untouched(place: Place, words: list[str]) -> None:
    """--ledger at a text, another program's database or an empty folder: exit 2, not one byte changed."""
    place.contacts("ann@x.org")
    text, database = place.folder / "letter.txt", place.folder / "other.db"
    text.write_text("Dear Sir,\n" * 100)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.commit()
    before = {path: (path.read_bytes(), path.stat().st_mode) for path in (text, database)}
    for path in (text, database, place.exports):
        told = place.run("--ledger", path, *(_exports(place, words)))
        assert (told.code, path.name in told.error) == (2, True), told
    assert {path: (path.read_bytes(), path.stat().st_mode) for path in (text, database)} == before
    assert sorted(path.name for path in place.folder.iterdir() if path.name.startswith(("letter", "other"))) == [
        "letter.txt", "other.db",
    ]  # fmt: skip


@pytest.mark.parametrize("words", READ_AND_WRITE, ids=" ".join)
def test_a_newer_ledger_is_refused(place: Place, words: list[str]) -> None:
    """A ledger that a newer program wrote is exit 2 and stays as it is."""
    place.contacts("ann@x.org")
    assert place.run("extract", place.exports).code == 0
    with closing(sqlite3.connect(place.ledger)) as connection:
        connection.execute("PRAGMA user_version = 99")
    told = place.run(*_exports(place, words))
    assert (told.code, "schema version 99" in told.error, "newer program" in told.error) == (2, True, True)


def _exports(place: Place, words: list[str]) -> list[str]:
    return [str(place.exports) if word == "EXPORTS" else word for word in words]


@pytest.mark.parametrize("where", ["FILE/ledger.db", "FILE/deep/er/ledger.db", "/proc/nowhere/ledger.db"])
def test_a_ledger_that_cannot_be_written_is_resumable_trouble(place: Place, where: str) -> None:
    """A place where nothing can be written (also by root: below a file, in /proc) is exit 8 and says so."""
    place.contacts("ann@x.org")
    (place.folder / "file").write_text("x")
    path = where.replace("FILE", str(place.folder / "file"))
    told = place.run("--ledger", path, "extract", place.exports)
    assert (told.code, "cannot be written" in told.error) == (8, True), told


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port somebody else listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_places_that_cannot_be_used_are_named(place: Place, taken_port: int) -> None:
    """Folders, ports and databases that cannot be used are wrong use, never a defect."""
    (place.folder / "file").write_text("x" * 1000)
    under = place.folder / "file" / "below"
    serve = ("sandbox", "serve", "--db", place.folder / "new.db", "--port")
    for words in (
        ("sample", "--out", under),
        ("sample", "--out", place.folder / "file"),
        ("sample", "--out", "/proc/nowhere"),
        ("demo", "--out", under),
        ("demo", "--out", place.folder),
        (*serve, str(taken_port)),
        ("sandbox", "serve", "--port", "0", "--db", place.folder),
        ("sandbox", "serve", "--port", "0", "--db", place.folder / "file"),
        ("sandbox", "serve", "--port", "0", "--db", under),
    ):
        told = place.run(*words)
        assert (told.code, "; name another" in told.error or "; name a new" in told.error) == (2, True), told


@pytest.mark.parametrize(
    "make", [Path.mkdir, lambda path: path.write_text("no database" * 200)], ids=["folder", "text"]
)
def test_a_sandbox_that_is_none_is_named(place: Place, make: Callable[[Path], object]) -> None:
    """--sandbox beside something else called sandbox.db: exit 2, and it is left as it is."""
    place.contacts("ann@x.org")
    make(place.sandbox)
    told = place.load()
    assert (told.code, "sandbox.db" in told.error) == (2, True), told


@pytest.mark.parametrize("words", [["history"], ["history", "--json"], ["status"], ["head"]], ids=" ".join)
def test_a_reader_that_leaves_is_no_error(used: Place, words: list[str]) -> None:
    """`history | head -1`: the end of the pipe is gone, and nothing is said about it."""
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run(
            [*CLI, "--ledger", str(used.ledger), *words], stdout=writes, stderr=subprocess.PIPE, timeout=30, check=False
        )
    finally:
        os.close(writes)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_watch_ends_by_ctrl_c(used: Place) -> None:
    """`status --watch` shows until Ctrl-C, and that is its good end."""
    command = [*CLI, "--ledger", str(used.ledger), "status", "--watch"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")


def _hears_ctrl_c() -> None:
    # A shell without job control starts what it puts into the background deaf to SIGINT, and so all its children.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_at_the_question_ends_the_load(place: Place) -> None:
    """At a terminal the operator is asked about automations; Ctrl-C there ends 130, and nothing was written."""
    place.contacts("ann@x.org")
    ours, theirs = pty.openpty()
    command = [*CLI, "--ledger", str(place.ledger), "--sandbox", "load", str(place.exports), "--accept-defaults"]
    process = subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=_hears_ctrl_c
    )
    os.close(theirs)
    try:
        assert process.stderr is not None
        while "pause them" not in (line := _read_some(process.stderr.fileno())):
            assert line
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
    finally:
        process.kill()
        process.communicate()
        os.close(ours)
    assert process.returncode == 130
    assert place.people() == {}
    place.assert_intact()


def _read_some(descriptor: int) -> str:
    return os.read(descriptor, 10_000).decode()


def test_show_and_history_of_nothing_say_so(used: Place) -> None:
    """Positions, e-mails, files, runs and types that are not there are wrong use, in one line."""
    for words in (
        ("show", "0"),
        ("show", "9999"),
        ("show", "99999999999999999999999"),
        ("history", "--email", "nobody@x.org"),
        ("history", "--email", "no address"),
        ("history", "--source", "nothing.csv:1"),
        ("history", "--source", "nothing"),
        ("history", "--type", "Nothing"),
        ("rollback", "--run", "nothing"),
    ):
        told = used.run(*words)
        assert told.code == 2, (words, told)
        assert told.out == ""
