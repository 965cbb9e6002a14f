"""Everything the ledger holds of one person, found by her e-mail."""

from collections.abc import Iterable, Sequence

import msgspec

from adapters.kartra import email_alias
from adapters.mapping import Refusal, normalise_email
from commands.erasing.bodies import About, Bodies, ids_of, of_decisions, part
from commands.erasing.covered import Covered, covered
from commands.erasing.options import Option, options_of_hers_alone
from commands.erasing.others import Quoting, quoting, silence
from commands.erasing.outside import FileRead, Standing, files_with_rows, in_twenty, of_hers_alone
from commands.erasing.rows import Rows, rows_of, with_further_names
from commands.erasing.streams import OF_STREAMS, as_json
from commands.errors import WrongUse
from commands.forgetting import Forgotten
from ledger import work
from ledger.events import Event
from ledger.hashing import Payload, digest
from ledger.projections import departures, identities
from ledger.reader import Reader

_AFFILIATE = "affiliate:"


class Traced(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a person: her names and streams, bodies, records not sent yet, holds, records in Twenty, files.

    `left` counts bodies that quote her and stay, as do the `companies` (and tags) nobody else is of, and the `options`
    nobody else has; `files` are all exports read. Of other people, `redacted` counts rows that name her and are kept
    without it, `quoting` are their records whose fields quote her and stay so in Twenty, and `untouched` counts bodies
    that quote her and are needed to take changes of theirs back. Erased once `before`, `options` and `quoting` name
    only what came since: what told of the rest is gone.
    """

    aliases: tuple[str, ...]
    streams: tuple[str, ...]
    bodies: tuple[str, ...]
    left: int
    unsent: tuple[tuple[str, str], ...]
    holds: tuple[int, ...]
    in_twenty: tuple[Standing, ...]
    companies: tuple[Standing, ...]
    options: tuple[Option, ...]
    redacted: int
    quoting: tuple[Standing, ...]
    untouched: int
    files: tuple[FileRead, ...]
    before: bool


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, as it is to stay known, and what is to be kept of others' rows and records that name her."""

    traced: Traced
    covered: Covered
    events: tuple[Event, ...]
    payloads: tuple[Payload, ...]


async def trace(reader: Reader, email: str, *, with_companies: bool = False) -> Trace:
    """Find a person by her e-mail, as far as rows, links and earlier erasures lead.

    `with_companies`: also those nobody else is of.

    Raises:
        WrongUse: nobody in the ledger has this e-mail.
    """
    people = await with_further_names(reader, await _people(reader, email))
    rows = await rows_of(reader, people)
    past = (await covered(reader, people.names)).without(rows.others)
    streams = await _streams(reader, people, rows, past)
    lone = await of_hers_alone(reader, frozenset(streams), past.alone)
    about = About(
        people=people,
        streams=frozenset([*streams, *(lone if with_companies else ())]),
        rows=rows,
        ids=await ids_of(reader, streams),
        options=await options_of_hers_alone(reader, streams),
        silence=await silence(reader, rows.redactions),
    )
    bodies = await part(reader, about)
    named = await quoting(reader, people, bodies.others, about.silence)
    if not (people.names & (people.recorded | people.known.keys()) or rows.refs or bodies.hers or named.erased):
        raise WrongUse("nobody in the ledger has this e-mail; `history --email` looks for one in the same way")
    hers = Covered(streams=frozenset(streams), alone=past.alone.union(lone), rows=past.rows | rows.refs)
    traced = await _traced(reader, about, bodies, named, [] if with_companies else lone, hers)
    events = (*(one.event for one in rows.redactions), *named.events)
    payloads = (*(one.payload for one in rows.redactions), *named.payloads)
    return Trace(traced=traced, covered=hers, events=events, payloads=payloads)


async def _traced(
    reader: Reader, about: About, bodies: Bodies, named: Quoting, lone: Sequence[str], hers: Covered
) -> Traced:
    every, waiting = await _holds(reader, about.streams, bodies.hers, about.rows.refs)
    streams = sorted(about.streams)
    return Traced(
        aliases=tuple(sorted(about.people.names)),
        streams=tuple(streams),
        bodies=tuple(sorted(bodies.hers | named.erased | await of_decisions(reader, every))),
        left=bodies.left,
        unsent=await _unsent(reader, streams),
        holds=waiting,
        in_twenty=await in_twenty(reader, streams),
        companies=await in_twenty(reader, lone),
        options=about.options,
        redacted=len({one.event.source_ref for one in about.rows.redactions}),
        quoting=named.standing,
        untouched=len(named.untouched),
        files=await files_with_rows(reader, streams, hers.rows),
        before=not about.people.names.isdisjoint(about.people.recorded),
    )


async def _people(reader: Reader, email: str) -> Forgotten:
    """Her, by the e-mail that was typed and every other name the ledger has of its stream."""
    text = normalise_email(email)
    if text is None or isinstance(text, Refusal):
        raise WrongUse("that is not an e-mail address")
    key = await reader.digest_key()
    name = email_alias(text, lambda one: digest(key, one))
    known = await identities.all_aliases(reader, "contact:")
    hers = {alias for alias, stream in known.items() if stream == known.get(name)}
    recorded = await departures.suppressed(reader)
    return Forgotten(names=frozenset({name, *hers}), recorded=recorded, known=known, digest_key=key)


async def _streams(reader: Reader, people: Forgotten, rows: Rows, past: Covered) -> list[str]:
    """Her own, what points at it, those of her rows, what she is as an affiliate, and what was erased with her."""
    own = sorted({people.known[name] for name in people.names if name in people.known})
    pointing = [one for stream in own for one in await work.streams_pointing_at(reader, "person", stream)]
    affiliate = sorted(name for name in people.names if name.startswith(_AFFILIATE))
    return list(dict.fromkeys([*own, *pointing, *rows.streams, *affiliate, *sorted(past.streams)]))


async def _unsent(reader: Reader, streams: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Records that are not sent, or not sent as they should be by now: they are not to be any more."""
    statement = f"""SELECT object, source_key FROM record
      WHERE (state IN ('pending', 'rejected', 'changed') OR (written_hash IS NULL AND state IN ('held', 'skipped')))
        AND {OF_STREAMS} ORDER BY object, source_key"""  # noqa: S608
    return tuple((row["object"], row["source_key"]) for row in await reader.rows(statement, streams=as_json(streams)))


async def _holds(
    reader: Reader, streams: Iterable[str], bodies: Iterable[str], refs: Iterable[str]
) -> tuple[list[int], tuple[int, ...]]:
    """All holds of hers, and those that wait for somebody."""
    statement = f"""SELECT id, state FROM hold WHERE {OF_STREAMS}
      OR payload_hash IN (SELECT value FROM json_each(:bodies))
      OR file || ':' || line IN (SELECT value FROM json_each(:refs)) ORDER BY id"""  # noqa: S608
    told = {"streams": as_json(streams), "bodies": as_json(bodies), "refs": as_json(refs)}
    rows = await reader.rows(statement, **told)
    waiting = tuple(row["id"] for row in rows if row["state"] in ("open", "corrected"))
    return [row["id"] for row in rows], waiting
