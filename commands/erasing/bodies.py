"""Every body the ledger holds, parted by whom it is about: hers, those that only name her, and those that stay."""

from collections.abc import AsyncIterator, Iterable

import msgspec

from commands.erasing.options import Option, tells_of
from commands.erasing.others import Silence
from commands.erasing.rows import Rows
from commands.erasing.streams import as_json, is_of
from commands.forgetting import Forgotten, texts
from ledger.hashing import Envelope, unseal
from ledger.reader import Reader

_STAY = ("mapping", "automation:")
"""What bodies are about that no request takes away: how everybody's rows are read, and what has to be put back."""
_OF_RUNS = ("run:", "reconciliation:", "rollback:", "traces:", "schema:", "export:", "hold:", "close:")
"""What bodies are about that tell of many people, for reading only: one that names her goes as a whole."""


class Bodies(msgspec.Struct, frozen=True, kw_only=True):
    """Hashes of bodies: `hers` go, `others` are about others' records and name her; `left` counts what stays."""

    hers: frozenset[str]
    others: frozenset[str]
    left: int


class About(msgspec.Struct, frozen=True, kw_only=True):
    """How bodies about her are told: her names, streams and rows, the ids of her records, options of hers alone."""

    people: Forgotten
    streams: frozenset[str]
    rows: Rows
    ids: frozenset[str]
    options: tuple[Option, ...]
    silence: Silence


async def part(reader: Reader, about: About) -> Bodies:
    """Go through all bodies."""
    hers: set[str] = set(about.rows.bodies)
    others: set[str] = set()
    left = 0
    redacted = {one.event.replaced_hash for one in about.rows.redactions}
    async for hash_, envelope in _every(reader):
        if envelope.subject.startswith(_STAY):
            left += about.people.quoted_in(envelope.value)
        elif _is_hers(envelope, about):
            hers.add(hash_)
        elif hash_ not in redacted and hash_ not in hers and _is_to_be_looked_at(envelope, about):
            others.add(hash_)
    return Bodies(hers=frozenset(hers | redacted), others=frozenset(others), left=left)


async def of_decisions(reader: Reader, holds: Iterable[int]) -> set[str]:
    """The bodies of what people decided about some holds: a reason is free text."""
    statement = """SELECT payload.hash, payload.body FROM event JOIN payload ON payload.hash = event.payload_hash
      WHERE event.type IN ('HoldCorrected', 'HoldAbandoned')
        AND event.data ->> '$.hold' IN (SELECT value FROM json_each(:holds))"""
    rows = await reader.rows(statement, holds=msgspec.json.encode(list(holds)).decode())
    return {row["hash"] for row in rows if not _says_nothing(unseal(row["body"]))}


async def ids_of(reader: Reader, streams: Iterable[str]) -> frozenset[str]:
    """Every id that records of these streams ever had in Twenty."""
    statement = """SELECT DISTINCT twenty_id FROM event WHERE twenty_id IS NOT NULL
      AND (source_key IN (SELECT value FROM json_each(:streams))
        OR substr(source_key, 1, instr(source_key, '/') - 1) IN (SELECT value FROM json_each(:streams)))"""
    return frozenset(row["twenty_id"] for row in await reader.rows(statement, streams=as_json(streams)))


async def _every(reader: Reader) -> AsyncIterator[tuple[str, Envelope]]:
    statement = "SELECT rowid AS place, hash, body FROM payload WHERE rowid > :after ORDER BY rowid LIMIT 1000"
    after = 0
    while page := await reader.rows(statement, after=after):
        for row in page:
            yield row["hash"], unseal(row["body"])
        after = page[-1]["place"]


def _is_hers(envelope: Envelope, about: About) -> bool:
    subject = envelope.subject
    if is_of(subject, about.streams) or (subject.startswith("row:") and subject[4:] in about.rows.refs):
        return not _says_nothing(envelope)
    if not subject.startswith(_OF_RUNS):
        return False
    named = subject.startswith(("reconciliation:", "schema:")) and not about.ids.isdisjoint(texts(envelope.value))
    return named or about.people.quoted_in(envelope.value) or tells_of(subject, envelope, about.options)


def _is_to_be_looked_at(envelope: Envelope, about: About) -> bool:
    if envelope.subject.startswith(_OF_RUNS):
        return False
    return about.silence.concerns(envelope.subject) or about.people.quoted_in(msgspec.to_builtins(envelope))


def _says_nothing(envelope: Envelope) -> bool:
    """Why something of hers stays or was given up, in our own words: nothing personal, and said again at any time."""
    return isinstance(envelope.value, dict) and envelope.value.get("why") == "erased"
