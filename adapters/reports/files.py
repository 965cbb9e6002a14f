"""Files of reports: for their owner alone (0600), and there whole or not at all."""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO, TypeVar

T = TypeVar("T")


def write_whole(path: Path, write: Callable[[TextIO], T]) -> T:
    """Let `write` fill a new file, as `whole_file` has it; answers what it answers.

    Raises:
        OSError: as `whole_file`.
    """
    with whole_file(path) as file:
        return write(file)


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A new file to fill, UTF-8 with line ends as written, that takes `path`'s place once it is on disk.

    Raises:
        OSError: the place cannot be written; nothing new is left there, and what stood there stands.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # mkstemp's files are 0600 from the start; beside the target, so that taking its place is one step.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise


def write_text(path: Path, text: str) -> None:
    """Write a whole text.

    Raises:
        OSError: as `write_whole`.
    """
    write_whole(path, lambda file: file.write(text))


def refuse_unwritable(path: Path) -> None:
    """Make sure that a file can be written to a place, whose folder is made. What stands there stands.

    Raises:
        OSError: it cannot.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(prefix=f".{path.name}.", dir=path.parent):
        pass
