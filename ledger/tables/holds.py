"""Rows and records that wait for a person."""

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import STRICT


class HoldRow(SQLModel, table=True):
    """A hold; `state` is open, corrected, released, abandoned, or erased: its person was, and it waits for nobody."""

    __tablename__ = "hold"
    __table_args__ = (
        Index("hold_stream", "source_key"),
        Index("hold_state", "state", "reason"),
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
