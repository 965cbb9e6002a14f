"""What is left to do, and what was done: the queries that stages and rollbacks begin with."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ledger.hashing import unseal
from ledger.projections.records import RecordState
from ledger.reader import Reader
from ledger.rows import Export, SourceBody, by_stream, cells_of, exports_in_order, source_body


class Work(msgspec.Struct, frozen=True):
    """A record and the value of its body: what it should hold, but for the fields the body is `silent` about."""

    state: RecordState
    value: Any
    silent: frozenset[str] = frozenset()


class Linked(msgspec.Struct, frozen=True):
    """A record and what its relations point at: column → object and stream."""

    object: str
    source_key: str
    links: Mapping[str, Mapping[str, str]]


# A row is placed once its stream is known; one that is held after that is tried again whenever records are made.
_PLACED = "source_row.source_key IS NOT NULL AND source_row.state IN ('extracted', 'held')"
_HOLD = """LEFT JOIN hold ON source_row.state = 'held' AND hold.file = source_row.file AND hold.line = source_row.line
    AND hold.stage = 'transform' AND hold.state IN ('open', 'corrected')"""
_WITH_HOLD = f"""SELECT source_row.source_key, source_row.file, source_row.line, source_row.position, payload.body,
    hold.id AS hold, hold.reason FROM source_row
  JOIN payload ON payload.hash = source_row.payload_hash {_HOLD}"""
_PAGE_OF_FILE = f"""{_WITH_HOLD}
  WHERE source_row.file = :file AND source_row.line > :after AND {_PLACED} ORDER BY source_row.line LIMIT :size"""
NOT_MEANT = frozenset({"withdrawn", "obsolete", "intended"})
"""States of records that are not, or cannot be, withdrawn."""
_WITH_BODY = "SELECT record.*, payload.body FROM record LEFT JOIN payload ON payload.hash = {hash}"

# Objects are few and records many: each object is found by one step in the index, and so is each state of one.
_NAMED = """WITH RECURSIVE named(name) AS (SELECT min(object) FROM record UNION ALL
  SELECT (SELECT min(object) FROM record WHERE object > name) FROM named WHERE name IS NOT NULL)"""


async def in_state(reader: Reader, object_name: str, state: str, limit: int = -1, after: int = 0) -> list[Work]:
    """Records of an object in one state, in the order they were made (behind `after`), with what they should hold."""
    statement = f"""{_WITH_BODY.format(hash="payload_hash")}
      WHERE object = :object AND state = :state AND position > :after ORDER BY position LIMIT :limit"""
    rows = await reader.rows(statement, object=object_name, state=state, limit=limit, after=after)
    return [as_work(row) for row in rows]


async def pending(
    reader: Reader, object_name: str, limit: int, after: int = 0, keys: Iterable[str] | None = None
) -> list[Work]:
    """Records of an object to be created, of some streams or all, in the order they were made (behind `after`)."""
    statement = f"""{_WITH_BODY.format(hash="payload_hash")}
      WHERE object = :object AND state = 'pending' AND position > :after {_of(keys)} ORDER BY position LIMIT :limit"""
    rows = await reader.rows(statement, object=object_name, limit=limit, after=after, keys=_json(keys or ()))
    return [as_work(row) for row in rows]


async def count_pending(reader: Reader, object_name: str, keys: Iterable[str] | None = None) -> int:
    """How many records of an object are to be created, of some streams or all."""
    statement = f"SELECT count(*) FROM record WHERE object = :object AND state = 'pending' {_of(keys)}"
    return int(await reader.scalar(statement, object=object_name, keys=_json(keys or ())))


def _of(keys: Iterable[str] | None) -> str:
    return "" if keys is None else "AND source_key IN (SELECT value FROM json_each(:keys))"


async def count_in_state(reader: Reader, object_name: str, *states: str) -> int:
    """How many records of an object are in one of some states."""
    statement = """SELECT count(*) FROM record
      WHERE object = :object AND state IN (SELECT value FROM json_each(:states))"""
    return int(await reader.scalar(statement, object=object_name, states=_json(states)))


async def intended(reader: Reader) -> list[Work]:
    """Records whose call may have left and whose outcome is not known, of every object."""
    statement = f"""{_NAMED} {_WITH_BODY.format(hash="payload_hash")}
      WHERE object IN (SELECT name FROM named) AND state = 'intended' ORDER BY object, position"""
    return [as_work(row) for row in await reader.rows(statement)]


async def unlinked(reader: Reader, object_name: str, limit: int, after: int = 0) -> list[Work]:
    """Records of an object that were written without a relation of theirs, in the order they were made."""
    # The plus keeps SQLite from going through all that is written: few are without a relation.
    statement = f"""{_WITH_BODY.format(hash="payload_hash")}
      WHERE object = :object AND unlinked IS NOT NULL AND +state = 'written' AND position > :after
      ORDER BY position LIMIT :limit"""
    return [as_work(row) for row in await reader.rows(statement, object=object_name, after=after, limit=limit)]


async def twenty_ids(reader: Reader, object_name: str, keys: Iterable[str]) -> dict[str, str]:
    """The Twenty id of each of these streams' records that is written, or that another's record stands for."""
    statement = """SELECT source_key, twenty_id FROM record
      WHERE object = :object AND source_key IN (SELECT value FROM json_each(:keys))
        AND (written_hash IS NOT NULL OR state = 'skipped')"""
    rows = await reader.rows(statement, object=object_name, keys=_json(keys))
    return {row["source_key"]: row["twenty_id"] for row in rows}


async def known_ids(reader: Reader, object_name: str, ids: Iterable[str]) -> set[str]:
    """Which of these Twenty ids are, or may be by now, records of this ledger's. Those taken back are not any more."""
    statement = """SELECT twenty_id FROM record WHERE object = :object
      AND twenty_id IN (SELECT value FROM json_each(:ids)) AND (written_hash IS NOT NULL OR state = 'intended')"""
    return {row["twenty_id"] for row in await reader.rows(statement, object=object_name, ids=_json(ids))}


