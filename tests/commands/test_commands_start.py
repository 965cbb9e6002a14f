"""What a command loads before it does anything: no more than it is for. Held by names, since times are a machine's."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import NamedTuple

import pytest

from commands.main import COMMANDS
from tests.hostile.place import Place

WORKING = frozenset(
    {
        "email_validator", "graphql", "httpx", "jinja2", "litestar", "phonenumbers", "pydantic", "rapidfuzz",
        "sqlalchemy", "sqlmodel", "stamina", "structlog", "tomlkit", "uvicorn", "adapters.twenty", "adapters.kartra",
        "adapters.mapping", "ledger.writing", "ledger.store", "ledger.tables",
    }
)  # fmt: skip
"""What only they load who work: who write ledgers, call Twenty, read exports, serve."""

LOOKING = frozenset({"aiosqlite", "anyio", "asyncio", "msgspec", "sqlite3", "ledger.reader", "commands.running"})
"""What whoever looks into a ledger loads."""

DRAWING = frozenset({"rich.console", "rich.table", "rich.progress", "rich_click"})


_TELLING = """
import atexit, sys
atexit.register(lambda: sys.stderr.write(" ".join(sys.modules)))
from commands.main import main
main()
"""


class Ran(NamedTuple):
    """What a process of the command line printed, and every module that it loaded until it ended."""

    out: str
    modules: set[str]

    def among(self, *roots: str) -> set[str]:
        """The modules that are among the roots, or in one of them."""
        return {name for name in self.modules for root in roots if name == root or name.startswith(f"{root}.")}

    @property
    def commands(self) -> set[str]:
        """The commands that were loaded."""
        return {name for name in COMMANDS if f"commands.{name}" in self.modules}


def ran(place: Place, words: Sequence[str], code: int = 0, more: Mapping[str, str] | None = None) -> Ran:
    """Run the command line until it ends with this exit code."""
    done = subprocess.run(
        [sys.executable, "-c", _TELLING, *words],
        capture_output=True,
        text=True,
        cwd=place.folder,
        env={**os.environ, "KARTRA_TO_TWENTY_LEDGER": str(place.ledger), **(more or {})},
        timeout=50,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return Ran(done.stdout, set(done.stderr.splitlines()[-1].split()))


def test_what_is_looked_for_is_there() -> None:
    """A name that no module has would never be found to be loaded."""
    assert {name for name in WORKING | LOOKING | DRAWING if find_spec(name) is None} == set()


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["--version"], ["--ledger", "x.db", "--help"], []], ids=" ".join)
def test_the_overview_loads_no_command(place: Place, words: list[str]) -> None:
    """Help, version and the bare name take click and the table of commands, and nothing that commands work with."""
    told = ran(place, words, code=0 if words else 2)
    assert "commands.main" in told.modules
    assert told.among(*WORKING, *LOOKING, *DRAWING) == set()
    assert told.commands == set()


@pytest.mark.parametrize(
    ("incomplete", "offered"), [("st", ["stage", "status"]), ("--led", ["--ledger"]), ("nothing", [])]
)
def test_a_shell_is_offered_what_begins_so(place: Place, incomplete: str, offered: list[str]) -> None:
    """Commands and options are completed from the table: nobody waits until every command is loaded."""
    asked = {
        "_KARTRA_TO_TWENTY_COMPLETE": "bash_complete",
        "COMP_WORDS": f"kartra-to-twenty {incomplete}",
        "COMP_CWORD": "1",
    }
    told = ran(place, [], more=asked)
    assert [line.removeprefix("plain,") for line in told.out.split()] == offered
    assert told.among(*WORKING, *LOOKING, *DRAWING) == set()
    assert told.commands == set()


@pytest.mark.parametrize("words", [["status"], ["status", "--json"], ["head"], ["show", "1"]], ids=" ".join)
def test_whoever_only_looks_loads_nothing_to_work_with(used: Place, words: list[str]) -> None:
    """No SQLAlchemy, no HTTP, no logs: SQLite's driver, and what the command shows."""
    told = ran(used, words)
    assert told.modules >= LOOKING
    assert told.among(*WORKING, "rich_click") == set()
    assert told.commands == {words[0]}


@pytest.mark.parametrize("name", ["status", "head", "show", "verify"])
def test_their_help_is_drawn_as_every_others(place: Place, name: str) -> None:
    """What loads no rich_click to do its work loads it for its help, which looks like that of all commands."""
    told = ran(place, [name, "--help"])
    assert told.among("rich_click")
    assert f"Usage: kartra-to-twenty {name} [OPTIONS]" in told.out
    assert "╭─ Options ─" in told.out


def test_documents_are_written_without_what_draws_tables(used: Place) -> None:
    """`status --json` does without rich; `status` draws with it, and with no more of it than tables take."""
    assert ran(used, ["status", "--json"]).among("rich") == set()
    drawn = ran(used, ["status"])
    assert "rich.table" in drawn.modules
    assert "rich.progress" not in drawn.modules


def test_who_reads_files_into_a_ledger_makes_no_tables_and_calls_nobody(place: Place) -> None:
    """A ledger that is there is written to without SQLModel, and exports are read without what calls Twenty."""
    place.contacts("ann@x.org")
    ran(place, ["extract", str(place.exports)])
    place.contacts("bob@x.org", name="contacts_more.csv")
    told = ran(place, ["extract", str(place.exports)])
    assert told.modules >= {"ledger.store", "adapters.kartra"}
    assert told.among("sqlalchemy", "sqlmodel", "pydantic", "httpx", "adapters.twenty", "graphql", "rapidfuzz") == set()
