"""The file itself: who may read it, what it says it is, and which files are left alone."""

import os
import shutil
import sqlite3
import stat
import struct
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import pytest

from ledger import upgrades
from ledger.creation import create_schema
from ledger.errors import LedgerError, LedgerMissing, LedgerNewer, LedgerUnwritable, NotALedger
from ledger.events import RunResumed
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.tables import APPLICATION_ID, SCHEMA_VERSION
from ledger.verifying import verify
from tests.ledger.plain import dump, execute, query

pytestmark = pytest.mark.anyio

NOBODY = 65534


def mode(path: Path) -> int:
    """A file's rights."""
    return stat.S_IMODE(path.stat().st_mode)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, byte for byte."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_every_file_is_its_owners_alone(path: Path) -> None:
    """Under a lax umask the ledger, its WAL, its shared memory and its lock are 0600 from their first byte."""
    before = os.umask(0)
    try:
        async with Ledger.open(path, command="test") as ledger:
            await ledger.append([RunResumed()])
            files = {file.name: mode(file) for file in path.parent.iterdir()}
    finally:
        os.umask(before)
    assert files == {path.name + ending: 0o600 for ending in ("", "-wal", "-shm", ".lock")}


async def test_a_file_others_could_read_is_closed_to_them(story: Path) -> None:
    """A copy with lax rights, or an empty file made beforehand, is made private before anything is written."""
    empty = story.with_name("empty.db")
    empty.touch()
    for file in (story, empty):
        file.chmod(0o644)
        async with Ledger.open(file, command="test"):
            assert mode(file) == mode(file.with_name(file.name + "-wal")) == 0o600


