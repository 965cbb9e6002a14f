"""The names of streams."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class AliasRow(SQLModel, table=True):
    """An alias (`contact:4174086`, `contact:~9f2c…`) and the stream it leads to."""

    __tablename__ = "alias"
    __table_args__ = KEYED

    alias: str = Field(primary_key=True, sa_type=Text)
    source_key: str = Field(sa_type=Text, index=True)


TABLES = (AliasRow,)
