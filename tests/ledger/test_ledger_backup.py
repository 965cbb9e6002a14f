"""Copies of a ledger: made while it is written to, proven before they are kept, and told for what they are."""

import random
import resource
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from ledger import copying
from ledger.copying import copy, verified_copy
from ledger.errors import (
    LedgerBlank,
    LedgerDamaged,
    LedgerError,
    LedgerMissing,
    LedgerUnwritable,
    NotALedger,
    VerificationFailed,
)
from ledger.events import RowExtracted, RunResumed
from ledger.hashing import seal
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.verifying import verify
from tests.ledger.plain import forced, query

pytestmark = pytest.mark.anyio


async def fill(ledger: Ledger, count: int, size: int = 500) -> None:
    """Append rows with bodies of a size."""
    start = ledger.head.position
    bodies = [seal(f"contact:{start + n}", "x" * size) for n in range(count)]
    rows = [
        RowExtracted(source_key=f"contact:{start + n}", source_ref=f"f1:{start + n}", payload_hash=body.hash)
        for n, body in enumerate(bodies)
    ]
    await ledger.append(rows, bodies)


async def test_a_copy_is_the_ledger_in_one_private_file(story: Path, tmp_path: Path) -> None:
    """Same events, bodies and head; 0600 in a folder of its own, and nothing beside it, also once it was read."""
    target = tmp_path / "very" / "deep" / "copy.db"
    found = await verified_copy(story, target)
    assert found == await verify(story)
    assert [file.name for file in target.parent.iterdir()] == ["copy.db"]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert query(target, "SELECT * FROM event") == query(story, "SELECT * FROM event")
    async with Reader.open(target) as reader:
        assert await reader.head() == found.head
    assert [file.name for file in target.parent.iterdir()] == ["copy.db"]


async def test_a_copy_goes_on_as_a_ledger(story: Path, tmp_path: Path) -> None:
    """A restored copy takes events as the ledger itself did, in its own write-ahead log."""
    await verified_copy(story, tmp_path / "copy.db")
    async with Ledger.open(tmp_path / "copy.db", command="resume") as ledger:
        assert await ledger.append([RunResumed()]) == [10]
        assert query(ledger.path, "PRAGMA journal_mode") == [("wal",)]
    await verify(tmp_path / "copy.db")


