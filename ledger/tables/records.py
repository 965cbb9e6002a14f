"""Source rows, and the records made from them."""

from sqlalchemy import Index, Text, text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class SourceRowRow(SQLModel, table=True):
    """A row of a Kartra file.

    `state` is extracted, held, set_aside (history, or a row of a person who was erased), replaced (a later file's row
    stands for it) or abandoned (given up by a person). `original_hash` is the row as it was read, where a person
    corrected it since.
    """

    __tablename__ = "source_row"
    __table_args__ = (
        # A stream's rows: to make its record of them, to tell its story, and the books, which streams have several.
        Index("source_row_stream", "source_key", "file", "line"),
        KEYED,
    )

    file: str = Field(primary_key=True, sa_type=Text)
    line: int = Field(primary_key=True)
    source_key: str | None = Field(default=None, sa_type=Text)
    state: str = Field(sa_type=Text)
    payload_hash: str | None = Field(default=None, sa_type=Text)
    original_hash: str | None = Field(default=None, sa_type=Text)
    run_id: str = Field(sa_type=Text)
    position: int


class RecordRow(SQLModel, table=True):
    """A record of one stream.

    `state`: pending (to be created), changed (written, and not what it should be any more), intended (a call may have
    left: its `action`), written, rejected, held, deleted (taken back), skipped (another's record stands for it), and,
    not made any more, withdrawn (never sent, and not to be) or obsolete (written); abandoned was given up by a person.
    `payload_hash` is what it should hold, `written_hash` what it should have held when we last wrote. `origin` is
    created or adopted, at the position `since`. `generation` counts how often it was taken back; its Twenty id derives
    from it.
    """

    __tablename__ = "record"
    __table_args__ = (
        # What is left to do, in the order it was made; records of a state, page by page; how many there are of each.
        Index("record_state", "object", "state", "position"),
        # Every record of a stream, and what was made beside it; the books, whether one was made; whose label goes with
        # a body that is erased.
        Index("record_stream", "source_key"),
        # Names are looked through in full, so the index holds all that is asked of them.
        Index(
            "record_name", text("label COLLATE NOCASE"), "object", "source_key", sqlite_where=text("label IS NOT NULL")
        ),
        # What is written without a relation of its own, to be linked once its target is there.
        Index("record_unlinked", "object", "position", sqlite_where=text("unlinked IS NOT NULL")),
        KEYED,
    )

    object: str = Field(primary_key=True, sa_type=Text)
    source_key: str = Field(primary_key=True, sa_type=Text)
    state: str = Field(sa_type=Text)
    payload_hash: str = Field(sa_type=Text)
    written_hash: str | None = Field(default=None, sa_type=Text)
    twenty_id: str | None = Field(default=None, sa_type=Text)
    generation: int
    origin: str | None = Field(default=None, sa_type=Text)
    since: int | None = Field(default=None)
    run_id: str | None = Field(default=None, sa_type=Text)
    intent: int | None = Field(default=None)
    action: str | None = Field(default=None, sa_type=Text)
    updated_at: str | None = Field(default=None, sa_type=Text)
    unlinked: str | None = Field(default=None, sa_type=Text)
    label: str | None = Field(default=None, sa_type=Text)
    label_hash: str | None = Field(default=None, sa_type=Text)
    source_ref: str = Field(sa_type=Text)
    position: int


TABLES = (SourceRowRow, RecordRow)
