"""A copy of a ledger as it stands, by SQLite's own backup: whole also while another program writes."""

import sqlite3
from contextlib import closing
from pathlib import Path


def copy(source: Path, target: Path) -> None:
    """Copy a ledger to a path where no file is.

    Raises:
        FileExistsError: there is one.
        sqlite3.Error: the ledger cannot be read, or the copy cannot be written.
    """
    target.touch(mode=0o600, exist_ok=False)
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as there,
        closing(sqlite3.connect(target)) as here,
    ):
        there.backup(here)
