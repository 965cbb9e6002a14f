"""Which intents name a stream."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class IntentRow(SQLModel, table=True):
    """A stream's record of an object was named by the intent at a position."""

    __tablename__ = "intent"
    __table_args__ = KEYED

    source_key: str = Field(primary_key=True, sa_type=Text)
    object: str = Field(primary_key=True, sa_type=Text)
    position: int = Field(primary_key=True)


TABLES = (IntentRow,)
