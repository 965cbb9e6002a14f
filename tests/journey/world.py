"""A migration in a folder: exports, a ledger and an embedded Twenty, and what the tests do to them."""

import atexit
import csv
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.kartra.sample import write_sample
from adapters.sandbox.app import SandboxApp, create_app
from adapters.sandbox.dump import dump
from adapters.sandbox.settings import SandboxSettings
from adapters.twenty import Ids, Object, TwentyClient, soft_delete, walk
from adapters.twenty.model import SUBFIELDS
from commands.comparing.outcome import Delta
from commands.compensation.outcome import RolledBack
from commands.compensation.scope import Wanted
from commands.delta import delta
from commands.load import load
from commands.loading import Loaded
from commands.options import Options
from commands.resume import resume
from commands.rollback import roll_back
from commands.session import SANDBOX_KEY, Twenty, reach_twenty
from ledger.reader import Reader, Recorded
from tests.crash.processes import shared
from tests.crash.zygote import Start

CLI = Path(sys.executable).with_name("kartra-to-twenty")

QUICK: dict[str, Any] = {"timeline_delay_s": 0.05}
"""Settings of a Twenty whose queue is quicker than a real one."""

_UNREADABLE = {"RELATION", "MORPH_RELATION", "TS_VECTOR", "FILES"}
_OBJECTS = {
    "people": "person",
    "companies": "company",
    "opportunities": "opportunity",
    "subscriptions": "kartraSubscription",
    "affiliates": "kartraAffiliate",
    "tasks": "task",
    "notes": "note",
}
"""Entries of a sample's truth → the objects they become."""
_ANY = {"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]}


class Journey:
    """One ledger and one embedded Twenty beside it. `settings` are those of every Twenty opened from now on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: dict[str, Any] = {}
        self.options = Options()
        self.options.ledger = folder / "ledger.db"
        self.options.sandbox = True

    def sample(self, contacts: int, seed: int = 1, **said: Any) -> Path:
        """A folder of made-up exports."""
        exports = self.folder / f"exports-{contacts}-{seed}"
        shutil.copytree(_made_up(contacts, seed, **said), exports, dirs_exist_ok=True)
        return exports

    def export(self, name: str, rows: Sequence[Mapping[str, str]]) -> Path:
        """A folder with one contacts export of these rows, its columns being the keys of the first."""
        exports = self.folder / name
        exports.mkdir()
        lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
        (exports / f"contacts_{name}_01-03-2026_69a4ef5c4f5f6.csv").write_text("\n".join(lines) + "\n")
        return exports

    def embedded(self, options: Options) -> SandboxApp:
        """The embedded Twenty of the options, with the settings of now."""
        return create_app(SandboxSettings(db=str(options.sandbox_path), api_key=SANDBOX_KEY, **self.settings))

    async def load(self, exports: Path, how: str = "pause", *, beside: bool = False, **said: Any) -> Loaded:
        """Load a folder; `said` are policies."""
        ways = {name: (way,) for name, way in said.items()}
        return await load(self.options, exports, accept_defaults=True, how=how, beside=beside, said=ways)

    async def delta(self, exports: Path, *complete: str, **said: Any) -> Delta:
        """Hold a folder of later exports against the ledger; `said` are policies."""
        ways = {name: (way,) for name, way in said.items()}
        return await delta(
            self.options, exports, complete=frozenset(complete), accept_defaults=True, how="leave", said=ways
        )

    async def resume(self) -> Loaded:
        """Go on with a load."""
        done = await resume(self.options, None)
        assert isinstance(done, Loaded)
        return done

    async def roll_back(
        self,
        run: str | None = None,
        *,
        force: bool = False,
        soft: bool = False,
        patience_s: float = 20,
        wanted: Wanted | None = None,
    ) -> RolledBack:
        """Take back everything, one run, or another scope."""
        scope = wanted or Wanted(run=run)
        return await roll_back(self.options, scope, patience_s=patience_s, force=force, soft=soft)

    @asynccontextmanager
    async def twenty(self) -> AsyncIterator[Twenty]:
        """Twenty, as somebody else reaches it."""
        async with reach_twenty(self.options) as twenty:
            yield twenty

    async def settled_dump(self) -> str:
        """The whole of Twenty's database, once its queue is empty."""
        app = self.embedded(self.options)
        app.sandbox.settle()
        app.sandbox.close()
        return dump(self.options.sandbox_path)

    async def records(self, name: str, where: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Every record of an object with all its fields, those in the bin too, read over GraphQL."""
        async with self.twenty() as twenty:
            target = twenty.model.object(name)
            fields = [field.name for field in target.fields_list if field.type not in _UNREADABLE]
            pages = walk(twenty.client, twenty.model, name, [*fields, *target.columns], where or _ANY)
            return [row async for rows in pages for row in rows]

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Reach into Twenty's database, where the API cannot say it."""
        with closing(sqlite3.connect(self.options.sandbox_path)) as connection, connection:
            return connection.execute(statement, values).fetchall()

    def ledger_rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Read the ledger as any SQLite client would."""
        with closing(sqlite3.connect(self.options.ledger)) as connection:
            return connection.execute(statement).fetchall()

    async def events(self, type_name: str) -> list[Recorded]:
        """The ledger's events of a type."""
        async with Reader.open(self.options.ledger) as reader:
            return [one async for one in reader.read(0, "type = :type", type=type_name)]

    async def body(self, payload_hash: str | None) -> Any:
        """The value of a body."""
        async with Reader.open(self.options.ledger) as reader:
            envelope = await reader.envelope(str(payload_hash))
            assert envelope is not None
            return envelope.value

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run the command line in a process on this ledger and its embedded Twenty; what it printed to stdout."""
        args = self.command(*arguments)[1:]
        output = self.folder / f"{len(list(self.folder.glob('*.said')))}.said"
        done = shared().run(Start(args=args, env=dict(os.environ), output=str(output), small=False))
        assert done.code == code, f"{done.code}: {done.err}"
        return done.out

    def told(self, *arguments: str, code: int = 0) -> Any:
        """Run the executable with `--json`; the document it printed."""
        return json.loads(self.run(*arguments, "--json", code=code))

    def command(self, *arguments: str) -> list[str]:
        """The words that run the executable on this ledger."""
        return [str(CLI), *arguments, "--ledger", str(self.options.ledger)]


async def send(client: TwentyClient, root: str, type_name: str, data: Mapping[str, Any], record: str = "") -> str:
    """Make or change one record as any other program would; answers its id."""
    if record:
        document = f"mutation($i:UUID!,$d:{type_name}UpdateInput!){{{root}(id:$i,data:$d){{id}}}}"
        answer = await client.write(document, {"i": record, "d": data}, kind="update")
    else:
        document = f"mutation($d:{type_name}CreateInput!){{{root}(data:$d){{id}}}}"
        answer = await client.write(document, {"d": data}, kind="create")
    return str(answer[root]["id"])


create_person = partial(send, root="createPerson", type_name="Person")
create_company = partial(send, root="createCompany", type_name="Company")
change_person = partial(send, root="updatePerson", type_name="Person")


async def soft_deleted(twenty: Twenty, name: str, record: str) -> None:
    """Put one record in the bin."""
    assert await soft_delete(twenty.client, twenty.model.object(name), Ids([record])) == [record]


@cache
def _made_up(contacts: int, seed: int, **said: Any) -> Path:
    """Made-up exports, which come out the same each time; they are left untouched, and go with the test process."""
    kept = TemporaryDirectory()
    atexit.register(kept.cleanup)
    write_sample(Path(kept.name), contacts, seed, **said)
    return Path(kept.name)


def blank(target: Object) -> dict[str, Any]:
    """An object's record with nothing in it, save what Twenty itself gives every record."""
    own = {"id", "createdAt", "updatedAt", "createdBy", "updatedBy", "position"}
    fields = [one for one in target.fields_list if one.type not in _UNREADABLE and one.name not in own]
    return {
        one.name: dict.fromkeys(SUBFIELDS[one.type]) if one.type in SUBFIELDS else None
        for one in fields
        if one.type != "BOOLEAN" or one.default_value is None
    }


def to_come(exports: Path) -> dict[str, int]:
    """How many records of each object must come of made-up exports, by their truth."""
    truth = json.loads((exports / "truth.json").read_text())
    counts = {name: len(truth[entry]) for entry, name in _OBJECTS.items()}
    ties = {f"{name}Target": sum(one["person"] is not None for one in truth[f"{name}s"]) for name in ("task", "note")}
    return {name: count for name, count in (counts | ties).items() if count}


def without(column: str, exports: Path) -> Path:
    """Take a column out of every export of a folder."""
    for path in exports.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [name for name in rows[0] if name != column], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    return exports


def written(loaded: Loaded) -> dict[str, int]:
    """How many records of each object stand in Twenty by what the books say."""
    return {one.object: one.created for one in loaded.books.records}


def by_email(people: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """People by their primary e-mail."""
    return {one["emails"]["primaryEmail"]: one for one in people}


def lines_apart(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines of a dump that went, and those that came."""
    old, new = before.splitlines(), after.splitlines()
    gone, come = set(old) - set(new), set(new) - set(old)
    return [line for line in old if line in gone], [line for line in new if line in come]
