"""The real thing beside the model: the command line as processes that may be killed, and Twenty embedded in them."""

import csv
import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio

from adapters.twenty import Ids, destroy
from commands.portions import sampled
from ledger.books import books
from ledger.reader import Reader
from ledger.work import Linked
from tests.crash.processes import Ended, Zygote
from tests.crash.world import KILLED
from tests.crash.zygote import Start
from tests.journey.world import Journey, change_person, create_person, soft_deleted
from tests.stateful.contacts import NOTHING, Values

_FIRST_CLOCK = 0x69A4EF5C
_FIELDS = {"first": "first_name", "score": "score"}
_READ = """SELECT emailsPrimaryEmail, id, nameFirstName, jobTitle, deletedAt IS NOT NULL, {score}, {tags} FROM person"""


_EMAIL = re.compile(r"person(\d+)\.(\d+)@kartra\.example")


def email_of(number: int, which: int = 0) -> str:
    """One of a contact's e-mails."""
    return f"person{number}.{which}@kartra.example"


class World:
    """A ledger and its Twenty, and what operators and people in Twenty do to them."""

    def __init__(self, folder: Path, zygote: Zygote) -> None:
        self.journey = Journey(folder)
        self._zygote = zygote
        self._exports = 0
        self._commands = 0

    # --- operators ---------------------------------------------------------------------------------------------------

    def export(self, account: Mapping[int, Values]) -> Path:
        """Export the account, a day later than the last time."""
        self._exports += 1
        folder = self.journey.folder / f"exports-{self._exports}"
        folder.mkdir()
        clock = _FIRST_CLOCK + self._exports * 86_400
        path = folder / f"contacts_{self._exports}_01-03-2026_{clock:08x}4f5f6.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["id", "email", "first_name", "score", "tags"])
            for number, said in account.items():
                cells = [said["first"], "" if said["score"] is None else said["score"], ", ".join(sorted(said["tags"]))]
                writer.writerow([number, email_of(number, said["email"]), *cells])
        return folder

    def sample(self, numbers: Iterable[int], size: int, seed: int) -> frozenset[int]:
        """The contacts that a sample of all of them holds."""
        drawn = sampled((Linked("person", f"contact:{one}", {}) for one in numbers), size, seed)
        return frozenset(int(stream.partition(":")[2]) for stream in drawn["person"])

    def run(self, *args: str, point: str | None = None) -> Ended:
        """Run a command to its end, which may be a SIGKILL at `point`."""
        self._commands += 1
        output = self.journey.folder / f"{self._commands:03}.out"
        words = ["--sandbox", "--ledger", str(self.journey.options.ledger), "--json", "-v", *args]
        ended = self._zygote.wait(self._zygote.start(Start(args=words, env={}, output=str(output), point=point)))
        assert ended.code in (0, 3, KILLED), f"{args}: {ended.code}: {ended.err}"
        return ended

    def resume(self, point: str | None = None) -> Ended:
        """Go on with what was killed."""
        return self.run("resume", point=point)

    def imbalances(self) -> tuple[str, ...]:
        """The sums of the ledger's books that do not agree."""
        if not self.journey.options.ledger.exists():
            return ()

        async def read() -> tuple[str, ...]:
            async with Reader.open(self.journey.options.ledger) as reader:
                return (await books(reader)).imbalances

        return anyio.run(read)

    # --- what is there -----------------------------------------------------------------------------------------------

    def asked(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the ledger, as any SQLite client would; nothing where there is none yet."""
        if not self.journey.options.ledger.exists():
            return []
        with closing(sqlite3.connect(self.journey.options.ledger)) as connection:
            return connection.execute(statement, values).fetchall()

    @property
    def head(self) -> int:
        """The position of the newest event."""
        return int(self.asked("SELECT coalesce(max(position), 0) FROM event")[0][0])

    def last_run(self) -> str:
        """The run begun last."""
        return str(self.asked("SELECT run_id FROM event WHERE type = 'RunStarted' ORDER BY position DESC")[0][0])

    def people(self) -> dict[int, tuple[Values, bool, str]]:
        """Everybody in Twenty by contact: values, whether they lie in the bin, and the id."""
        columns = {name for (name,) in self.journey.sql("SELECT name FROM pragma_table_info('person')")}
        score = "kartraScore" if "kartraScore" in columns else "NULL"
        tags = "kartraTags" if "kartraTags" in columns else "NULL"
        found: dict[int, tuple[Values, bool, str]] = {}
        for email, id_, first, job, binned, scored, tagged in self.journey.sql(_READ.format(score=score, tags=tags)):
            chosen = frozenset(json.loads(tagged)) if tagged else frozenset()
            told = _EMAIL.fullmatch(email)
            assert told, email
            number, which = map(int, told.groups())
            assert number not in found, f"{number} is there twice"
            values = {"email": which, "first": first or None, "score": scored, "tags": chosen, "job": job or None}
            found[number] = ({**NOTHING, **values}, bool(binned), id_)
        return found

    def choices(self) -> set[str]:
        """The tags that can be chosen in Twenty."""
        said = self.journey.sql("SELECT body ->> '$.options' FROM core_field WHERE name = 'kartraTags'")
        return {one["value"] for (options,) in said for one in json.loads(options or "[]")}

    # --- people in Twenty --------------------------------------------------------------------------------------------

    def make(self, number: int, values: Values) -> None:
        """Make a person with a contact's e-mail."""
        data = {**_as_sent(values), "emails": {"primaryEmail": email_of(number)}}

        async def act() -> None:
            async with self.journey.twenty() as twenty:
                await create_person(twenty.client, data=data)

        anyio.run(act)

    def edit(self, number: int, values: Values) -> None:
        """Change a person."""
        record = self.people()[number][2]

        async def act() -> None:
            async with self.journey.twenty() as twenty:
                await change_person(twenty.client, data=_as_sent(values), record=record)

        anyio.run(act)

    def remove(self, number: int, *, for_good: bool) -> None:
        """Put a person into the bin, or destroy them."""
        record = self.people()[number][2]

        async def act() -> None:
            async with self.journey.twenty() as twenty:
                if for_good:
                    await destroy(twenty.client, twenty.model.object("person"), Ids([record]), None)
                else:
                    await soft_deleted(twenty, "person", record)

        anyio.run(act)


def _as_sent(values: Values) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for name, value in values.items():
        if name == "first":
            sent["name"] = {"firstName": value}
        elif name == "tags":
            sent["kartraTags"] = sorted(value)
        else:
            sent[{"score": "kartraScore", "job": "jobTitle"}[name]] = value
    return sent
