"""Rows and records that wait for a person."""

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import STRICT


class HoldRow(SQLModel, table=True):
    """A hold; `state` is open, corrected, released, abandoned, or erased: its person was, and it waits for nobody."""

    __tablename__ = "hold"
    __table_args__ = (
        # The holds of a stream: before its record is written, and in its story.
        Index("hold_stream", "source_key"),
        # Holds of a state by reason, page by page; how many there are of each; how many wait.
        Index("hold_state", "state", "reason"),
        # The holds of a row: in its story, when it is read again, and when it is redacted.
        Index("hold_row", "file", "line"),
        STRICT,
    )

    id: int = Field(primary_key=True)
    run_id: str = Field(sa_type=Text)
    file: str = Field(sa_type=Text)
    line: int
    column: str | None = Field(default=None, sa_type=Text)
    object: str = Field(sa_type=Text)
    source_key: str | None = Field(default=None, sa_type=Text)
    reason: str = Field(sa_type=Text)
    stage: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    payload_hash: str | None = Field(default=None, sa_type=Text)


TABLES = (HoldRow,)
