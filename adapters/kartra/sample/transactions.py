"""The transactions exports: two that overlap, and one of a second currency; a single plain one of a clean account."""

from collections.abc import Iterator, Sequence
from random import Random

from adapters.kartra.sample import goods
from adapters.kartra.sample.affiliates import Affiliates
from adapters.kartra.sample.amounts import plain
from adapters.kartra.sample.awkward import write_malformed
from adapters.kartra.sample.books import LANDS, Fate, Row
from adapters.kartra.sample.buyers import Buyers
from adapters.kartra.sample.cells import Cell, sentinel
from adapters.kartra.sample.folder import Folder, file_name
from adapters.kartra.sample.goods import TYPE_WEIGHTS, TYPES, TypeFacts
from adapters.kartra.sample.layouts import ExportFile, Layout
from adapters.kartra.sample.transaction_rows import ACCIDENTS, Accident, Made, TransactionRows, headers

_KIND = "transactions"
_AGE = 6
_OLDER = Layout("report_all_transactions", headers("USD"), kind=_KIND)
_NEWER = Layout("last_quarter", headers("USD"), kind=_KIND, encoding="utf-8-sig", newline="\r\n")
_EURO = Layout("euro_sales", headers("EUR", "USD"), kind=_KIND, delimiter=";")
_SHARE_IN_EURO = 0.12
_SHARE_IN_OLDER = 0.65
_SHARE_REPEATED = 0.25
_SHARE_HELD = 0.05
_SHARE_MALFORMED = 0.01
_FEWEST_MALFORMED = 3

_Case = tuple[TypeFacts, Accident | None]


def write_transactions(
    folder: Folder, count: int, buyers: Buyers, affiliates: Affiliates | None, *, dirty: bool
) -> None:
    """Write `count` transactions: a row each in one file of a clean account, more rows in three of a dirty one."""
    random = folder.random(_KIND)
    rows = TransactionRows(random, buyers, affiliates, dirty=dirty)
    if not dirty:
        _write(folder, _OLDER, _AGE, [rows.make(serial, goods.SALE, "USD") for serial in range(count)])
        return
    euros = int(count * _SHARE_IN_EURO)
    made = [rows.make(serial, kind, "USD", spoil) for serial, (kind, spoil) in enumerate(_cases(random, count - euros))]
    cut = int(len(made) * _SHARE_IN_OLDER)
    _write(folder, _OLDER, _AGE, made[:cut], random)
    _write(folder, _NEWER, _AGE + 1, [*_repeated(made[:cut], random), *made[cut:]], random)
    in_euro = enumerate(_cases(random, euros), start=count - euros)
    spent = [_with_dollars(rows.make(serial, kind, "EUR", spoil), random, serial) for serial, (kind, spoil) in in_euro]
    _write(folder, _EURO, _AGE + 2, spent, random)


def _cases(random: Random, count: int) -> Sequence[_Case]:
    """What every transaction is: each type and accident once as far as they go, then by their shares."""
    once: list[_Case] = [(kind, None) for kind in TYPES]
    once += [(goods.SALE, accident) for accident in ACCIDENTS] + [(goods.FAILED, accident) for accident in ACCIDENTS]
    kinds = random.choices(TYPES, TYPE_WEIGHTS, k=max(0, count - len(once)))
    cases = [*once, *((kind, _accident(random)) for kind in kinds)][:count]
    random.shuffle(cases)
    return cases


def _accident(random: Random) -> Accident | None:
    return random.choice(ACCIDENTS) if random.random() < _SHARE_HELD else None


def _repeated(made: Sequence[Made], random: Random) -> Iterator[Made]:
    """Rows the newer file has again, some of them changed: the newest cell that is not empty counts."""
    for one in made:
        if one.fate.held is None and random.random() < _SHARE_REPEATED:
            yield one._replace(row={**one.row, **random.choice(_CHANGES)})


_CHANGES: tuple[Row, ...] = (
    {},
    {"product": Cell("Course A (2026)", "Course A (2026)")},
    {"coupon_code": Cell("N/A", blank=True), "product": Cell("-", blank=True)},
    {"processor": Cell("Square", "Square"), "tracking_link": Cell("news, April")},
)


def _with_dollars(made: Made, random: Random, serial: int) -> Made:
    """A row of the file that has amounts in two currencies: the one that is not zero counts, two are one too many."""
    zero = Cell(random.choice(("", "N/A")), blank=True)
    row = {**made.row, "amount:USD": zero}
    written = row["amount:EUR"]
    if made.fate != LANDS or not written.meaning or serial % 4:
        return made._replace(row=row)
    dollars = Cell(plain(written.meaning), written.meaning)
    if serial % 8 == 0:
        return made._replace(row={**row, "amount:EUR": Cell("0,00", 0), "amount:USD": dollars})
    spoiled = {**row, "amount:USD": dollars, "buyer_company": zero, "affiliate_username": sentinel(random)}
    return made._replace(row=spoiled, fate=Fate(held="amount_invalid", column="amount"))


def _write(folder: Folder, layout: Layout, age: int, made: Sequence[Made], random: Random | None = None) -> None:
    if not made:
        return
    file = ExportFile(layout, file_name(layout.word, age))
    for one in made:
        row, stream, fate = one
        folder.books.enter(file, file.row(row), stream, row, fate)
        # Where a quote is left open only the next whole row tells what is lost, so one follows.
        if random is not None and random.random() < _SHARE_MALFORMED and one is not made[-1]:
            file.blank()
            folder.books.held.append(write_malformed(file, row, random, len(folder.books.held)))
    if random is not None:
        held = [write_malformed(file, made[-1].row, random, serial) for serial in range(_FEWEST_MALFORMED)]
        folder.books.held += held
    folder.save(file, age)
