"""Proofs that are made part by part, by several processes: they find what a proof in one go finds."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from anyio.streams.buffered import BufferedByteReceiveStream

from ledger import recomputing, verifying
from ledger.errors import LedgerDamaged, VerificationFailed
from ledger.recomputing import Fault, Over, Part
from ledger.verifying import verify
from tests.ledger.plain import execute, forced

ROOT = Path(__file__).parents[2]
ENDLESS = "WITH RECURSIVE more(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more) SELECT count(*) FROM more"

pytestmark = pytest.mark.anyio


@pytest.fixture
def split(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of two events or bodies each, for which processes are begun."""
    monkeypatch.setattr(recomputing, "_RANGE", 2)


def first_fault(path: Path) -> Fault | None:
    """The first fault of all parts."""
    with closing(verifying._connect(path)) as connection:
        found = [recomputing.prove(connection, part) for part in recomputing.parts(connection)]
    return next(filter(None, found), None)


@pytest.mark.usefixtures("split")
async def test_parts_cover_every_event_and_body_once(story: Path) -> None:
    """No event and no body falls between two parts, and none is the first to be left out."""
    with closing(verifying._connect(story)) as connection:
        parts = recomputing.parts(connection)
        rows = [row for [row] in connection.execute("SELECT rowid FROM payload ORDER BY rowid")]
    assert [one for one in parts if one.kind == "file"] == [Part("file", 0, 0)]
    assert _covered(parts, "chain") == list(range(1, 10))
    assert [one for one in _covered(parts, "bodies") if one in rows] == rows
    assert len(parts) == 1 + 5 + 2


def _covered(parts: list[Part], kind: str) -> list[int]:
    return [at for part in parts if part.kind == kind for at in range(part.first, part.last + 1)]


@pytest.mark.parametrize(
    "change",
    [
        *(f"UPDATE event SET actor = actor || ' ' WHERE position = {at}" for at in range(1, 10)),
        *(f"UPDATE event SET prev_hash = hash WHERE position = {at}" for at in range(1, 10)),
        *(f"UPDATE event SET hash = prev_hash WHERE position = {at}" for at in range(1, 10)),
        *(f"DELETE FROM event WHERE position = {at}" for at in range(1, 9)),
        *(f"UPDATE event SET position = {to} WHERE position = 4" for to in (-(2**63), -1, 0, 11, 2**63 - 1)),
        *(f"UPDATE payload SET body = body || ' ' WHERE rowid = {at}" for at in range(1, 5)),
        "UPDATE payload SET body = CAST(x'ff' AS TEXT)",
        "UPDATE event SET actor = CAST(x'ff' AS TEXT) WHERE position = 5",
        "UPDATE payload SET rowid = 9223372036854775807, body = '' WHERE rowid = 1",
    ],
)
async def test_a_fault_is_the_same_however_the_ledger_is_parted(
    story: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Whatever was done to events or bodies: parts of any size find the very fault that one part finds."""
    with forced(story) as connection:
        changed = connection.execute(change).rowcount
    whole = first_fault(story)
    assert whole is not None or not changed
    for size in (1, 2, 3, 4, 9):
        monkeypatch.setattr(recomputing, "_RANGE", size)
        assert first_fault(story) == whole


@pytest.mark.usefixtures("split")
async def test_processes_prove_a_whole_ledger_and_say_how_far_they_are(story: Path) -> None:
    """Several processes count what one would, and the chain's part of it is told to its end."""
    told: list[tuple[str, int]] = []
    found = await verify(story, progress=lambda step, position: told.append((step, position)))
    assert (found.events, found.payloads, found.erased) == (9, 3, 1)
    chain = [position for step, position in told if step == "chain"]
    assert chain == sorted(chain)
    assert len(chain) == 5
    assert chain[-1] == 9


@pytest.mark.usefixtures("split")
@pytest.mark.parametrize("text", ["'somebody else'", "CAST(x'ff' AS TEXT)"])
async def test_processes_name_the_first_event_that_was_changed(story: Path, text: str) -> None:
    """Two parts have faults: the first position of all is the one that is named."""
    with forced(story) as connection:
        connection.execute(f"UPDATE event SET actor = {text} WHERE position IN (4, 9)")
    with pytest.raises(VerificationFailed, match="its hash is another") as failure:
        await verify(story)
    assert failure.value.position == 4


@pytest.mark.usefixtures("split")
@pytest.mark.parametrize("table", ["record", "alias", "hold"])
async def test_a_projection_that_was_changed_is_found_by_whoever_folds_it(story: Path, table: str) -> None:
    """Records are folded by another process, all else here: a row that went is missed by either."""
    with forced(story) as connection:
        assert connection.execute(f"DELETE FROM {table}").rowcount > 0
    with pytest.raises(VerificationFailed, match=f"projections differ from a fold of the events:.* {table}"):
        await verify(story)


@pytest.mark.usefixtures("split")
async def test_what_sqlite_says_to_a_process_is_said_of_the_ledger(story: Path) -> None:
    """A page that cannot be read is damage, also where another process met it."""
    with closing(verifying._connect(story)) as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'payload'").fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with story.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises((LedgerDamaged, VerificationFailed)):
        await verify(story)


async def test_what_a_killed_process_leaves_is_proven_here(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes that somebody ends prove nothing; their parts are proven in this one, and faults found."""
    monkeypatch.setattr(recomputing, "_RANGE", 8)
    monkeypatch.setattr(recomputing, "prove_apart", _kill)
    assert (await verify(story)).payloads == 3
    with forced(story) as connection:
        connection.execute("UPDATE event SET actor = 'somebody else' WHERE position = 9")
    with pytest.raises(VerificationFailed) as failure:
        await verify(story)
    assert failure.value.position == 9


def _kill(path: Path, part: Part, over: Over) -> Fault | None:
    if "__mp_main__" in sys.modules:  # this is a process of its own
        os.kill(os.getpid(), signal.SIGKILL)
    with recomputing.apart(path, over) as connection:
        return recomputing.prove(connection, part)


@pytest.mark.usefixtures("split")
async def test_where_no_process_can_be_started_all_is_proven_here(
    story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that lets no more processes start can still say whether a ledger is whole."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert (await verify(story)).events == 9


async def test_nothing_in_the_current_folder_is_run(story: Path, tmp_path: Path) -> None:
    """Exports lie there, of whoever: what is named as a module that processes start with is no more than a file."""
    (tmp_path / "anyio").mkdir()
    (tmp_path / "anyio" / "__init__.py").write_text("open('run', 'w').close()")
    asked = f"""import anyio
from pathlib import Path
from ledger import recomputing
from ledger.verifying import verify
recomputing._RANGE = 2
print(anyio.run(verify, Path({str(story)!r})).events)"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env.pop("PYTHONSAFEPATH", None)
    done = await anyio.run_process([sys.executable, "-P", "-c", asked], cwd=tmp_path, env=env)
    assert done.stdout == b"9\n"
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("split")
@pytest.mark.parametrize("table, column", [("payload", "body"), ("event", "hash"), ("event", "prev_hash")])
async def test_a_value_of_no_type_is_a_fault_of_the_file(story: Path, table: str, column: str) -> None:
    """What no table takes, put there by force, is found by SQLite's own check, whatever else stumbles over it."""
    with forced(story) as connection:
        [sql] = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        loose = sql.replace(f"{column} TEXT NOT NULL", f"{column} TEXT").replace("STRICT", "")
        _reshape(connection, table, loose)
        connection.execute(f"UPDATE {table} SET {column} = NULL WHERE rowid = 3")
        _reshape(connection, table, sql)
    with pytest.raises(VerificationFailed):
        await verify(story)


def _reshape(connection: sqlite3.Connection, table: str, sql: str) -> None:
    connection.commit()
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, table))
    connection.commit()
    connection.execute("PRAGMA writable_schema = RESET")


