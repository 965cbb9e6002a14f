"""One writer: an advisory lock on `<ledger>.lock`, held for the length of a run."""

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from ledger.errors import LedgerInUse, LedgerUnwritable


class Holder(msgspec.Struct, frozen=True):
    """Who holds the lock: written into the lock file for the next one to read."""

    pid: int
    host: str
    command: str


def lock_path(ledger: Path) -> Path:
    """The lock file beside a ledger."""
    return ledger.with_name(ledger.name + ".lock")


@contextmanager
def writer_lock(ledger: Path, command: str) -> Iterator[None]:
    """Hold the ledger's write lock; the kernel lets go of it when the process ends, however it ends.

    Raises:
        LedgerInUse: another process holds it; the error names that process.
        LedgerUnwritable: the lock file cannot be made.
    """
    path = lock_path(ledger)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise LedgerUnwritable(path, error.strerror or str(error)) from error
    try:
        _take(descriptor, ledger)
        _write_holder(descriptor, path, Holder(os.getpid(), socket.gethostname(), command))
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int, ledger: Path) -> None:
    # A reader asking `is_held` shares the lock for some microseconds, so one refusal proves nothing yet.
    for pause in (0.02, 0.05, 0.1):
        with suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        time.sleep(pause)
    try:
        return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise LedgerInUse(ledger, describe(os.pread(descriptor, 4096, 0))) from error


def _write_holder(descriptor: int, path: Path, holder: Holder) -> None:
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, msgspec.json.encode(holder), 0)
    except OSError as error:
        raise LedgerUnwritable(path, error.strerror or str(error)) from error


def describe(content: bytes) -> str:
    """Name the holder a lock file speaks of, in words."""
    try:
        holder = msgspec.json.decode(content, type=Holder)
    except msgspec.DecodeError:
        return "another process that has just begun"
    return f"process {holder.pid} on {holder.host} ({holder.command})"


def holder_of(ledger: Path) -> Holder | None:
    """Who holds the ledger's lock now; None where nobody does, or where the lock file may not be read.

    Whoever has just taken it and not said so yet is a holder without a name. To be asked by those who read: whoever
    means to write takes the lock.
    """
    try:
        descriptor = os.open(lock_path(ledger), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _holder(os.pread(descriptor, 4096, 0)) if _is_taken(descriptor) else None
    except OSError:
        return None
    finally:
        os.close(descriptor)


def _holder(content: bytes) -> Holder:
    try:
        return msgspec.json.decode(content, type=Holder)
    except msgspec.DecodeError:
        return Holder(0, "", "")


def is_held(ledger: Path) -> bool:
    """Whether a process holds the ledger's lock now. A run without an end and without a holder was interrupted."""
    try:
        descriptor = os.open(lock_path(ledger), os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        return _is_taken(descriptor)
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
