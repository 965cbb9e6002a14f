"""Who is not to be moved any more."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class GoneRow(SQLModel, table=True):
    """A stream that the last complete export of its kind does not have, and which run saw it."""

    __tablename__ = "gone"
    __table_args__ = KEYED

    source_key: str = Field(primary_key=True, sa_type=Text)
    run_id: str = Field(sa_type=Text)
    position: int


class SuppressedRow(SQLModel, table=True):
    """A name (a number, an e-mail's digest) whose rows are held `erased` ever after."""

    __tablename__ = "suppressed"
    __table_args__ = KEYED

    alias: str = Field(primary_key=True, sa_type=Text)
    position: int


TABLES = (GoneRow, SuppressedRow)
