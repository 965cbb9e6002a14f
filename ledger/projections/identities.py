"""Which stream a name belongs to: every alias ever learnt, each stream's own key included."""

from collections.abc import Iterable, Mapping

import msgspec

from ledger.events import Event, IdentityLinked, IdentityMoved, RowExtracted, RowTransformed
from ledger.reader import Reader

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


async def is_known_at(reader: Reader, stream: str, position: int) -> bool:
    """Whether a stream had a name by the event at a position."""
    statement = """SELECT EXISTS (SELECT 1 FROM event WHERE source_key = :stream AND position <= :position
      AND +type IN ('IdentityLinked', 'IdentityMoved', 'RowExtracted', 'RowTransformed'))"""
    return bool(await reader.scalar(statement, stream=stream, position=position))


async def numbers(reader: Reader, keys: Iterable[str]) -> dict[str, str]:
    """The Kartra number of each of these contacts' streams that has one."""
    statement = """SELECT source_key, max(substr(alias, 9)) AS number FROM alias
      WHERE source_key IN (SELECT value FROM json_each(:keys)) AND alias >= 'contact:' AND alias < 'contact:~'
      GROUP BY source_key"""
    rows = await reader.rows(statement, keys=msgspec.json.encode(list(keys)).decode())
    return {row["source_key"]: row["number"] for row in rows}


async def other_numbers(reader: Reader) -> dict[str, str]:
    """The contacts' numbers that are not their streams' own keys, and these streams."""
    statement = """SELECT alias, source_key FROM alias
      WHERE alias >= 'contact:' AND alias < 'contact:~' AND alias <> source_key"""
    return {row["alias"]: row["source_key"] for row in await reader.rows(statement)}


async def moved(reader: Reader) -> set[str]:
    """Every stream that an alias moved from or to."""
    statement = """SELECT source_key, json_extract(data, '$.former') AS former FROM event
      WHERE type = 'IdentityMoved'"""
    return {stream for row in await reader.rows(statement) for stream in (row["source_key"], row["former"])}


async def moves(reader: Reader) -> dict[str, list[tuple[int, str]]]:
    """Every alias that moved: the positions where it did, in order, and the stream it belonged to until then."""
    statement = """SELECT position, json_extract(data, '$.alias') AS alias, json_extract(data, '$.former') AS former
      FROM event WHERE type = 'IdentityMoved' ORDER BY position"""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in await reader.rows(statement):
        found.setdefault(row["alias"], []).append((row["position"], row["former"]))
    return found