async def records_of(reader: Reader, streams: Iterable[str]) -> dict[tuple[str, str], RecordState]:
    """Every record that was made of these streams' rows, by object and stream, whatever became of it."""
    keys = list(streams)
    within = {"first": min(keys, default=""), "last": f"{max(keys, default='')}0"}
    # When records are made for the first time there are none, which one look tells of a whole page.
    if not await reader.scalar(
        "SELECT EXISTS (SELECT 1 FROM record WHERE source_key >= :first AND source_key < :last)", **within
    ):
        return {}
    statement = """SELECT record.* FROM json_each(:streams) AS stream JOIN record ON record.source_key = stream.value
      UNION ALL
      SELECT record.* FROM json_each(:streams) AS stream
        JOIN record ON record.source_key > stream.value || '/' AND record.source_key < stream.value || '0'"""
    rows = await reader.fetch(RecordState, statement, streams=_json(keys))
    return {(state.object, state.source_key): state for state in rows}


async def made_of(reader: Reader, streams: Iterable[str]) -> list[tuple[str, str]]:
    """Object and stream of every record that was made of these streams' rows and is still meant."""
    statement = """SELECT record.object, record.source_key FROM json_each(:streams) AS stream
        JOIN record ON record.source_key = stream.value
      WHERE record.state NOT IN ('withdrawn', 'obsolete', 'intended')
      UNION ALL
      SELECT record.object, record.source_key FROM json_each(:streams) AS stream
        JOIN record ON record.source_key > stream.value || '/' AND record.source_key < stream.value || '0'
      WHERE record.state NOT IN ('withdrawn', 'obsolete', 'intended')"""
    rows = await reader.rows(statement, streams=_json(streams))
    return [(row["object"], row["source_key"]) for row in rows]


