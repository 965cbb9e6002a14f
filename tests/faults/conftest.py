"""The states that commands begin in, made once: nothing, records made, a load cut off, everything loaded."""

import csv
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.engine import Sandbox
from adapters.sandbox.settings import SandboxSettings
from tests.crash.conftest import zygote
from tests.crash.processes import Ended, Zygote
from tests.crash.world import KILLED, Migration, Template
from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD

__all__ = ["zygote"]

_CLOCKS = {"exports": 0x69A4EF5C, "later": 0x69A640DC, "less": 0x69A640DC}


class Place(Migration):
    """A small account at one of the states, and its Twenty."""

    def copied(self, state: "Place") -> "Place":
        """Begin where another one ended."""
        for here, there in ((self.ledger, state.ledger), (self.database, state.database)):
            for ending in ("", "-wal"):
                if (part := Path(f"{there}{ending}")).exists():
                    shutil.copy(part, f"{here}{ending}")
        return self

    def told_by(self, *words: str, **start: Any) -> Ended:
        """Run a command whose words name this place's folders and a record of it."""
        folder = self.template.exports.parent
        known = {"EXPORTS": str(folder / "exports"), "LATER": str(folder / "later"), "MAPPING": f"{self.ledger}.toml"}
        if "RECORD" in words:
            statement = "SELECT twenty_id FROM event WHERE type = 'RecordCreated' AND source_key = 'contact:2'"
            known["RECORD"] = self.asked(statement)[0][0]
        return self.run("--retry-for", "0.5", *(known.get(word, word) for word in words), **start)

    def emails(self) -> list[str]:
        """The e-mails of everybody in Twenty, the bin included."""
        return sorted(email for (email,) in self.told("SELECT emailsPrimaryEmail FROM person"))


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Three contacts, and what two of them have come to later."""
    folder = tmp_path_factory.mktemp("account")
    born = folder / "born.db"
    Sandbox(SandboxSettings(db=str(born))).close()
    export(folder, "exports", ACCOUNT)
    export(folder, "later", ({**ANN, "score": "9"}, {**BOB, "phone": "+4930901821"}, CYD))
    return Template(exports=folder / "exports", truth={}, born=born, database=born)


def export(folder: Path, name: str, rows: tuple[Mapping[str, str], ...]) -> None:
    """Contacts of a folder; later exports have later clocks."""
    (folder / name).mkdir()
    path = folder / name / f"contacts_{name}_01-03-2026_{_CLOCKS[name]:08x}4f5f6.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def states(tmp_path_factory: pytest.TempPathFactory, small: Template, zygote: Zygote) -> Iterator[Mapping[str, Place]]:
    """A place in each state, from which others are copied."""
    folder = tmp_path_factory.mktemp("states")
    made = {name: Place(folder / name, small, zygote, "leave") for name in ("new", "made", "cut off", "loaded")}
    assert made["made"].told_by("extract", "EXPORTS").code == 0
    assert made["made"].told_by("transform", "--accept-defaults").code == 0
    with made["made"].twenty():
        assert made["made"].told_by("schema", "apply").code == 0
    load = ("load", "EXPORTS", "--accept-defaults", "--automations", "leave")
    with made["cut off"].twenty():
        assert made["cut off"].told_by(*load, point="answered:create:2").code == KILLED
    with made["loaded"].twenty():
        assert made["loaded"].told_by(*load).code == 0
    yield made
