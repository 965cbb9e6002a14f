"""Changes made to records that were there."""

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class ChangeRow(SQLModel, table=True):
    """One change of one record; `kind` is updated or adopted, `undone` the position of the event that took it back."""

    __tablename__ = "change"
    __table_args__ = (Index("change_record", "object", "twenty_id"), Index("change_run", "run_id", "object"), KEYED)

    position: int = Field(primary_key=True)
    run_id: str = Field(sa_type=Text)
    object: str = Field(sa_type=Text)
    source_key: str = Field(sa_type=Text)
    twenty_id: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    payload_hash: str = Field(sa_type=Text)
    base_hash: str | None = Field(default=None, sa_type=Text)
    before_hash: str | None = Field(default=None, sa_type=Text)
    sent_hash: str | None = Field(default=None, sa_type=Text)
    restored: int
    undone: int | None = Field(default=None)


TABLES = (ChangeRow,)
