"""Which intents name a stream: a call's intent names every record of its batch, and one repeated has several."""

from collections.abc import Mapping

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.events import BatchIntended, CompensationIntended, Event
from ledger.tables import KEYED


class IntentRow(SQLModel, table=True):
    """A stream's record of an object was named by the intent at a position."""

    __tablename__ = "intent"
    __table_args__ = KEYED

    source_key: str = Field(primary_key=True, sa_type=Text)
    object: str = Field(primary_key=True, sa_type=Text)
    position: int = Field(primary_key=True)


TABLES = (IntentRow,)

_NAMED = "INSERT OR IGNORE INTO intent (source_key, object, position) VALUES (:item_key, :object, :position)"

FOLDS: Mapping[type[Event], tuple[str, ...]] = {BatchIntended: (_NAMED,), CompensationIntended: (_NAMED,)}
