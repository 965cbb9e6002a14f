"""What was taken back from Twenty, and the traces noted on the way."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class CompensationRow(SQLModel, table=True):
    """One record in one rollback; `state` is intended, done, kept or lost, `detail` the outcome or the reason."""

    __tablename__ = "compensation"
    __table_args__ = KEYED

    run_id: str = Field(primary_key=True, sa_type=Text)
    object: str = Field(primary_key=True, sa_type=Text)
    twenty_id: str = Field(primary_key=True, sa_type=Text)
    source_key: str | None = Field(default=None, sa_type=Text)
    state: str = Field(sa_type=Text)
    detail: str = Field(sa_type=Text)
    payload_hash: str | None = Field(default=None, sa_type=Text)
    position: int


class TraceRow(SQLModel, table=True):
    """Traces noted in a rollback, until they are removed."""

    __tablename__ = "trace"
    __table_args__ = KEYED

    position: int = Field(primary_key=True)
    run_id: str = Field(sa_type=Text)
    timeline: int
    runs: int
    payload_hash: str = Field(sa_type=Text)
    removed: int


TABLES = (CompensationRow, TraceRow)