async def test_an_index_that_cannot_be_read_is_a_fault_of_the_file(story: Path) -> None:
    """Also where it stands in the way of the first question."""
    with closing(verifying._connect(story)) as connection:
        name = "sqlite_autoindex_payload_1"
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with story.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with pytest.raises(VerificationFailed, match="SQLite's own check says"):
        await verify(story)


@pytest.mark.usefixtures("split")
async def test_a_file_that_is_written_anew_meanwhile_is_proven_in_one_go(story: Path) -> None:
    """Rows of bodies move then, between parts that were proven and parts that were not: that proof is dropped."""

    def write_anew(step: str, position: int) -> None:
        if step == "chain" and position == 9:
            execute(story, "VACUUM")

    assert (await verify(story, progress=write_anew)).payloads == 3


@pytest.mark.usefixtures("split")
async def test_a_file_that_is_replaced_meanwhile_hides_nothing(story: Path, tmp_path: Path) -> None:
    """It is the file that was asked about that is proven, not the good one that took its place."""
    good = Path(shutil.copy(story, tmp_path / "good.db"))
    with forced(story) as connection:
        connection.execute("UPDATE event SET actor = 'somebody else' WHERE position = 9")
    # What hinders the first look at its parts is over before any process opens it.
    parts = recomputing.parts

    def replaced(connection: sqlite3.Connection) -> list[Part]:
        found = parts(connection)
        if good.exists():
            good.replace(story)
        return found

    with pytest.MonkeyPatch.context() as patch, pytest.raises(VerificationFailed) as failure:
        patch.setattr(recomputing, "parts", replaced)
        await verify(story)
    assert failure.value.position == 9
    assert (await verify(story)).events == 9


@pytest.mark.usefixtures("split")
async def test_a_file_that_is_moved_away_meanwhile_is_proven_all_the_same(story: Path, tmp_path: Path) -> None:
    """No process finds it any more; whoever opened it before still does."""

    def move(step: str, position: int) -> None:
        if step == "chain" and position == 9 and story.exists():
            story.rename(tmp_path / "elsewhere.db")

    assert (await verify(story, progress=move)).events == 9


async def test_what_a_process_was_asked_ends_with_its_parent(story: Path) -> None:
    """A verification that is killed leaves nobody behind who reads on, and keeps others from rewriting the ledger."""
    asked = f"""with apart(Path({str(story)!r}), is_orphan) as connection:
        print("begun", flush=True)
        connection.execute({ENDLESS!r}).fetchall()"""
    child = f"from pathlib import Path\nfrom ledger.recomputing import apart, is_orphan\n{asked}"
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {child!r}])"
    async with await anyio.open_process([sys.executable, "-c", parent], cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        output = BufferedByteReceiveStream(process.stdout)
        assert await output.receive_until(b"\n", 100) == b"begun"
        process.kill()
        with anyio.fail_after(20), pytest.raises(anyio.IncompleteRead):
            # The child holds the other end of it, and lets go of it when it ends.
            await output.receive_until(b"\n", 100)


@pytest.mark.usefixtures("split")
async def test_processes_end_with_whoever_waits_for_them(story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verification that is cancelled does not wait for its processes."""
    monkeypatch.setattr(recomputing, "prove_apart", _sleep)
    with anyio.move_on_after(1) as scope, anyio.fail_after(20):
        await verify(story)
    assert scope.cancelled_caught


def _sleep(_path: Path, _part: Part, _over: Over) -> None:
    signal.pause()
