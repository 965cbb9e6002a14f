"""Affiliates: those of the affiliates export and those that moved transactions name, together, by user name."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import msgspec

from adapters.mapping import Fields, Merged, Target, buyer_of, merge, sale, target_of
from adapters.mapping.intake import personal_key
from adapters.mapping.money import amount_of
from adapters.mapping.transactions import signed, transaction_type
from adapters.mapping.types import SourceRow
from commands.making.buyers import Named, people_of
from commands.making.maker import Made, Maker, refs_of
from commands.making.prepared import source_row
from commands.reporting import Reporter
from ledger import work
from ledger.rows import SourceBody

_MICROS = 1_000_000
_NOW = 2**63 - 1
"""Behind every event: an e-mail that only sales name is whoever's it is now."""
_COLUMNS: Mapping[str, str] = {
    "affiliate_name": "affiliate",
    "affiliate_username": "username",
    "affiliate_email": "email",
}
"""What a transaction says of its affiliate, under the names of the affiliates export."""


class Seen(msgspec.Struct):
    """An affiliate as transactions tell: the newest words, where they stand, and earnings in micros by currency.

    `rows` are the numbers of all of them.
    """

    cells: dict[str, str]
    file: str
    line: int
    rows: "array[int]"
    earned: dict[str, int]


class Affiliates:
    """The affiliates that moved transactions name, by the key of their user name."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self.seen: dict[str, Seen] = {}

    def see(self, merged: Merged, rows: Iterable[int]) -> None:
        """Take in a transaction, of the rows of these numbers."""
        key = personal_key(merged.cells.get("affiliate_username", ""))
        if not key:
            return
        file, line = merged.rows[-1]
        one = self.seen.setdefault(key, Seen({}, file, line, array("Q"), {}))
        one.cells |= {name: merged.cells[column] for column, name in _COLUMNS.items() if column in merged.cells}
        one.file, one.line = file, line
        one.rows.extend(rows)
        self._earn(one, merged)

    def _earn(self, one: Seen, merged: Merged) -> None:
        kind = transaction_type(merged.cells.get("transaction_type"))
        read = amount_of(merged.cells, "affiliate_revenue", self._currency).value
        money = signed(read, kind).value if read and kind else None
        if money is not None and money.micros:
            one.earned[money.currency] = one.earned.get(money.currency, 0) + money.micros


async def make_affiliates(maker: Maker, affiliates: Affiliates, reporter: Reporter) -> None:
    """Map every affiliate there is."""
    target = target_of(maker.config, "affiliates")
    if target is None:
        await maker.unmake("affiliate:")
        return
    fields = maker.fields(target)
    named = {maker.private("affiliate", key): one for key, one in affiliates.seen.items()}
    seen = {stream: one for stream, one in named.items() if stream not in maker.prepared.erased}
    with reporter.phase("affiliates", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "affiliate:"):
            page = {bodies[0].source_key: bodies for bodies in streams}
            await _make(maker, target, fields, {stream: (seen.pop(stream, None), page[stream]) for stream in page})
            advance(len(streams))
        await _make(maker, target, fields, {stream: (one, []) for stream, one in seen.items()})
        advance(len(seen))


async def _make(
    maker: Maker, target: Target, fields: Fields, page: Mapping[str, tuple[Seen | None, Sequence[SourceBody]]]
) -> None:
    merged = {stream: _merged(maker, one, bodies) for stream, (one, bodies) in page.items()}
    buyers = {stream: _named(page[stream][1], one) for stream, one in merged.items()}
    people = await people_of(maker, [buyer for buyer in buyers.values() if buyer])
    made = []
    for stream, (one, bodies) in page.items():
        buyer = buyers[stream]
        person = people.get(buyer) if buyer else None
        record = sale(target, fields, stream, merged[stream], person=person)
        made.append(Made(record, _sources(maker, one, bodies)))
    await maker.replace(page, made)
    maker.derive(target.object, page)


def _named(bodies: Sequence[SourceBody], merged: Merged) -> Named | None:
    """Whom an affiliate is, and where its own rows said so first."""
    buyer = buyer_of(_row(merged.cells))
    return None if buyer is None else (buyer, min((body.position for body in bodies), default=_NOW))


def _merged(maker: Maker, one: Seen | None, bodies: Sequence[SourceBody]) -> Merged:
    """The words of the transactions, and over them those of the affiliates export."""
    rows = [source_row(body) for body in bodies]
    if one is None:
        return merge(rows, maker.prepared.words)
    earned = {} if rows else _earned(one)
    told = _row(one.cells | earned, one.file, one.line)
    return merge([told, *rows], maker.prepared.words)


def _earned(one: Seen) -> dict[str, str]:
    """What it earned, where the affiliates export does not say: the sum, if it is in one currency."""
    if len(one.earned) != 1:
        return {}
    [(currency, micros)] = one.earned.items()
    return {f"earned:{currency}": str(Decimal(micros) / _MICROS)}


def _row(cells: Mapping[str, str], file: str = "", line: int = 0) -> SourceRow:
    return SourceRow(kind="affiliates", file=file, line=line, cells=cells)


def _sources(maker: Maker, one: Seen | None, bodies: Sequence[SourceBody]) -> tuple[str, ...]:
    """All rows a sum was made of; of those that only name it beside its own row, the first."""
    named = () if one is None else maker.numbered.refs(one.rows[:1] if bodies else one.rows)
    return (*refs_of(bodies), *named)