async def derived(reader: Reader, until: int, size: int = 1000) -> AsyncIterator[list[tuple[str, str]]]:
    """Object and stream of every record, still meant, that is made of no one stream of rows: companies, tags, ….

    Of those that were made by the position `until`, in pages.
    """
    page = """SELECT object, source_key FROM record
      WHERE (object, source_key) > (:object, :stream) AND position <= :until
        AND state NOT IN ('withdrawn', 'obsolete', 'intended') AND NOT EXISTS
        (SELECT 1 FROM source_row WHERE source_row.source_key = CASE instr(record.source_key, '/') WHEN 0
           THEN record.source_key ELSE substr(record.source_key, 1, instr(record.source_key, '/') - 1) END)
      ORDER BY object, source_key LIMIT :size"""
    object_name = stream = ""
    while rows := await reader.rows(page, object=object_name, stream=stream, until=until, size=size):
        found = [(row["object"], row["source_key"]) for row in rows]
        yield found
        object_name, stream = found[-1]


async def states_of(reader: Reader, object_name: str, keys: Iterable[str]) -> dict[str, RecordState]:
    """The records of these streams that there are."""
    statement = """SELECT * FROM record
      WHERE object = :object AND source_key IN (SELECT value FROM json_each(:keys))"""
    rows = await reader.fetch(RecordState, statement, object=object_name, keys=_json(keys))
    return {state.source_key: state for state in rows}


async def rows_in_order(reader: Reader, size: int = 1000) -> AsyncIterator[list[SourceBody]]:
    """Every placed row in the order it was read: oldest export first, line by line."""
    for file, export in (await exports_in_order(reader)).items():
        after = 0
        while rows := await reader.rows(_PAGE_OF_FILE, file=file, after=after, size=size):
            yield [source_body(row, export) for row in rows]
            after = rows[-1]["line"]


async def cells_in_order(reader: Reader, size: int = 1000) -> AsyncIterator[tuple[Export, list[Mapping[str, str]]]]:
    """The cells of every placed row in the order it was read, in pages of one file."""
    page = f"""SELECT source_row.line, payload.body FROM source_row
      JOIN payload ON payload.hash = source_row.payload_hash
      WHERE source_row.file = :file AND source_row.line > :after AND {_PLACED} ORDER BY source_row.line LIMIT :size"""
    for file, export in (await exports_in_order(reader)).items():
        after = 0
        while rows := await reader.rows(page, file=file, after=after, size=size):
            yield export, [cells_of(row["body"]) for row in rows]
            after = rows[-1]["line"]


async def streams_in_order(
    reader: Reader, prefix: str, files: Sequence[str] | None = None, again: Iterable[str] = ()
) -> AsyncIterator[list[list[SourceBody]]]:
    """Pages of streams, each with all its rows, oldest first.

    All streams, or those that some files speak of, those to be made `again`, and those with rows that were held when
    records were made, or were corrected by a person.
    """
    after, high = prefix, f"{prefix[:-1]}{chr(ord(prefix[-1]) + 1)}"
    anew = "state = 'held' OR original_hash <> payload_hash"
    told = "file IN (SELECT value FROM json_each(:files)) OR source_key IN (SELECT value FROM json_each(:again))"
    only = "" if files is None else f"AND ({anew} OR {told})"
    page = f"""SELECT DISTINCT source_key FROM source_row
      WHERE source_key > :after AND source_key < :high AND {_PLACED} {only}
      ORDER BY source_key LIMIT 500"""
    exports = await exports_in_order(reader)
    while True:
        keys = await reader.rows(page, after=after, high=high, files=_json(files or ()), again=_json(again))
        if not keys:
            return
        streams = [row["source_key"] for row in keys]
        yield await _rows_of(reader, streams, exports)
        after = streams[-1]


async def rows_of(reader: Reader, streams: list[str]) -> list[list[SourceBody]]:
    """The placed rows of some streams, each stream's oldest first."""
    return await _rows_of(reader, streams, await exports_in_order(reader))


async def _rows_of(reader: Reader, streams: list[str], exports: Mapping[str, Export]) -> list[list[SourceBody]]:
    # Files are few and known: joined to them, SQLite would go through all rows of a file for every page of streams.
    statement = f"""{_WITH_HOLD}
      WHERE source_row.source_key IN (SELECT value FROM json_each(:streams)) AND {_PLACED}"""
    return by_stream(await reader.rows(statement, streams=_json(streams)), exports)