async def test_the_file_says_what_it_is(story: Path) -> None:
    """application_id and user_version are set, and every table is STRICT."""
    assert query(story, "PRAGMA application_id") == [(APPLICATION_ID,)]
    assert int.from_bytes(b"K2TW") == APPLICATION_ID
    assert query(story, "PRAGMA user_version") == [(SCHEMA_VERSION,)]
    tables = query(
        story,
        "SELECT name, strict FROM pragma_table_list"
        " WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    assert {"event", "payload", "meta", "record"} <= {name for name, _ in tables}
    assert all(strict for _, strict in tables)


async def test_a_fresh_schema_is_an_upgraded_one() -> None:
    """The numbered SQL, applied to an empty database, gives the tables, indexes and triggers of a new ledger."""
    made = []
    for make in (create_schema, lambda connection: upgrades.upgrade(connection, 0)):
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            make(connection)
            schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
            pragmas = [
                connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            ]
        made.append((sorted((*row[:3], " ".join((row[3] or "").split())) for row in schema), pragmas))
    assert made[0] == made[1]
    assert made[0][1] == [APPLICATION_ID, SCHEMA_VERSION]


async def test_upgrades_are_numbered_without_a_gap() -> None:
    """One script a schema version, from 1 to today's; an up-to-date ledger needs none."""
    assert [version for version, _ in upgrades.scripts(0)] == list(range(1, SCHEMA_VERSION + 1))
    assert upgrades.scripts(SCHEMA_VERSION) == []


async def test_a_newer_ledger_is_refused(story: Path) -> None:
    """A schema of tomorrow is refused for reading and writing, naming both versions, and is left as it is."""
    execute(story, f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = story.read_bytes()
    for opening in (Reader.open(story), Ledger.open(story, command="test")):
        with pytest.raises(LedgerNewer) as failure:
            async with opening:
                pass
        assert (failure.value.found, failure.value.known) == (SCHEMA_VERSION + 1, SCHEMA_VERSION)
    assert story.read_bytes() == before


def sqlite_file(path: Path, *statements: str) -> None:
    """A database of some other program."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


FOREIGN = {
    "tables": ("CREATE TABLE event (position)",),
    "its own id": ("PRAGMA application_id = 77", "CREATE TABLE t (x)"),
    "its own id and no table": ("PRAGMA application_id = 77",),
    "a version and no table": ("PRAGMA user_version = 3",),
    "a WAL": ("PRAGMA journal_mode = WAL", "CREATE TABLE t (x)"),
}


@pytest.mark.parametrize("kind", FOREIGN)
async def test_another_programs_database_is_left_alone(path: Path, kind: str) -> None:
    """A database of another program is refused for reading and writing; its folder is byte for byte as before."""
    sqlite_file(path, *FOREIGN[kind])
    before = contents(path.parent)
    for opening in (Reader.open(path), Ledger.open(path, command="test")):
        with pytest.raises(NotALedger, match="left as it is"):
            async with opening:
                pass
    assert contents(path.parent) == before


@pytest.mark.parametrize(
    "content", [b"First Name,Email\nJane,jane@example.com\n", b"x", bytes(8192), b"SQLite format 3\x00"]
)
async def test_any_other_file_is_left_alone(path: Path, content: bytes) -> None:
    """A file that is no database, such as an export named by mistake, is refused and not touched."""
    path.write_bytes(content)
    for opening in (Reader.open(path), Ledger.open(path, command="test")):
        with pytest.raises(NotALedger):
            async with opening:
                pass
    assert contents(path.parent) == {path.name: content}


async def test_a_folder_is_no_ledger(tmp_path: Path) -> None:
    """A folder's name given for a file's is an error of the ledger, for reading and writing."""
    for opening in (Reader.open(tmp_path), Ledger.open(tmp_path, command="test")):
        with pytest.raises(LedgerError):
            async with opening:
                pass


@pytest.mark.parametrize("half", [(), ("PRAGMA journal_mode = WAL",)], ids=["empty", "header only"])
async def test_what_a_kill_left_half_made_is_completed(path: Path, half: tuple[str, ...]) -> None:
    """An empty file, or one with a header and no table: nothing is in it, so readers miss it and a writer makes it."""
    path.touch()
    sqlite_file(path, *half)
    with pytest.raises(LedgerMissing):
        async with Reader.open(path):
            pass
    async with Ledger.open(path, command="load") as ledger:
        assert ledger.head.position == 1
    await verify(path)


async def test_a_journal_left_by_a_kill_is_rolled_back(path: Path) -> None:
    """Killed while the very first page was written, a file has a rollback journal that only a writer may settle."""
    sqlite_file(path, "PRAGMA journal_mode = WAL")
    # sqlite.org/fileformat2.html section 3: a journal of a file that had no page before.
    journal = bytes.fromhex("d9d505f920a163d7") + struct.pack(">5I", 0, 1, 0, 512, 4096)
    path.with_name(path.name + "-journal").write_bytes(journal.ljust(512, b"\0"))
    reader = closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True))
    with reader as connection, pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("PRAGMA user_version").fetchone()
    with pytest.raises(LedgerMissing):
        async with Reader.open(path):
            pass
    async with Ledger.open(path, command="load") as ledger:
        assert ledger.head.position == 1
    await verify(path)


async def test_a_missing_ledger_is_missed_and_not_made(path: Path) -> None:
    """Reading makes no file; writing makes it, and the folders above."""
    with pytest.raises(LedgerMissing, match="no ledger at"):
        async with Reader.open(path):
            pass
    assert list(path.parent.iterdir()) == []
    deep = path.parent / "a" / "b" / "ledger.db"
    async with Ledger.open(deep, command="load"):
        assert deep.exists()


async def test_a_place_that_cannot_be_written_is_named(path: Path) -> None:
    """A folder that is a file, or a ledger's name that is a folder's: unwritable, with its place."""
    path.write_text("")
    with pytest.raises(LedgerUnwritable, match=r"ledger\.db"):
        async with Ledger.open(path / "below" / "ledger.db", command="load"):
            pass


@pytest.mark.parametrize("name", ["a?b=c.db", "a%20b.db", "a#b.db", "é 🦊.db", ":memory:", "file:x.db", "'quoted'.db"])
async def test_any_file_name_is_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A name that means something to a URL or to SQLite is a name like any other, relative or not."""
    monkeypatch.chdir(tmp_path)
    for path in (Path(name), tmp_path / name):
        async with Ledger.open(path, command="test") as ledger:
            [position] = await ledger.append([RunResumed()])
        assert (await verify(path)).events == position
    allowed = {name + ending for ending in ("", ".lock", "-wal", "-shm")}
    assert {name} <= {file.name for file in tmp_path.iterdir()} <= allowed
    assert position == 3


@contextmanager
def rights_that_bind() -> Iterator[None]:
    """Run the block as a user whom file rights bind; root steps down to nobody and comes back."""
    root = os.geteuid() == 0
    if root:
        os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        if root:
            os.setresuid(0, 0, 0)


@pytest.fixture
def sealed_off(told: Path) -> Iterator[Path]:
    """The story in a folder that cannot be written, as on a read-only disk."""
    folder = Path(tempfile.mkdtemp())
    ledger = Path(shutil.copy(told, folder))
    if os.geteuid() == 0:
        os.chown(ledger, NOBODY, NOBODY)
    ledger.chmod(0o400)
    folder.chmod(0o555)
    yield ledger
    folder.chmod(0o700)
    shutil.rmtree(folder)


async def test_a_read_only_folder_can_be_read(sealed_off: Path) -> None:
    """On media that cannot be written a ledger is read and verified, and no file is made beside it."""
    with rights_that_bind():
        async with Reader.open(sealed_off) as reader:
            assert (await reader.head()).position == 9
        assert (await verify(sealed_off)).events == 9
    assert [file.name for file in sealed_off.parent.iterdir()] == [sealed_off.name]


async def test_a_read_only_folder_cannot_be_written(sealed_off: Path) -> None:
    """Writing there is LedgerUnwritable at once, and nothing is left behind."""
    with rights_that_bind(), pytest.raises(LedgerUnwritable):
        async with Ledger.open(sealed_off, command="load"):
            pass
    assert [file.name for file in sealed_off.parent.iterdir()] == [sealed_off.name]


async def test_a_place_that_may_not_be_written_is_named(sealed_off: Path) -> None:
    """A folder that cannot be made, or a file that cannot be opened beside a lock that can: LedgerUnwritable."""
    lock = sealed_off.with_name(sealed_off.name + ".lock")
    lock.touch()
    if os.geteuid() == 0:
        os.chown(lock, NOBODY, NOBODY)
    with rights_that_bind():
        for path, named in (
            (sealed_off.parent / "below" / "new.db", sealed_off.parent / "below"), (sealed_off, sealed_off),
        ):  # fmt: skip
            with pytest.raises(LedgerUnwritable) as failure:
                async with Ledger.open(path, command="load"):
                    pass
            assert (failure.value.path, failure.value.why) == (named, "Permission denied")


async def test_a_file_sqlite_cannot_begin_to_read(story: Path) -> None:
    """A header with a page size that cannot be is told by SQLite's own word, when reading and when writing."""
    content = bytearray(story.read_bytes())
    content[16:18] = b"\0\3"
    story.write_bytes(content)
    for opening in (Reader.open(story), Ledger.open(story, command="test")):
        with pytest.raises(NotALedger, match="not a database"):
            async with opening:
                pass
    assert story.read_bytes() == content


async def test_a_copy_taken_while_writing_holds_what_its_wal_holds(path: Path, tmp_path: Path) -> None:
    """A file copied with its WAL while a run goes on is read and verified up to the last append."""
    copy = tmp_path / "copy.db"
    async with Ledger.open(path, command="load") as ledger:
        await ledger.append([RunResumed()])
        for ending in ("", "-wal"):
            shutil.copy(path.with_name(path.name + ending), copy.with_name(copy.name + ending))
        head = ledger.head
    assert (await verify(copy, expect=head)).head == head


async def test_readers_see_whole_appends_while_a_writer_works(path: Path) -> None:
    """A reader opened before sees each append after it returned, whole, without waiting for the writer to end."""
    async with Ledger.open(path, command="load") as ledger, Reader.open(path) as reader:
        for _ in range(5):
            await ledger.append([RunResumed()] * 3)
            assert await reader.head() == ledger.head
            assert len([event async for event in reader.read(after=1)]) == ledger.head.position - 1


async def test_a_reader_cannot_write(story: Path) -> None:
    """A reader's connection refuses to write, whatever statement it is given."""
    before = dump(story)
    async with Reader.open(story) as reader:
        with pytest.raises(LedgerUnwritable):
            await reader.rows("UPDATE record SET state = 'deleted'")
        assert (await reader.head()).position == 9
    assert dump(story) == before


async def test_tasks_may_share_a_reader(story: Path) -> None:
    """Many tasks read on one reader at once, each its own answer; a cancelled one leaves it usable."""
    found: list[int] = []

    async def work(position: int) -> None:
        event = await reader.find(position)
        assert event is not None and event.position == position
        found.append(position)

    async with Reader.open(story) as reader:
        async with anyio.create_task_group() as group:
            for position in range(1, 10):
                group.start_soon(work, position)
        assert sorted(found) == list(range(1, 10))
        for _ in range(5):
            with anyio.move_on_after(0.0001):
                await reader.rows(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 9999) SELECT i FROM n"
                )
        assert (await reader.head()).position == 9


async def test_a_second_reader_does_not_let_go_of_the_locks_of_the_first(story: Path) -> None:
    """A program that opens and closes the ledger beside a reader of ours leaves its log alone: it is still in use."""
    async with Reader.open(story) as first:
        async with Ledger.open(story, command="test") as ledger:
            async with Reader.open(story):
                pass
            await ledger.append([RunResumed()])
            count = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT 1 FROM event').fetchone())"
            await anyio.run_process([sys.executable, "-c", count, str(story)])
            assert story.with_name("ledger.db-wal").exists()
            await ledger.append([RunResumed()])
        assert (await first.head()).position == 11
    await verify(story)
