"""Transactions, subscriptions and bookings to records of the people who bought and booked."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

import msgspec

from adapters.mapping import (
    Buyer,
    Fault,
    Fields,
    Merged,
    Target,
    buyer_of,
    company_of,
    fault_of,
    merge,
    sale,
    target_of,
    tasks,
)
from adapters.mapping.types import Record, SourceRow
from commands.making.affiliates import Affiliates, make_affiliates
from commands.making.buyers import Named, people_of
from commands.making.maker import Made, Maker, refs_of
from commands.making.prepared import source_row
from commands.making.sealing import silent_of
from commands.reporting import Reporter
from ledger import work
from ledger.projections import runs
from ledger.rows import SourceBody
from ledger.waves import set_aside


class Bought(msgspec.Struct, frozen=True):
    """A stream's rows that can become a record, oldest first, and the contact's stream they name, if any."""

    bodies: Sequence[SourceBody]
    rows: Sequence[SourceRow]
    person: str | None

    @property
    def stream(self) -> str:
        """The stream's own key."""
        return self.bodies[0].source_key


async def make_sales(maker: Maker, files: Sequence[str] | None, reporter: Reporter) -> None:
    """Map the transactions and the affiliates, all of them where anything of either may have changed.

    Which affiliates there are, and what they earned, is told by all transactions together.
    """
    reader = maker.ledger.reader
    told = {"transactions", "affiliates"} if files is None else await runs.kinds_of(reader, files)
    again = any(stream.startswith(("transaction:", "affiliate:")) for stream in maker.again)
    if not told & {"transactions", "affiliates"} and not again and not await work.has_held(reader, "transaction:"):
        return
    affiliates = Affiliates(maker.config.source.currency)
    await _make_transactions(maker, affiliates, reporter)
    await make_affiliates(maker, affiliates, reporter)


async def _make_transactions(maker: Maker, affiliates: Affiliates, reporter: Reporter) -> None:
    target = target_of(maker.config, "transactions")
    if target is None:
        await maker.unmake("transaction:")
        return
    aside = await set_aside(maker.ledger.reader, "transaction:")
    fields = maker.fields(target)
    with reporter.phase("transactions", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "transaction:"):
            bought = await judged(maker, target, await _sales(maker, target, streams, aside))
            companies = await _companies_of(maker, bought)
            made: list[Made] = []
            for one in bought:
                merged = merge(one.rows, maker.prepared.words)
                made.append(_transaction(maker, target, fields, one, merged, companies.get(one.person or "")))
                affiliates.see(merged, maker.numbered.of(one.bodies))
            await maker.replace(_streams(streams), made)
            advance(len(streams))


async def _sales(
    maker: Maker, target: Target, streams: Sequence[Sequence[SourceBody]], aside: AbstractSet[str]
) -> list[Sequence[SourceBody]]:
    """The streams that are no history by now; rows of the others wait for nobody."""
    history = [bodies for bodies in streams if bodies[0].source_key in aside]
    await maker.judge(target.object, [(body, None) for bodies in history for body in bodies])
    return [bodies for bodies in streams if bodies[0].source_key not in aside]


async def make_subscriptions(maker: Maker, files: Sequence[str] | None, reporter: Reporter) -> None:
    """Map the subscriptions that some files speak of, or all."""
    target = target_of(maker.config, "subscriptions")
    if target is None:
        await maker.unmake("subscription:")
        return
    fields = maker.fields(target)
    with reporter.phase("subscriptions", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "subscription:", files, maker.again):
            bought = await judged(maker, target, streams)
            await maker.replace(_streams(streams), [_plain(maker, target, fields, one) for one in bought])
            advance(len(streams))


