"""Affiliates: those of the affiliates export, those only sales name, and those of whom nothing must come."""

from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from adapters.kartra.sample.amounts import plain
from adapters.kartra.sample.awkward import write_malformed
from adapters.kartra.sample.books import Fate, Row
from adapters.kartra.sample.cells import Cell, sentinel, text
from adapters.kartra.sample.folder import Folder, file_name
from adapters.kartra.sample.goods import MICROS
from adapters.kartra.sample.layouts import ExportFile, Layout
from adapters.kartra.sample.people import Contact

_AGE = 13
_FEWEST = 8
_CONTACTS_AN_AFFILIATE = 100
_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Affiliate": "affiliate",
        "Username": "username",
        "Email": "email",
        "Status": "status",
        "Products": "products",
        "Earned": "earned",
        "Reserve": "reserve",
        "Due": "due",
        "Paid": "paid",
        "Joined": "joined",
    }
)
_LAYOUT = Layout("affiliates", _HEADERS, kind="affiliates")
_NO_NAME = Fate(held="identity_missing", column="username")


class Part(NamedTuple):
    """What part an affiliate plays: in the export or not, named by sales of which currencies, by failed ones only."""

    exported: bool
    currencies: tuple[str, ...] = ()
    failed: bool = False
    is_contact: bool = False
    is_bare: bool = False


_PARTS = (
    Part(exported=True, currencies=("USD", "EUR")),
    Part(exported=True, currencies=("USD",), is_contact=True),
    Part(exported=True, is_bare=True),
    Part(exported=False, currencies=("USD",)),
    Part(exported=False, currencies=("USD", "EUR")),
    Part(exported=False, failed=True),
    Part(exported=True, is_contact=True),
    Part(exported=False, currencies=("USD",), is_contact=True),
)
_PLAIN_PART = Part(exported=True, currencies=("USD",))


class Affiliate(NamedTuple):
    """An affiliate: user name, name and e-mail as sales have them."""

    username: str
    name: str
    email: str
    part: Part


class Affiliates:
    """The account's affiliates, and who of them a sale can name."""

    def __init__(self, folder: Folder, contacts: Sequence[Contact], *, dirty: bool) -> None:
        self._folder = folder
        self._dirty = dirty
        count = max(_FEWEST, len(contacts) // _CONTACTS_AN_AFFILIATE)
        self.everyone = [_affiliate(index, contacts, dirty=dirty) for index in range(count)]
        self._sellers = {
            currency: [one for one in self.everyone if currency in one.part.currencies] for currency in ("USD", "EUR")
        }
        self._failed = [one for one in self.everyone if one.part.failed]

    def of_sale(self, random: Random, currency: str) -> Affiliate | None:
        """Who is named on a transaction that may move money; mostly nobody."""
        return random.choice(self._sellers[currency]) if random.random() < 0.3 else None

    def of_failure(self, random: Random) -> Affiliate | None:
        """Who is named on a transaction that moves none: somebody no other names."""
        return random.choice(self._failed) if self._failed and random.random() < 0.5 else None

    def write(self) -> None:
        """Write the affiliates export."""
        random = self._folder.random("affiliates")
        file = ExportFile(_LAYOUT, file_name(_LAYOUT.word, _AGE))
        for one in self.everyone:
            if one.part.exported:
                made = _row(one, random, dirty=self._dirty)
                self._folder.books.enter(file, file.row(made), affiliate_stream(one), made)
        if self._dirty:
            self._have_accidents(file, random)
        self._folder.save(file, _AGE)

    def _have_accidents(self, file: ExportFile, random: Random) -> None:
        books = self._folder.books
        again, *_ = self.everyone
        made = _row(again, random, dirty=False)
        books.enter(file, file.row(made), affiliate_stream(again), made)
        for nameless in (
            made | {"username": Cell(""), "affiliate": text("Nobody Known")},
            made | {"username": Cell("N/A")},
        ):
            books.enter(file, file.row(nameless), "", nameless, _NO_NAME)
        file.blank()
        books.held.append(write_malformed(file, made, random, 1))


def affiliate_stream(one: Affiliate) -> str:
    """The stream of an affiliate's rows in the books."""
    return f"affiliate:{one.username}"


def _affiliate(index: int, contacts: Sequence[Contact], *, dirty: bool) -> Affiliate:
    part = _PARTS[index % len(_PARTS)] if dirty else _PLAIN_PART
    contact = contacts[index % len(contacts)] if part.is_contact else None
    username = f"partner{index}"
    if part.is_bare:
        return Affiliate(username, username, "", part)
    email = contact.email if contact else f"{username}@example.net"
    return Affiliate(username, f'Müller, Änne "{index}"', email, part)


def _row(one: Affiliate, random: Random, *, dirty: bool) -> Row:
    shown = random.choice((one.username.upper(), f" {one.username.title()} ")) if dirty else one.username
    micros = [random.randrange(2_000_000) * MICROS // 100 for _ in range(3)]
    earned, due, paid = (_money(random, each, dirty=dirty) for each in micros)
    bare = one.part.is_bare
    return {
        "affiliate": Cell("", blank=True) if bare else text(one.name),
        "username": Cell(shown, shown.strip()),
        "email": _email(one, dirty=dirty),
        "status": _status(random, dirty=dirty),
        "products": text(str(random.randrange(5))),
        "earned": sentinel(random) if bare else earned,
        "reserve": text("$23.28"),
        "due": sentinel(random) if bare else due,
        "paid": paid,
        "joined": text("06/01/2025"),
    }


def _email(one: Affiliate, *, dirty: bool) -> Cell:
    if not one.email:
        return Cell("none of yours")
    return Cell(one.email.upper() if dirty else one.email, one.email)


def _money(random: Random, micros: int, *, dirty: bool) -> Cell:
    """An amount in the account's currency; it means (micros, currency)."""
    grouped = f"{micros // MICROS:,}{plain(micros)[-3:]}"
    zero = Cell("0", (0, "USD"))
    if not dirty:
        return Cell(plain(micros), (micros, "USD"))
    return random.choice((Cell(plain(micros), (micros, "USD")), Cell(f"${grouped}", (micros, "USD")), zero))


def _status(random: Random, *, dirty: bool) -> Cell:
    value = random.choice(("Approved", "Approved", "Pending", "Declined"))
    return Cell(value.lower() if dirty and random.random() < 0.2 else value, value.upper())
