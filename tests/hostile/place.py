"""A place to work in: exports, a ledger and an embedded Twenty in one folder, and the command line run on them."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner

from commands.main import cli

CLI = (sys.executable, "-c", "from commands.main import main; main()")
LOAD = ("--accept-defaults", "--automations", "leave")
HEADER = "id,email,first_name,last_name,company"

_OWN_VARIABLES = ("TWENTY_", "KARTRA_", "SANDBOX_")


class Told(NamedTuple):
    """How a command ended: its exit code, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Stdout as the one JSON document it must be."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line that says what is wrong."""
        [line] = [line for line in self.err.splitlines() if line.startswith("error: ")]
        return line


class Place:
    """A folder with everything in it. `run` works in process, `child` in a process of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.exports = folder / "exports"
        self.exports.mkdir(parents=True)
        self.ledger = folder / "ledger.db"
        self.sandbox = folder / "sandbox.db"
        self.environment = dict(environment or {})

    def write(self, name: str, content: str | bytes) -> Path:
        """Put a file among the exports."""
        path = self.exports / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def contacts(self, *emails: str, name: str = "contacts_all.csv") -> Path:
        """Put a clean export of these contacts among the exports."""
        rows = [f"{number},{email},First{number},Last{number}," for number, email in enumerate(emails, 1)]
        return self.write(name, "\n".join([HEADER, *rows]) + "\n")

    def run(self, *arguments: str | Path) -> Told:
        """Run a command here; an exception that gets past the command line is raised: it would be a traceback."""
        result = CliRunner().invoke(cli, self._arguments(arguments), env=self._variables(), catch_exceptions=False)
        return Told(result.exit_code, result.stdout, result.stderr)

    def child(self, *arguments: str | Path, text_in: str = "") -> Told:
        """Run a command in a process of its own."""
        done = subprocess.run(
            [*CLI, *self._arguments(arguments)],
            input=text_in,
            capture_output=True,
            text=True,
            env={**_clean_environment(), **self.environment},
            cwd=self.folder,
            timeout=50,
            check=False,
        )
        return Told(done.returncode, done.stdout, done.stderr)

    def load(self, *more: str | Path) -> Told:
        """Load the exports into the embedded Twenty."""
        return self.run("--sandbox", "load", self.exports, *LOAD, *more)

    def holds(self) -> list[dict[str, Any]]:
        """The rows that wait for a person."""
        listed: list[dict[str, Any]] = self.run("holds", "--json").document["holds"]
        return listed

    def held_at(self) -> set[tuple[str, int, str, str]]:
        """File, line, column and reason of the rows that wait."""
        return {(hold["file"], hold["line"], hold["column"], hold["reason"]) for hold in self.holds()}

    def people(self) -> dict[str, dict[str, Any]]:
        """The people in the embedded Twenty by e-mail, as its database holds them."""
        return people_in(self.sandbox)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the ledger's file directly."""
        with closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True)) as connection:
            return connection.execute(statement, values).fetchall()

    def assert_intact(self) -> None:
        """The ledger proves itself, and its books balance."""
        verified = self.run("verify")
        assert verified.code == 0, verified.err
        books = self.run("status", "--json").document["books"]
        assert books["imbalances"] == []

    def _arguments(self, arguments: Sequence[str | Path]) -> list[str]:
        return ["--ledger", str(self.ledger), *map(str, arguments)]

    def _variables(self) -> dict[str, str | None]:
        own = {name: None for name in os.environ if name.startswith(_OWN_VARIABLES)}
        return {**own, **self.environment}


def people_in(database: Path) -> dict[str, dict[str, Any]]:
    """The people a sandbox's database holds, by e-mail."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute('SELECT * FROM person WHERE "deletedAt" IS NULL').fetchall()
    return {row["emailsPrimaryEmail"]: dict(row) for row in rows}


def assert_inert(told: Told) -> None:
    """Nothing in the output is obeyed by a terminal."""
    steering = {char for char in told.out + told.err if not char.isprintable() and char != "\n"}
    assert not steering


def _clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(_OWN_VARIABLES)}
