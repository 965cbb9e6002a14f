"""Events of extracting Kartra rows and of making records from them."""

from typing import Literal

import msgspec

from ledger.events.base import Event

# --- extract ---------------------------------------------------------------------------------------------------------


class ExportRegistered(Event, frozen=True, kw_only=True):
    """A Kartra file is about to be read. `file` is the first 12 digits of its SHA-256; the body holds its header."""

    file: str
    kind: str
    name: str
    size: int
    sha256: str
    exported_at: str
    payload_hash: str


class RowExtracted(Event, frozen=True, kw_only=True):
    """A row was read and placed in a stream; the body is the row as it stood."""

    source_key: str
    source_ref: str
    payload_hash: str


class RowHeld(Event, frozen=True, kw_only=True):
    """A row waits for a person; at the stage `write` it is the record made from it that waits."""

    object: str
    source_ref: str
    reason: str
    stage: Literal["extract", "transform", "write"]
    column: str | None = None
    source_key: str | None = None
    payload_hash: str | None = None


class RowSetAside(Event, frozen=True, kw_only=True):
    """A row that is history and not a record (a failed payment): counted, never written."""

    object: str
    source_ref: str
    reason: str
    source_key: str | None = None
    payload_hash: str | None = None


class HoldCorrected(Event, frozen=True, kw_only=True):
    """A person gave a value for a held row; the body holds it and why."""

    hold: int
    payload_hash: str


class RowReleased(Event, frozen=True, kw_only=True):
    """A held row goes on."""

    hold: int


class HoldAbandoned(Event, frozen=True, kw_only=True):
    """A person gave a held row up; the body says why."""

    hold: int
    payload_hash: str


class IdentityLinked(Event, frozen=True, kw_only=True):
    """`alias` is another name of the stream, from now on."""

    source_key: str
    alias: str


class ExportRead(Event, frozen=True, kw_only=True):
    """A file was read to its end: rows = extracted + held + set aside + unchanged."""

    file: str
    rows: int
    extracted: int
    held: int
    set_aside: int
    unchanged: int


# --- mapping and transform -------------------------------------------------------------------------------------------


class MappingConfirmed(Event, frozen=True, kw_only=True):
    """The actor signed this mapping; the whole text is the body."""

    payload_hash: str
    default: bool


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """A warning without the value it is about."""

    code: str
    column: str | None = None


class RowTransformed(Event, frozen=True, kw_only=True):
    """A record was made from all `sources`; the body holds its fields and links, `notes_hash` the warnings' texts.

    Where a record is made of very many rows, `sources` are the first of them and `sources_hash` names all.
    """

    object: str
    source_key: str
    payload_hash: str
    mapping_hash: str
    sources: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    notes_hash: str | None = None
    sources_hash: str | None = None


class RecordWithdrawn(Event, frozen=True, kw_only=True):
    """The mapping does not make this record any more: unsent, it never will be; written, it stays as it is."""

    object: str
    source_key: str
