"""What we made of Twenty's data model."""

from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.tables.kinds import KEYED


class SchemaElementRow(SQLModel, table=True):
    """An object (`name` empty), field or relation; `state` is intended, created, adopted or removed."""

    __tablename__ = "schema_element"
    __table_args__ = KEYED

    object: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    element: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    absent: int
    twenty_id: str | None = Field(default=None, sa_type=Text)
    run_id: str = Field(sa_type=Text)
    payload_hash: str | None = Field(default=None, sa_type=Text)
    position: int


class SchemaOptionRow(SQLModel, table=True):
    """An option of a select field that we added, until it is removed; `value` is a digest, the body names it."""

    __tablename__ = "schema_option"
    __table_args__ = KEYED

    object: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(primary_key=True, sa_type=Text)
    twenty_id: str = Field(sa_type=Text)
    run_id: str = Field(sa_type=Text)
    payload_hash: str = Field(sa_type=Text)
    position: int


class OptionsIntendedRow(SQLModel, table=True):
    """Options whose addition has no outcome yet: the body names those that were absent before."""

    __tablename__ = "schema_options_intended"
    __table_args__ = KEYED

    object: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    payload_hash: str = Field(sa_type=Text)
    position: int


TABLES = (SchemaElementRow, SchemaOptionRow, OptionsIntendedRow)