async def test_copies_made_while_a_writer_works_are_whole(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page beside a writer that never rests, each copy ends, verifies, and stands between two appends."""
    monkeypatch.setattr(copying, "_PAGES", 1)
    async with Ledger.open(path, command="load") as ledger, anyio.create_task_group() as group:
        await fill(ledger, 200)

        async def write() -> None:
            while True:
                await fill(ledger, 7)

        group.start_soon(write)
        for number in range(4):
            before = ledger.head.position
            found = await verified_copy(path, tmp_path / f"{number}.db")
            assert before <= found.head.position <= ledger.head.position
            assert (found.head.position - 201) % 7 == 0
        assert ledger.head.position > found.head.position
        group.cancel_scope.cancel()
    await verify(path, expect=found.head)


async def test_a_copy_can_be_stopped(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy whose task is cancelled leaves nothing behind, and the earlier one as it was."""
    monkeypatch.setattr(copying, "_PAGES", 1)
    async with Ledger.open(path, command="load") as ledger:
        await fill(ledger, 2000)
    (tmp_path / "copies").mkdir()
    target = tmp_path / "copies" / "copy.db"
    target.write_text("earlier")
    with anyio.CancelScope() as scope:
        scope.cancel()
        await verified_copy(path, target)
    assert scope.cancelled_caught
    with anyio.move_on_after(0.01) as late:
        await verified_copy(path, target)
    assert late.cancelled_caught
    assert [(file.name, file.read_text()) for file in target.parent.iterdir()] == [("copy.db", "earlier")]


@pytest.mark.parametrize("pages", [1, 4000])
async def test_a_copy_stops_between_two_pages(
    story: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    """It asks after every few pages, and not only at its end, whether anybody still waits for it."""
    monkeypatch.setattr(copying, "_PAGES", pages)

    def cancelled() -> None:
        anyio.from_thread.run_sync(scope.cancel)
        copy(story, tmp_path / "copy.db")

    with anyio.CancelScope() as scope:
        await anyio.to_thread.run_sync(cancelled)
    assert scope.cancelled_caught
    whole = (tmp_path / "copy.db").stat().st_size == story.stat().st_size
    assert whole == (pages == 4000)


async def test_a_ledger_that_does_not_add_up_is_not_kept(story: Path, tmp_path: Path) -> None:
    """A copy that fails its proof is thrown away, and an earlier copy stays."""
    target = tmp_path / "copy.db"
    good = await verified_copy(story, target)
    with forced(story) as connection:
        connection.execute("UPDATE event SET actor = 'nobody' WHERE position = 5")
    with pytest.raises(VerificationFailed) as failure:
        await verified_copy(story, target)
    assert failure.value.position == 5
    assert await verify(target) == good
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


async def test_a_copy_never_overwrites(story: Path, tmp_path: Path) -> None:
    """`copy` by itself wants a path where no file is."""
    (tmp_path / "there").write_text("something")
    with pytest.raises(FileExistsError):
        await anyio.to_thread.run_sync(copy, story, tmp_path / "there")
    assert (tmp_path / "there").read_text() == "something"


async def test_places_that_cannot_be_written_are_named(story: Path, tmp_path: Path) -> None:
    """A folder that is a file, and a file's name that is a folder's: LedgerUnwritable, naming the target."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerUnwritable, match="file"):
        await verified_copy(story, tmp_path / "file" / "copy.db")
    (tmp_path / "taken").mkdir()
    with pytest.raises(LedgerUnwritable, match="taken") as failure:
        await verified_copy(story, tmp_path / "taken")
    assert (failure.value.path, failure.value.why) == (tmp_path / "taken", "Is a directory")
    await verify(story)


async def test_a_full_disk_stops_a_copy(path: Path, tmp_path: Path) -> None:
    """No room for the copy: LedgerUnwritable, naming the place that was asked for, and nothing is left there."""
    async with Ledger.open(path, command="load") as ledger:
        await fill(ledger, 200, 2000)
    target = tmp_path / "copies" / "copy.db"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200 * 1024, hard))
    try:
        with pytest.raises(LedgerUnwritable) as failure:
            await verified_copy(path, target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert failure.value.path == target
    assert list(target.parent.iterdir()) == []
    await verify(path)


async def test_what_is_no_ledger_is_not_copied(tmp_path: Path) -> None:
    """No file, and a file of something else, are errors of the source."""
    (tmp_path / "letter.txt").write_text("Dear Sir,\n" * 1000)
    for name, kind in (("none.db", LedgerUnwritable), ("letter.txt", NotALedger)):
        with pytest.raises(kind, match=name):
            await verified_copy(tmp_path / name, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


# --- copies made by others -------------------------------------------------------------------------------------------


async def test_a_file_copied_without_its_log_is_shorter_and_whole(path: Path, tmp_path: Path) -> None:
    """`cp` of the file alone holds the ledger up to the last checkpoint: whole in itself, and short of the head."""
    async with Ledger.open(path, command="load") as ledger:
        await fill(ledger, 50)
    async with Ledger.open(path, command="load") as ledger:
        await fill(ledger, 5)
        shutil.copy(path, tmp_path / "cp.db")
        head = ledger.head
    assert (await verify(tmp_path / "cp.db")).events == 51
    with pytest.raises(VerificationFailed, match="the ledger ends at 51") as failure:
        await verify(tmp_path / "cp.db", expect=head)
    assert failure.value.position == 56


async def test_a_file_copied_before_its_first_checkpoint_holds_nothing(path: Path, tmp_path: Path) -> None:
    """All of it in the log: `verify` fails for want of events, other readers say that the file is blank, and why."""
    async with Ledger.open(path, command="load") as ledger:
        await fill(ledger, 5)
        shutil.copy(path, tmp_path / "cp.db")
    with pytest.raises(VerificationFailed, match="no events"):
        await verify(tmp_path / "cp.db")
    with pytest.raises(LedgerBlank, match="copied without its -wal") as failure:
        async with Reader.open(tmp_path / "cp.db"):
            pass
    assert isinstance(failure.value, LedgerMissing)
    assert failure.value.path == tmp_path / "cp.db"


async def test_a_log_of_another_moment_is_never_believed(path: Path, tmp_path: Path) -> None:
    """An older file beside a newer log, or none of its own: whole or damaged, and never a mixture that passes."""
    states: list[tuple[bytes, bytes]] = []
    for size in (3, 40, 900):
        async with Ledger.open(path, command="load") as ledger:
            await fill(ledger, size)
            states.append((path.read_bytes(), path.with_name("ledger.db-wal").read_bytes()))
    heads = {str(row[0]) + row[1] for row in query(path, "SELECT position, hash FROM event")}
    for number, (file, log) in enumerate((one[0], other[1]) for one in states for other in states):
        mixed = tmp_path / f"{number}.db"
        mixed.write_bytes(file)
        mixed.with_name(mixed.name + "-wal").write_bytes(log)
        try:
            head = (await verify(mixed)).head
        except (VerificationFailed, LedgerDamaged):
            continue
        assert str(head.position) + head.hash in heads


async def test_torn_copies_are_damaged_and_never_a_traceback(path: Path, tmp_path: Path) -> None:
    """Pages of two moments in one file, cut off or not: an error of the ledger in one line, or a whole chain."""
    async with Ledger.open(path, command="load") as ledger:
        await fill(ledger, 60)
    old = path.read_bytes()
    async with Ledger.open(path, command="load") as ledger:
        await fill(ledger, 60)
    new = path.read_bytes()
    rng, failed = random.Random(4), 0
    for number in range(25):
        cut = rng.randrange(1, len(old) // 4096) * 4096
        torn = rng.choice([old[:cut] + new[cut:], new[:cut] + old[cut:], new[:cut], new[: cut + rng.randrange(4096)]])
        copied = tmp_path / f"{number}.db"
        copied.write_bytes(torn)
        try:
            assert (await verify(copied)).events in (61, 121)
        except LedgerError as error:
            failed += 1
            assert isinstance(error, VerificationFailed | LedgerDamaged), error
            assert "\n" not in str(error)
    assert failed > 10


async def test_a_copy_on_media_that_cannot_be_written(story: Path, tmp_path: Path) -> None:
    """The copy is one file in no need of a log: a client opens it as from a read-only disc, views and all."""
    target = tmp_path / "copy.db"
    await verified_copy(story, target)
    with closing(sqlite3.connect(f"{target.as_uri()}?immutable=1", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM history").fetchone() == (9,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
