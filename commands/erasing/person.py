"""Everything the ledger holds of one person, found by her e-mail."""

from collections.abc import Iterable, Sequence

import msgspec

from adapters.kartra import email_alias
from adapters.mapping import Refusal, normalise_email
from commands.erasing.outside import FileRead, Standing, companies_of_hers_alone, files_with_rows, in_twenty
from commands.errors import WrongUse
from ledger import work
from ledger.hashing import digest, unseal
from ledger.projections import departures, identities
from ledger.reader import Reader

_OF_STREAMS = """SELECT hash, body FROM payload, json_each(:streams) AS stream
  WHERE json_extract(body, '$.subject') = stream.value OR json_extract(body, '$.subject') GLOB stream.value || '/*'"""
_QUOTING = "SELECT hash, body FROM payload WHERE instr(lower(body), :text) > 0"
_KEPT = "mapping"
"""What bodies are about that no request takes away: how everybody's rows are read."""


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a person: her names and streams, bodies, records not sent yet, holds, records in Twenty, files.

    `left` counts bodies that quote her and stay, as do the `companies` nobody else is of; `files` are all exports read.
    """

    aliases: tuple[str, ...]
    streams: tuple[str, ...]
    bodies: tuple[str, ...]
    left: int
    unsent: tuple[tuple[str, str], ...]
    holds: tuple[int, ...]
    in_twenty: tuple[Standing, ...]
    companies: tuple[Standing, ...]
    files: tuple[FileRead, ...]


async def trace(reader: Reader, email: str, *, with_companies: bool = False) -> Traced:
    """Find a person by her e-mail, as far as the ledger's links lead; `with_companies` also those nobody else is of.

    Raises:
        WrongUse: nobody in the ledger has this e-mail.
    """
    text = normalise_email(email)
    if text is None or isinstance(text, Refusal):
        raise WrongUse("that is not an e-mail address")
    key = await reader.digest_key()
    name = email_alias(text, lambda one: digest(key, one))
    stream = (await identities.streams(reader, [name])).get(name)
    known = stream is not None or name in await departures.suppressed(reader)
    if not known and not await _rows(reader, _QUOTING, text=text):
        raise WrongUse("nobody in the ledger has this e-mail; `history --email` looks for one in the same way")
    aliases, streams = [name], []
    if stream is not None:
        everyone = await identities.all_aliases(reader, "contact:")
        aliases = sorted({name, *(alias for alias, one in everyone.items() if one == stream)})
        streams = [stream, *await work.streams_pointing_at(reader, "person", stream)]
    lone = await companies_of_hers_alone(reader, streams)
    if with_companies:
        streams += lone
    found = {**await _rows(reader, _OF_STREAMS, streams=_json(streams)), **await _rows(reader, _QUOTING, text=text)}
    bodies = [hash_ for hash_, body in found.items() if not unseal(body).subject.startswith(_KEPT)]
    return Traced(
        aliases=tuple(aliases),
        streams=tuple(streams),
        bodies=tuple(sorted(bodies)),
        left=len(found) - len(bodies),
        unsent=await _unsent(reader, streams),
        holds=await _holds(reader, streams, bodies),
        in_twenty=await in_twenty(reader, streams),
        companies=() if with_companies else await in_twenty(reader, lone),
        files=await files_with_rows(reader, streams, bodies),
    )


async def _rows(reader: Reader, statement: str, **parameters: str) -> dict[str, str]:
    return {row["hash"]: row["body"] for row in await reader.rows(statement, **parameters)}


async def _unsent(reader: Reader, streams: Sequence[str]) -> tuple[tuple[str, str], ...]:
    statement = """SELECT object, source_key FROM record WHERE written_hash IS NULL
        AND state IN ('pending', 'held', 'rejected', 'skipped')
        AND source_key IN (SELECT value FROM json_each(:streams))"""
    return tuple((row["object"], row["source_key"]) for row in await reader.rows(statement, streams=_json(streams)))


async def _holds(reader: Reader, streams: Sequence[str], bodies: Sequence[str]) -> tuple[int, ...]:
    statement = """SELECT id FROM hold WHERE state IN ('open', 'corrected') AND
      (source_key IN (SELECT value FROM json_each(:streams))
       OR payload_hash IN (SELECT value FROM json_each(:bodies)))"""
    rows = await reader.rows(statement, streams=_json(streams), bodies=_json(bodies))
    return tuple(row["id"] for row in rows)


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()