async def has_held(reader: Reader, prefix: str) -> bool:
    """Whether rows of streams that begin like this were held when records were made."""
    statement = f"""SELECT EXISTS (SELECT 1 FROM source_row
      WHERE source_key > :low AND source_key < :high AND {_PLACED} AND state = 'held')"""
    return bool(await reader.scalar(statement, low=prefix, high=prefix[:-1] + ";"))


async def newest_export(reader: Reader, kind: str) -> str | None:
    """The clock of the newest file of a kind."""
    clock = await reader.scalar("SELECT max(exported_at) FROM export WHERE kind = :kind", kind=kind)
    return None if clock is None else str(clock)


async def objects(reader: Reader) -> list[str]:
    """Every object that has records, pending ones included, in the order of their first record."""
    statement = f"""{_NAMED}, standing(name, state) AS (
        SELECT name, (SELECT min(state) FROM record WHERE object = name) FROM named WHERE name IS NOT NULL UNION ALL
        SELECT name, (SELECT min(state) FROM record WHERE object = name AND state > standing.state) FROM standing
          WHERE state IS NOT NULL)
      SELECT name AS object FROM standing WHERE state <> 'withdrawn' GROUP BY name ORDER BY min(
        (SELECT min(position) FROM record WHERE object = name AND record.state = standing.state))"""
    rows = await reader.rows(statement)
    return [row["object"] for row in rows]


async def links(reader: Reader) -> list[Linked]:
    """Every record with its relations, in the order they were made."""
    statement = """SELECT object, source_key, json_extract(body, '$.value.links') AS links
      FROM record JOIN payload ON payload.hash = record.payload_hash ORDER BY position"""
    rows = await reader.rows(statement)
    return [Linked(row["object"], row["source_key"], msgspec.json.decode(row["links"] or "{}")) for row in rows]


async def streams_pointing_at(reader: Reader, object_name: str, stream: str) -> list[str]:
    """The streams of the records that point at one, each with the stream of rows its record was made of."""
    # Bodies are canonical JSON, so a link has one spelling; the scan is the price of asking once in a while.
    link = msgspec.json.encode({"object": object_name, "source_key": stream}, order="sorted").decode()
    statement = """SELECT DISTINCT source_key FROM record JOIN payload ON payload.hash = record.payload_hash
      WHERE instr(body, :link) > 0 AND source_key <> :stream ORDER BY record.position"""
    found = [row["source_key"] for row in await reader.rows(statement, link=link, stream=stream)]
    return list(dict.fromkeys(key for one in found for key in (one.partition("/")[0], one)))


async def linked_objects(reader: Reader) -> dict[str, set[str]]:
    """The objects that records of each object point at."""
    statement = """SELECT DISTINCT object, json_extract(link.value, '$.object') AS target
      FROM record JOIN payload ON payload.hash = record.payload_hash,
        json_each(body, '$.value.links') AS link"""
    found: dict[str, set[str]] = {}
    for row in await reader.rows(statement):
        found.setdefault(row["object"], set()).add(row["target"])
    return found


async def link_targets(reader: Reader, object_name: str, column: str, keys: Iterable[str]) -> dict[str, str]:
    """The stream that a relation of these streams' records points at, where it points anywhere."""
    statement = """SELECT source_key, json_extract(body, '$.value.links.' || :column || '.source_key') AS target
      FROM record JOIN payload ON payload.hash = record.payload_hash
      WHERE object = :object AND source_key IN (SELECT value FROM json_each(:keys))"""
    rows = await reader.rows(statement, object=object_name, column=column, keys=_json(keys))
    return {row["source_key"]: row["target"] for row in rows if row["target"] is not None}


def as_work(row: Mapping[str, Any]) -> Work:
    """A row of `record`, with its body."""
    state = msgspec.convert(row, RecordState)
    if row["body"] is None:
        return Work(state, None)
    envelope = unseal(row["body"])
    silent = envelope.labels.get("redacted", "")
    return Work(state, envelope.value, frozenset(filter(None, silent.split(","))))


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
