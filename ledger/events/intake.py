"""Events of extracting Kartra rows and of making records from them."""

from typing import Literal

import msgspec

from ledger.events.base import Event

# --- extract ---------------------------------------------------------------------------------------------------------


class ExportRegistered(Event, frozen=True, kw_only=True):
    """A Kartra file is about to be read. `file` is the first 12 digits of its SHA-256; the body holds its header.

    A file of a `delta` is held against what was extracted before; a `complete` one holds its whole kind, so that what
    it lacks is gone.
    """

    file: str
    kind: str
    name: str
    size: int
    sha256: str
    exported_at: str
    payload_hash: str
    delta: bool = False
    complete: bool = False


class RowExtracted(Event, frozen=True, kw_only=True):
    """A row was read and placed in a stream; the body is the row as it stood, or as a person corrected it."""

    source_key: str
    source_ref: str
    payload_hash: str


class RowRedacted(Event, frozen=True, kw_only=True):
    """A row is kept without what it said of somebody who was erased; the body `replaced_hash` is to go."""

    source_ref: str
    payload_hash: str
    replaced_hash: str


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
    """A held row goes on, or a row of a later file (`replaced_by`, its reference) says rightly what this one was to."""

    hold: int
    replaced_by: str | None = None


class HoldAbandoned(Event, frozen=True, kw_only=True):
    """A person gave a held row up; the body says why."""

    hold: int
    payload_hash: str


class StreamGone(Event, frozen=True, kw_only=True):
    """A later file that holds its whole kind has no row of this stream any more."""

    source_key: str


class StreamReturned(Event, frozen=True, kw_only=True):
    """A stream that was gone is in a later file again."""

    source_key: str


class IdentityLinked(Event, frozen=True, kw_only=True):
    """`alias` is another name of the stream, from now on."""

    source_key: str
    alias: str


class IdentityMoved(Event, frozen=True, kw_only=True):
    """`alias` was the `former` stream's, which has given it up, and is another name of this stream from now on."""

    source_key: str
    alias: str
    former: str


class ExportRead(Event, frozen=True, kw_only=True):
    """A file was read to its end: rows = extracted + held + set aside + unchanged.

    Of the unchanged rows of a delta, `unrecorded` add no event: they say what earlier ones said.
    """

    file: str
    rows: int
    extracted: int
    held: int
    set_aside: int
    unchanged: int
    unrecorded: int = 0


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

    The body's subject is the stream: by it the record is found whose label goes when the body is erased. Where a
    record is made of very many rows, `sources` are the first of them and `sources_hash` names all.
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
    """This record is not made any more: unsent, it never will be; written, it is obsolete, and stays for now."""

    object: str
    source_key: str


class RecordRedacted(Event, frozen=True, kw_only=True):
    """A body of a record is replaced by one without what it said of somebody who was erased.

    Fields that were written are left out of it: Twenty holds them as they are, and the ledger says nothing of them.
    """

    object: str
    source_key: str
    payload_hash: str
    replaced_hash: str
