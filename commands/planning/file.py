"""The file a plan is written to: stamped, so that an edit is seen, and never replaced once it was edited."""

import hashlib
import re
from pathlib import Path

from adapters.reports.files import write_text
from commands.errors import WrongUse

_STAMP = re.compile(r"# Proposed by `plan`; as it was written: ([0-9a-f]{64})\n")


def stamped(text: str) -> str:
    """The text behind a first line that holds its SHA-256."""
    return f"# Proposed by `plan`; as it was written: {_digest(text)}\n{text}"


def is_as_written(content: str) -> bool:
    """Whether a file's content is what a plan wrote, to the byte."""
    stamp = _STAMP.match(content)
    return stamp is not None and stamp[1] == _digest(content[stamp.end() :])


def check_place(path: Path, *, force: bool) -> None:
    """Refuse to replace what a person wrote or edited.

    Raises:
        WrongUse: the file there is not as a plan wrote it, or cannot be read.
    """
    if force:
        return
    try:
        content = path.read_text("utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUse(
            f"{path} cannot be read, so it is not replaced; --force replaces it, --out names another"
        ) from error
    if not is_as_written(content):
        raise WrongUse(f"{path} was edited since `plan` wrote it; --force replaces it, --out names another place")


def write(path: Path, content: str) -> None:
    """Write the plan's mapping, whole and for its owner alone.

    Raises:
        WrongUse: the place cannot be written.
    """
    try:
        write_text(path, content)
    except OSError as refusal:
        raise WrongUse(
            f"{path} cannot be written ({refusal.strerror or refusal}); --out names another place"
        ) from refusal


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
