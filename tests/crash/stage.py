"""Playing many migrations side by side, each to be broken off at a moment of its own."""

import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.crash.processes import Zygote
from tests.crash.world import Migration, Template

AT_ONCE = 4
"""More than there are processors: much of the time goes into waiting for the disk."""

Play = Callable[[Migration, str], None]


class Stage:
    """Plays migrations in a folder, each in one of its own."""

    def __init__(self, folder: Path, template: Template, zygote: Zygote) -> None:
        self.template = template
        self._folder = folder
        self._zygote = zygote

    def migration(self, name: str = "migration", how: str = "pause") -> Migration:
        """A migration that has not begun."""
        return Migration(self._folder / name, self.template, self._zygote, how)

    def play(self, moments: Iterable[str], play: Play, how: str = "pause") -> None:
        """Play a migration for each moment, some at a time; fails naming every moment that went wrong, and how."""
        some = list(moments)

        def one(number: int) -> str | None:
            migration = self.migration(f"{number:03}", how)
            try:
                with migration.twenty():
                    play(migration, some[number])
            except Exception as error:
                return f"{some[number]} (automations: {how}, in {migration.ledger.parent})\n{_told(error)}"
            return None

        with ThreadPoolExecutor(AT_ONCE) as pool:
            wrong = [told for told in pool.map(one, range(len(some))) if told is not None]
        if wrong:
            pytest.fail(f"{len(wrong)} of {len(some)} moments went wrong\n" + "\n".join(wrong), pytrace=False)


def _told(error: Exception) -> str:
    where = "\n".join(f"    {frame.filename}:{frame.lineno} {frame.line}" for frame in traceback.extract_tb(error.__traceback__))
    return f"{where}\n    {type(error).__name__}: {error}"
