"""Transactions, subscriptions and bookings to records of the people who bought and booked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from adapters.mapping import (
    Buyer,
    Fault,
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
from adapters.mapping.types import SourceRow
from commands.making.affiliates import Affiliates
from commands.making.buyers import people_of
from commands.making.maker import Made, Maker, refs_of
from commands.making.prepared import source_row
from commands.reporting import Reporter
from ledger import work
from ledger.work import SourceBody


class Bought(msgspec.Struct, frozen=True):
    """A stream's rows that can become a record, oldest first, and the contact's stream they name, if any."""

    bodies: Sequence[SourceBody]
    rows: Sequence[SourceRow]
    person: str | None

    @property
    def stream(self) -> str:
        """The stream's own key."""
        return self.bodies[0].source_key


async def make_transactions(maker: Maker, affiliates: Affiliates, reporter: Reporter) -> None:
    """Map all transactions: which affiliates there are, and what they earned, is told by all of them together."""
    target = target_of(maker.config, "transactions")
    if target is None:
        return
    with reporter.phase("transactions", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "transaction:"):
            bought = await judged(maker, target, streams)
            companies = await _companies_of(maker, bought)
            made: list[Made] = []
            for one in bought:
                merged = merge(one.rows, maker.prepared.words)
                made.append(_transaction(maker, target, one, merged, companies.get(one.person or "")))
                affiliates.see(merged, refs_of(one.bodies))
            await maker.append(made)
            advance(len(streams))


async def make_subscriptions(maker: Maker, files: Sequence[str] | None, reporter: Reporter) -> None:
    """Map the subscriptions that some files speak of, or all."""
    target = target_of(maker.config, "subscriptions")
    if target is None:
        return
    with reporter.phase("subscriptions", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "subscription:", files):
            bought = await judged(maker, target, streams)
            await maker.append([_plain(maker, target, one) for one in bought])
            advance(len(streams))


async def make_bookings(maker: Maker, files: Sequence[str] | None, reporter: Reporter) -> None:
    """Map the bookings that some files speak of, or all. What is before their newest export is done."""
    target = target_of(maker.config, "bookings")
    clock = await work.newest_export(maker.ledger.reader, "bookings")
    if target is None or clock is None:
        return
    moment = datetime.fromisoformat(clock).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    with reporter.phase("bookings", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "booking:", files):
            bought = await judged(maker, target, streams)
            await maker.append([made for one in bought for made in _booking(maker, target, one, moment)])
            advance(len(streams))


async def judged(maker: Maker, target: Target, streams: Iterable[Sequence[SourceBody]]) -> list[Bought]:
    """What can become a record of some streams; rows that cannot are held, and those that can again are released."""
    found = [(bodies, [source_row(body) for body in bodies]) for bodies in streams]
    buyers = [[buyer_of(row) for row in rows] for _, rows in found]
    people = await people_of(maker, [buyer for some in buyers for buyer in some if buyer])
    verdicts: list[tuple[SourceBody, Fault | None]] = []
    bought: list[Bought] = []
    for (bodies, rows), named in zip(found, buyers, strict=True):
        faults = [fault_of(rows, at, maker.config) or _unknown(named[at], people) for at in range(len(rows))]
        verdicts += zip(bodies, faults, strict=True)
        good = [at for at, fault in enumerate(faults) if fault is None]
        if good:
            person = next((people[buyer] for at in reversed(good) if (buyer := named[at])), None)
            bought.append(Bought([bodies[at] for at in good], [rows[at] for at in good], person))
    await maker.judge(target.object, verdicts)
    return bought


def _unknown(buyer: Buyer | None, people: Mapping[Buyer, str]) -> Fault | None:
    if buyer is None or buyer in people:
        return None
    return Fault(reason="buyer_unknown", column=buyer.column, detail="whom it names is in no contacts export")


async def _companies_of(maker: Maker, bought: Sequence[Bought]) -> dict[str, str]:
    """Person's stream → her company's."""
    people = {one.person for one in bought if one.person is not None}
    return await work.link_targets(maker.ledger.reader, "person", "companyId", people)


def _transaction(maker: Maker, target: Target, one: Bought, merged: Merged, company: str | None) -> Made:
    config, words = maker.config, maker.prepared.words
    column = config.opportunity.company if config.opportunity else None
    named = company_of(merged, column, maker.prepared.companies)
    link = maker.company_link(named, refs_of(one.bodies)) if named is not None else None
    where = company or (link.source_key if link else None)
    record = sale(target, one.stream, merged, config, words, person=one.person, company=where)
    return Made(record, refs_of(one.bodies))


def _plain(maker: Maker, target: Target, one: Bought) -> Made:
    words = maker.prepared.words
    record = sale(target, one.stream, merge(one.rows, words), maker.config, words, person=one.person)
    return Made(record, refs_of(one.bodies))


def _booking(maker: Maker, target: Target, one: Bought, moment: str) -> list[Made]:
    words = maker.prepared.words
    made = tasks(target, one.stream, one.rows, maker.config, words, moment=moment, person=one.person)
    return [Made(record, refs_of(one.bodies)) for record in made]
