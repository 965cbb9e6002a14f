"""The pulse of a ledger: its events counted by run, type and minute, in memory, and counted on as they come."""

from collections import Counter

import msgspec

from ledger.reader import Head, Reader

_AT_ONCE = 20_000
"""How many events are counted in one go, so that others get their turn."""


class Beat(msgspec.Struct, frozen=True):
    """Events of a run and type within a minute (`2026-11-28T02:20`, UTC)."""

    run_id: str
    type: str
    minute: str


class Pulse:
    """Counts of all events up to `position`. Events never change, so what was counted stays counted."""

    def __init__(self) -> None:
        self.position = 0
        self.beats: Counter[Beat] = Counter()

    async def count_on(self, reader: Reader, head: Head) -> int:
        """Count the next events on the way to the head; answers how far that is."""
        statement = """SELECT run_id, type, substr(recorded_at, 1, 16) AS minute, count(*) AS count FROM event
          WHERE position > :after AND position <= :upto GROUP BY 1, 2, 3"""
        upto = min(self.position + _AT_ONCE, head.position)
        for row in await reader.rows(statement, after=self.position, upto=upto):
            self.beats[Beat(row["run_id"], row["type"], row["minute"])] += row["count"]
        self.position = upto
        return upto

    def by_type(self, run_id: str | None = None) -> Counter[str]:
        """How many events there are of each type, of one run or of all."""
        return self._by("type", run_id)

    def by_minute(self, run_id: str | None = None) -> dict[str, Counter[str]]:
        """How many events there are of each type, minute by minute."""
        found: dict[str, Counter[str]] = {}
        for beat, count in self.beats.items():
            if run_id is None or beat.run_id == run_id:
                found.setdefault(beat.minute, Counter())[beat.type] += count
        return dict(sorted(found.items()))

    def by_run(self) -> Counter[str]:
        """How many events there are of each run."""
        return self._by("run_id", None)

    def _by(self, name: str, run_id: str | None) -> Counter[str]:
        found: Counter[str] = Counter()
        for beat, count in self.beats.items():
            if run_id is None or beat.run_id == run_id:
                found[getattr(beat, name)] += count
        return found
