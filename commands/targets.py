"""Files that a command is told to write: never the ledger's own, and nothing that is there unless asked to."""

from pathlib import Path

from commands.errors import WrongUse
from commands.options import Options

_ENDINGS = ("", "-wal", "-shm", "-journal", ".lock")


def refuse_taken(options: Options, target: Path, *, force: bool) -> None:
    """Refuse a place that is not to be written.

    Raises:
        WrongUse: it belongs to the ledger or the embedded Twenty, is no file, or is there and `force` was not said.
    """
    own = {
        path.with_name(path.name + ending).resolve()
        for path in (options.ledger, options.sandbox_path)
        for ending in _ENDINGS
    }
    if target.resolve() in own:
        raise WrongUse(f"{target} belongs to the ledger itself; name another file")
    if target.exists() and not target.is_file():
        raise WrongUse(f"{target} is there and is no file; name another")
    if target.exists() and not force:
        raise WrongUse(f"{target} is there already; name another file, or say --force")
