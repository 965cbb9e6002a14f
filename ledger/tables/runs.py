"""Runs, and the files each of them read."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class RunRow(SQLModel, table=True):
    """One run; `state` is running, completed or failed. Running without a lock's holder means interrupted."""

    __tablename__ = "run"
    __table_args__ = KEYED

    run_id: str = Field(primary_key=True, sa_type=Text)
    command: str = Field(sa_type=Text)
    actor: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    position: int
    started_at: str = Field(sa_type=Text)
    ended_at: str | None = Field(default=None, sa_type=Text)
    resumed: int
    undone: int
    code: str | None = Field(default=None, sa_type=Text)
    settings: str = Field(sa_type=Text)
    policies: str = Field(sa_type=Text)
    mapping_hash: str | None = Field(default=None, sa_type=Text)
    files: str = Field(sa_type=Text)


class ExportRow(SQLModel, table=True):
    """A file in a run; the counts are null until it was read to its end."""

    __tablename__ = "export"
    __table_args__ = KEYED

    run_id: str = Field(primary_key=True, sa_type=Text)
    file: str = Field(primary_key=True, sa_type=Text)
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    size: int
    sha256: str = Field(sa_type=Text)
    exported_at: str = Field(sa_type=Text)
    position: int
    rows: int | None = Field(default=None)
    extracted: int | None = Field(default=None)
    held: int | None = Field(default=None)
    set_aside: int | None = Field(default=None)
    unchanged: int | None = Field(default=None)
    unrecorded: int | None = Field(default=None)
    delta: int
    complete: int
    payload_hash: str = Field(sa_type=Text)


TABLES = (RunRow, ExportRow)
