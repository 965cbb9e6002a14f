"""Finding records by a name: every word of what was said stands somewhere in it."""

import unicodedata

import msgspec

from ledger.listings.records import Listed, as_listed
from ledger.reader import Reader

AfterName = tuple[str, str]
"""Where a page of names ended: the object and the stream. The name itself is nobody's business in an address."""

_AT_ONCE = 5_000
"""How many names that look alike are held against what was said in one go, …"""

_GOES = 4
"""… and how often, before a page ends with what was found so far."""

_IN_STATE = """EXISTS (SELECT 1 FROM record AS whole WHERE whole.object = named.object
  AND whole.source_key = named.source_key AND whole.state = :state)"""


class NameGone(Exception):
    """The record behind which to look on has no name any more."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for: words of a name, in lower case and composed; of an object, in a state."""

    words: list[str]
    object: str | None
    state: str | None


class _Named(msgspec.Struct, frozen=True):
    label: str
    object: str
    source_key: str


def folded(text: str) -> str:
    """Text in which upper and lower case are alike, and a letter with its mark is one sign."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


async def by_name(
    reader: Reader, wanted: Wanted, after: AfterName | None, limit: int
) -> tuple[list[Listed], AfterName | None]:
    """The next records that go by a name, in the order of their names, and where to look on if there may be more.

    A page may hold fewer than `limit`, or none, and still be followed by another.

    Raises:
        NameGone: `after` leads to nothing by now.
    """
    plain = all(word.isascii() and "ss" not in word for word in wanted.words)
    at_once = limit + 1 if plain else _AT_ONCE
    found: list[_Named] = []
    start = None if after is None else await _named(reader, after)
    for _ in range(_GOES):
        names = await _names(reader, wanted, start, at_once)
        found += [one for one in names if all(word in folded(one.label) for word in wanted.words)]
        start = names[-1] if len(names) == at_once else None
        if start is None or len(found) > limit:
            break
    last = found[limit - 1] if len(found) > limit else start
    return await _listed(reader, found[:limit]), None if last is None else (last.object, last.source_key)


async def _named(reader: Reader, after: AfterName) -> _Named:
    statement = "SELECT label, object, source_key FROM record WHERE object = :object AND source_key = :stream"
    rows = await reader.rows(statement, object=after[0], stream=after[1])
    if not rows or rows[0]["label"] is None:
        raise NameGone
    return msgspec.convert(rows[0], _Named)


async def _names(reader: Reader, wanted: Wanted, start: _Named | None, limit: int) -> list[_Named]:
    # Along the index of names alone; a record is read only to know its state.
    has = " AND ".join(f"label LIKE :word{at} ESCAPE '\\'" for at in range(len(wanted.words)))
    only = "" if wanted.state is None else f"AND {_IN_STATE}"
    begin = "" if start is None else "AND (label COLLATE NOCASE, object, source_key) > (:label, :behind, :stream)"
    statement = f"""SELECT label, object, source_key FROM record AS named INDEXED BY record_name
      WHERE label IS NOT NULL AND (:object IS NULL OR object = :object) AND {has} {only} {begin}
      ORDER BY label COLLATE NOCASE, object, source_key LIMIT :limit"""
    patterns = {f"word{at}": _pattern(word) for at, word in enumerate(wanted.words)}
    behind = {} if start is None else {"label": start.label, "behind": start.object, "stream": start.source_key}
    where = {"object": wanted.object, "state": wanted.state, "limit": limit}
    return await reader.fetch(_Named, statement, **patterns, **behind, **where)


def _pattern(word: str) -> str:
    # SQLite knows upper and lower case of ASCII alone: another sign stands for any, one or more, and ß for two.
    letters = (("\\" + char if char in "\\%_" else char) if char.isascii() else "_%" for char in word)
    return f"%{''.join(letters).replace('ss', '%')}%"


async def _listed(reader: Reader, named: list[_Named]) -> list[Listed]:
    statement = """SELECT record.* FROM json_each(:keys) AS wanted CROSS JOIN record
        ON record.object = wanted.value ->> '$[0]' AND record.source_key = wanted.value ->> '$[1]'
      ORDER BY wanted.key"""
    keys = msgspec.json.encode([(one.object, one.source_key) for one in named]).decode()
    listed = await as_listed(reader, await reader.rows(statement, keys=keys))
    return [msgspec.structs.replace(one, found_by="name") for one in listed]
