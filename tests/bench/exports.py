"""Made-up exports, and what the ledger says of their rows."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec

from ledger.events import Event, ExportRead, ExportRegistered, FileSeen, RowExtracted, RowHeld, RowSetAside
from ledger.hashing import Payload, seal
from tests.bench.madeup import Person, Sale


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A made-up export: its name and kind, and the first 12 digits of its SHA-256."""

    name: str
    kind: str
    rows: int
    exported_at: str

    @property
    def sha256(self) -> str:
        """What stands for the file's content."""
        return sha256(f"{self.name}\n{self.rows}".encode()).hexdigest()

    @property
    def id(self) -> str:
        """The file as events name it."""
        return self.sha256[:12]

    @property
    def seen(self) -> FileSeen:
        """The file before its first row is read."""
        path = f"/srv/exports/{self.name}"
        return FileSeen(file=self.id, path=path, kind=self.kind, size=self.rows * 400, sha256=self.sha256)

    def registered(self, header: Sequence[str], *, delta: bool = False) -> tuple[ExportRegistered, Payload]:
        """The event that begins it, and its header."""
        body = seal(f"export:{self.id}", {"header": list(header), "columns": list(header)})
        event = ExportRegistered(
            file=self.id, kind=self.kind, name=self.name, size=self.rows * 400, sha256=self.sha256,
            exported_at=self.exported_at, payload_hash=body.hash, delta=delta,
        )  # fmt: skip
        return event, body


def is_held(one: Person) -> bool:
    """Whether a person's row came without its e-mail."""
    return one.index % 400 == 399


def held_row(
    object_name: str, ref: str, reason: str, stage: Any, column: str, body: Payload, stream: str | None = None
) -> RowHeld:
    """The event of a row, or of a record, that waits for a person."""
    return RowHeld(
        object=object_name, source_ref=ref, reason=reason, stage=stage, column=column, payload_hash=body.hash,
        source_key=stream,
    )  # fmt: skip


def sold_row(ref: str, one: Sale) -> tuple[Event, Payload]:
    """The event of a row of a transactions export, and the row."""
    cells = {name: value for name, value in one.cells.items() if value}
    stream = f"row:{ref}" if one.failed else f"transaction:{one.number}"
    body = seal(stream, {"cells": cells})
    if one.failed:
        return RowSetAside(object="opportunity", source_ref=ref, reason="failed", payload_hash=body.hash), body
    return RowExtracted(source_key=stream, source_ref=ref, payload_hash=body.hash), body


def read_whole(file: File, *, held: int = 0, set_aside: int = 0) -> ExportRead:
    """The event of a file that was read to its end."""
    extracted = file.rows - held - set_aside
    return ExportRead(file=file.id, rows=file.rows, extracted=extracted, held=held, set_aside=set_aside, unchanged=0)
