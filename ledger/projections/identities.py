"""Which stream a name belongs to: every alias ever learnt, each stream's own key included."""

from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import Text
from sqlmodel import Field, SQLModel

from ledger.events import Event, IdentityLinked, IdentityMoved, RowExtracted, RowTransformed
from ledger.reader import Reader
from ledger.tables import KEYED


class AliasRow(SQLModel, table=True):
    """An alias (`contact:4174086`, `contact:~9f2c…`) and the stream it leads to."""

    __tablename__ = "alias"
    __table_args__ = KEYED

    alias: str = Field(primary_key=True, sa_type=Text)
    # Nothing asks for its index: it goes with the next version of the schema.
    source_key: str = Field(sa_type=Text, index=True)


TABLES = (AliasRow,)

_OWN_KEY = "INSERT OR IGNORE INTO alias (alias, source_key) VALUES (:source_key, :source_key)"

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    IdentityLinked: ("INSERT OR IGNORE INTO alias (alias, source_key) VALUES (:alias, :source_key)",),
    IdentityMoved: ("UPDATE alias SET source_key = :source_key WHERE alias = :alias",),
    RowExtracted: (_OWN_KEY,),
    RowTransformed: (_OWN_KEY,),
}


async def streams(reader: Reader, aliases: Iterable[str]) -> dict[str, str]:
    """The stream of each alias that is known."""
    statement = "SELECT alias, source_key FROM alias WHERE alias IN (SELECT value FROM json_each(:aliases))"
    rows = await reader.rows(statement, aliases=msgspec.json.encode(list(aliases)).decode())
    return {row["alias"]: row["source_key"] for row in rows}


async def all_aliases(reader: Reader, prefix: str) -> dict[str, str]:
    """Every alias that begins with a prefix that ends with a colon (`contact:`), and its stream."""
    high = f"{prefix[:-1]};"  # what comes behind a colon
    rows = await reader.rows("SELECT * FROM alias WHERE alias >= :low AND alias < :high", low=prefix, high=high)
    return {row["alias"]: row["source_key"] for row in rows}


async def moves(reader: Reader) -> dict[str, list[tuple[int, str]]]:
    """Every alias that moved: the positions where it did, in order, and the stream it belonged to until then."""
    statement = """SELECT position, json_extract(data, '$.alias') AS alias, json_extract(data, '$.former') AS former
      FROM event WHERE type = 'IdentityMoved' ORDER BY position"""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in await reader.rows(statement):
        found.setdefault(row["alias"], []).append((row["position"], row["former"]))
    return found
