"""A Kartra account at several moments: contacts exports whose clocks follow one another."""

import atexit
import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.twenty import TwentyClient
from commands.options import Options
from tests.journey.world import QUICK, Journey, by_email, change_person

_FIRST_CLOCK = 0x69A4EF5C

ANN = {"id": "1", "email": "ann@kartra.example", "first_name": "Ann", "last_name": "One", "phone": "+4930901820",
       "tags": "VIP, Old", "score": "5", "company": "Acme Ltd"}  # fmt: skip
BOB = {**ANN, "id": "2", "email": "bob@kartra.example", "first_name": "Bob", "phone": "", "tags": "VIP", "score": "1"}
CYD = {**ANN, "id": "3", "email": "cyd@kartra.example", "first_name": "Cyd", "tags": "", "score": "", "company": ""}
ACCOUNT = (ANN, BOB, CYD)
_kept: list[Options] = []


def export(journey: Journey, age: int, rows: Sequence[Mapping[str, str]]) -> Path:
    """A folder with the contacts as they are at a moment; a greater age is a later one."""
    folder = journey.folder / f"exports-{age}"
    folder.mkdir()
    path = folder / f"contacts_{age}_01-03-2026_{_FIRST_CLOCK + age * 86_400:08x}4f5f6.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)
    return folder


async def load_account(journey: Journey) -> None:
    """Load the account as it is at first; where nothing has happened yet, as a copy of a journey that began so."""
    exports = export(journey, 0, ACCOUNT)
    if journey.options.ledger.exists() or journey.options.sandbox_path.exists() or journey.settings != QUICK:
        await journey.load(exports, "leave")
        return
    first = await _loaded(journey)
    for here, there in ((journey.options.ledger, first.ledger), (journey.options.sandbox_path, first.sandbox_path)):
        shutil.copy(there, here)


async def _loaded(journey: Journey) -> Options:
    """Where the account was loaded, once a test process."""
    if not _kept:
        kept = TemporaryDirectory()
        atexit.register(kept.cleanup)
        first = Journey(Path(kept.name))
        first.settings |= journey.settings
        await first.load(export(first, 0, ACCOUNT), "leave")
        assert not list(Path(kept.name).glob("*-wal"))
        _kept.append(first.options)
    return _kept[0]


async def people(journey: Journey) -> dict[str, Mapping[str, Any]]:
    """Everybody in Twenty, by e-mail."""
    return dict(by_email(await journey.records("person")))


async def edit(journey: Journey, email: str, **data: Any) -> None:
    """Change a person as somebody else would."""
    found = (await people(journey))[email]
    async with journey.twenty() as twenty:
        client: TwentyClient = twenty.client
        await change_person(client, data=data, record=found["id"])


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A record without what Twenty never lets anybody put back."""
    return {name: value for name, value in row.items() if name not in ("updatedBy", "searchVector", "position")}
