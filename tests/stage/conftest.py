"""Ledgers with records in them, as `transform` leaves them, and the staged files read back as Twenty's import does."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.mapping import load_mapping
from adapters.reports.sheets import GUARD
from adapters.twenty import record_id
from commands.options import Options
from commands.stage import Staged, stage
from ledger.events import Event, ExportRegistered, RowExtracted, RowTransformed
from ledger.hashing import Payload, seal
from ledger.reader import Reader
from ledger.store import Ledger

MAPPING = seal("mapping", load_mapping().text)
FILE = "f00000000001"

Links = Mapping[str, tuple[str, str]]


class Story:
    """A ledger to put records into, and where its sheets go."""

    def __init__(self, folder: Path) -> None:
        self.options = Options()
        self.options.ledger = folder / "ledger.db"
        self.out = folder / "staged"

    async def tell(self, *events: Event, payloads: Sequence[Payload] = ()) -> None:
        """Append events with the bodies they name."""
        async with Ledger.open(self.options.ledger, command="story", actor="tester@host") as ledger:
            await ledger.append(events, payloads)

    async def contacts(self, *cells: Mapping[str, str]) -> None:
        """Rows of a contacts export, as the ledger holds them."""
        header = seal(f"export:{FILE}", {"header": []})
        registered = ExportRegistered(
            file=FILE, kind="contacts", name="contacts.csv", size=1, sha256=FILE, exported_at="2026-01-01T00:00:00Z",
            payload_hash=header.hash,
        )  # fmt: skip
        bodies = [seal(f"contact:{n}", {"cells": dict(row)}) for n, row in enumerate(cells, 1)]
        rows = [
            RowExtracted(source_key=f"contact:{n}", source_ref=f"{FILE}:{n + 1}", payload_hash=body.hash)
            for n, body in enumerate(bodies, 1)
        ]
        await self.tell(registered, *rows, payloads=[header, *bodies])

    async def record(self, name: str, key: str, fields: Mapping[str, Any], links: Links | None = None) -> None:
        """A record made of a row."""
        tied = {column: {"object": at[0], "source_key": at[1]} for column, at in (links or {}).items()}
        body = seal(key, {"fields": dict(fields), "links": tied})
        made = RowTransformed(
            object=name, source_key=key, payload_hash=body.hash, mapping_hash=MAPPING.hash, sources=(f"{FILE}:2",)
        )
        await self.tell(made, payloads=[body, MAPPING])

    async def stage(self, most: int = 9_999) -> Staged:
        """Write the sheets."""
        return await stage(self.options, self.out, most)

    async def id_of(self, name: str, key: str, generation: int = 0) -> str:
        """The id a load would give a record."""
        async with Reader.open(self.options.ledger) as reader:
            return str(record_id(UUID(await reader.namespace()), name, key, generation))

    def sheet(self, name: str) -> list[dict[str, str]]:
        """A sheet's rows, filled cells only, as Twenty's import sees them: one joiner taken off."""
        with (self.out / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
        return [{column: cell.removeprefix(GUARD) for column, cell in row.items() if cell} for row in rows]

    def header(self, name: str) -> list[str]:
        """A sheet's columns."""
        with (self.out / name).open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file))


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """An empty story."""
    return Story(tmp_path)
