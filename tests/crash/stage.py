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

    def __init__(self, folder: Path, template: Template, zygote: Zygote, how: str = "pause") -> None:
        self._folder = folder
        self._template = template
        self._zygote = zygote
        self._how = how

    def migration(self, name: str = "migration") -> Migration:
        """A migration at its beginning."""
        return Migration(self._folder / name, self._template, self._zygote, self._how)

    def play(self, play: Play, moments: Iterable[str]) -> None:
        """Play a migration for each moment, some at a time; fails naming every moment that went wrong, and how."""
        some = list(moments)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            told = pool.map(lambda at: self._one(play, at, some[at]), range(len(some)))
            wrong = [text for text in told if text is not None]
        if wrong:
            pytest.fail(f"{len(wrong)} of {len(some)} moments went wrong\n" + "\n".join(wrong), pytrace=False)

    def _one(self, play: Play, at: int, moment: str) -> str | None:
        migration = self.migration(f"{at:03}")
        try:
            play(migration, moment)
        except Exception as error:  # noqa: BLE001  # told with its moment, beside those of the other moments
            return f"{moment} (automations: {self._how}, in {migration.ledger.parent})\n{_told(error)}"
        return None


def _told(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = "".join(f"    {frame.filename}:{frame.lineno} {frame.line}\n" for frame in frames)
    return f"{where}    {type(error).__name__}: {error}"