async def make_bookings(maker: Maker, files: Sequence[str] | None, reporter: Reporter) -> None:
    """Map the bookings that some files speak of, or all. What is before their newest export is done."""
    target = target_of(maker.config, "bookings")
    clock = await work.newest_export(maker.ledger.reader, "bookings")
    if target is None or clock is None:
        await maker.unmake("booking:")
        return
    fields = maker.fields(target, datetime.fromisoformat(clock).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"))
    with reporter.phase("bookings", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "booking:", files, maker.again):
            bought = await judged(maker, target, streams)
            made = [record for one in bought for record in _booking(maker, fields, one)]
            await maker.replace(_streams(streams), made)
            advance(len(streams))


def _streams(page: Iterable[Sequence[SourceBody]]) -> list[str]:
    return [bodies[0].source_key for bodies in page]


async def judged(maker: Maker, target: Target, streams: Iterable[Sequence[SourceBody]]) -> list[Bought]:
    """What can become a record of some streams; rows that cannot are held, and those that can again are released."""
    found = [(bodies, [source_row(body) for body in bodies]) for bodies in streams]
    buyers = [_named(bodies, rows) for bodies, rows in found]
    people = await people_of(maker, [buyer for some in buyers for buyer in some if buyer])
    verdicts: list[tuple[SourceBody, Fault | None]] = []
    bought: list[Bought] = []
    for (bodies, rows), named in zip(found, buyers, strict=True):
        faults = [fault_of(rows, at, maker.config) or _unknown(named[at], people) for at in range(len(rows))]
        good = [at for at, fault in enumerate(faults) if fault is None]
        # What a newer row says rightly corrects an older one: that one waits for nobody.
        newest = max(good, default=-1)
        verdicts += zip(bodies, (fault if at > newest else None for at, fault in enumerate(faults)), strict=True)
        if good:
            person = next((people[buyer] for at in reversed(good) if (buyer := named[at])), None)
            bought.append(Bought([bodies[at] for at in good], [rows[at] for at in good], person))
    await maker.judge(target.object, verdicts)
    return bought


def _named(bodies: Sequence[SourceBody], rows: Sequence[SourceRow]) -> list[Named | None]:
    """Whom each row of a stream names, and where the stream did so first."""
    buyers = [buyer_of(row) for row in rows]
    first: dict[Buyer, int] = {}
    for buyer, body in zip(buyers, bodies, strict=True):
        if buyer is not None:
            first[buyer] = min(body.position, first.get(buyer, body.position))
    return [None if buyer is None else (buyer, first[buyer]) for buyer in buyers]


def _unknown(named: Named | None, people: Mapping[Named, str]) -> Fault | None:
    if named is None or named in people:
        return None
    return Fault(reason="buyer_unknown", column=named[0].column, detail="whom it names is in no contacts export")


async def _companies_of(maker: Maker, bought: Sequence[Bought]) -> dict[str, str]:
    """Person's stream → her company's."""
    people = {one.person for one in bought if one.person is not None}
    return await work.link_targets(maker.ledger.reader, "person", "companyId", people)


def _transaction(
    maker: Maker, target: Target, fields: Fields, one: Bought, merged: Merged, company: str | None
) -> Made:
    config = maker.config
    column = config.opportunity.company if config.opportunity else None
    named = company_of(merged, column, maker.prepared.companies)
    link = maker.company_link(named, one.bodies) if named is not None else None
    where = company or (link.source_key if link else None)
    record = sale(target, fields, one.stream, merged, person=one.person, company=where)
    return _made(maker, one, record)


def _plain(maker: Maker, target: Target, fields: Fields, one: Bought) -> Made:
    record = sale(target, fields, one.stream, merge(one.rows, maker.prepared.words), person=one.person)
    return _made(maker, one, record)


def _booking(maker: Maker, fields: Fields, one: Bought) -> list[Made]:
    made = tasks(fields, one.stream, one.rows, maker.config, maker.prepared.words, person=one.person)
    return [_made(maker, one, record) for record in made]


def _made(maker: Maker, one: Bought, record: Record) -> Made:
    return Made(record, refs_of(one.bodies), silent=silent_of(one.bodies, maker.config, record.object))
