"""One writer at a time, told by name; readers never wait; the kernel frees what a dead process held."""

import fcntl
import os
import signal
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.errors import LedgerInUse, LedgerUnwritable
from ledger.events import RunResumed
from ledger.lock import Holder, holder_of, is_held, lock_path, writer_lock
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.verifying import verify
from tests.ledger.test_ledger_crash import child

pytestmark = pytest.mark.anyio


@pytest.fixture
def holder(story: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the story's ledger open for writing."""
    with child("hold", story) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"holding {process.pid}\n"
        yield process
        process.kill()
        process.communicate()


async def test_a_second_writer_is_told_who_holds_it(story: Path, holder: subprocess.Popen[str]) -> None:
    """The second process gets LedgerInUse with the first one's pid, host and command; readers and `verify` go on."""
    assert is_held(story)
    with pytest.raises(LedgerInUse, match=f"process {holder.pid} on {socket.gethostname()} .load exports.") as failure:
        async with Ledger.open(story, command="second"):
            pass
    assert failure.value.code == "ledger_in_use"
    async with Reader.open(story) as reader:
        assert (await reader.head()).position == 9
    await verify(story)


async def test_a_killed_holder_frees_the_lock(story: Path, holder: subprocess.Popen[str]) -> None:
    """After SIGKILL nobody holds it, nobody cleans up, and the next writer works."""
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert not is_held(story)
    async with Ledger.open(story, command="resume") as ledger:
        assert await ledger.append([RunResumed()]) == [10]


async def test_the_lock_is_held_for_as_long_as_the_ledger_is_open(path: Path) -> None:
    """Held from open to close, also when the block fails, and free before and after; the lock file stays, private."""
    assert not is_held(path)
    with pytest.raises(RuntimeError, match="boom"):
        async with Ledger.open(path, command="test"):
            assert is_held(path)
            with pytest.raises(LedgerInUse, match=rf"process {os.getpid()} .* \(test\)"):
                async with Ledger.open(path, command="again"):
                    pass
            raise RuntimeError("boom")
    assert not is_held(path)
    assert stat.S_IMODE(lock_path(path).stat().st_mode) == 0o600


async def test_asking_does_not_disturb_a_writer(path: Path) -> None:
    """`is_held` shares the lock for a moment only; a writer that comes in that moment waits it out."""
    with writer_lock(path, "first"):
        pass
    descriptor = os.open(lock_path(path), os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    letting_go = threading.Timer(0.03, os.close, [descriptor])
    letting_go.start()
    with writer_lock(path, "second"):
        assert is_held(path)
    letting_go.join()


async def test_a_lock_file_nobody_wrote_yet_is_told_in_words(path: Path) -> None:
    """Between taking the lock and writing one's name there is a moment; damaged names are no crash either."""
    for content in (b"", b"\xff{", b'{"pid": "x"}'):
        lock_path(path).write_bytes(content)
        with lock_path(path).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            with pytest.raises(LedgerInUse, match="another process that has just begun"), writer_lock(path, "second"):
                pass


async def test_a_lock_that_cannot_be_made_is_an_unwritable_ledger(path: Path) -> None:
    """Where the lock file cannot be opened or written the error names it, and the lock is not taken."""
    lock_path(path).mkdir()
    with pytest.raises(LedgerUnwritable, match=r"ledger\.db\.lock"), writer_lock(path, "test"):
        pass
    lock_path(path).rmdir()
    lock_path(path).symlink_to("/dev/full")
    with pytest.raises(LedgerUnwritable, match=r"ledger\.db\.lock"), writer_lock(path, "test"):
        pass


def test_whoever_holds_the_lock_is_named_to_readers(path: Path) -> None:
    """By process and command while it is held, without a name before it is written, and by nobody afterwards."""
    assert holder_of(path) is None
    with writer_lock(path, "erase"):
        assert holder_of(path) == Holder(os.getpid(), socket.gethostname(), "erase")
        lock_path(path).write_bytes(b"")
        assert holder_of(path) == Holder(0, "", "")
    assert holder_of(path) is None


def test_a_lock_file_that_cannot_be_read_tells_nothing(path: Path) -> None:
    """Neither that somebody writes, nor an error."""
    lock_path(path).symlink_to(lock_path(path))
    assert holder_of(path) is None
