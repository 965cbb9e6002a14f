"""Automations of the workspace that we paused."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class AutomationRow(SQLModel, table=True):
    """A trigger; `state` is pausing, paused, resuming, active or lost. The body is its whole row before the pause."""

    __tablename__ = "automation"
    __table_args__ = KEYED

    twenty_id: str = Field(primary_key=True, sa_type=Text)
    state: str = Field(sa_type=Text)
    payload_hash: str = Field(sa_type=Text)
    trash_on: str | None = Field(default=None, sa_type=Text)
    position: int


TABLES = (AutomationRow,)
