"""Write a sample: every file, oldest first, and the truth at the end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from adapters.kartra.sample.affiliates import Affiliates
from adapters.kartra.sample.bookings import write_bookings
from adapters.kartra.sample.buyers import Buyers
from adapters.kartra.sample.contacts import ContactsExports
from adapters.kartra.sample.folder import Folder
from adapters.kartra.sample.leads import write_leads
from adapters.kartra.sample.own_fields import description
from adapters.kartra.sample.people import Contact
from adapters.kartra.sample.subscriptions import write_subscriptions
from adapters.kartra.sample.transactions import write_transactions
from adapters.kartra.sample.truth import truth_of

_CONTACTS_A_COMPANY = 10
_CONTACTS_A_SUBSCRIPTION = 4
_CONTACTS_A_BOOKING = 8
_FEWEST = 20
_FEWEST_TRANSACTIONS = 60
"""Of the smallest account, where nothing is said: enough for every accident."""

_STRANGER = b'Ticket,Department,Subject\n1,Billing,"Where is my invoice?"\n2,Support,Login\n'


class SampleSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What was written, and what must come of it.

    `files` are (name, data rows), `kinds` file → kind. Then the records of every object, and the rows that become
    none: those to be held, and those that are history.
    """

    folder: Path
    files: tuple[tuple[str, int], ...]
    kinds: dict[str, str]
    contacts: int
    people: int
    companies: int
    opportunities: int
    subscriptions: int
    affiliates: int
    tasks: int
    notes: int
    held: int
    set_aside: int


def write_sample(
    out: Path,
    contacts: int,
    seed: int,
    *,
    dirty: bool = True,
    companies: int | None = None,
    transactions: int | None = None,
    everything: bool = False,
) -> SampleSummary:
    """Write Kartra exports of `contacts` made-up contacts and `truth.json` into `out`, the same for the same arguments.

    A dirty sample is five overlapping exports with every accident of kartra.md. A clean one is one export, a row a
    contact, with exactly `companies` companies. `companies` is a tenth of the contacts where nothing is said.

    With `everything` there are also transactions, subscriptions, bookings, affiliates and, in a dirty sample, answers
    of the API about leads. `transactions` says how many are made up, three for every two contacts where nothing is
    said; alone, it adds transactions to the contacts. Of a clean sample each is one row and one opportunity.

    Raises ValueError for counts that cannot be: no contacts, more companies than contacts, transactions below zero.
    """
    named = contacts // _CONTACTS_A_COMPANY if companies is None else companies
    if contacts < 1 or not 0 <= named <= contacts:
        raise ValueError(f"{contacts} contacts with {named} companies cannot be: use 1 or more, and no more companies")
    if transactions is not None and transactions < 0:
        raise ValueError(f"{transactions} transactions cannot be: use 0 or more")
    out.mkdir(parents=True, exist_ok=True)
    folder = Folder(out, f"{seed}/{contacts}/{dirty}/{named}")
    with _collector_paused():
        people = _write(folder, contacts, named, transactions, dirty=dirty, everything=everything)
        truth = truth_of(folder, people, {"seed": seed, "contacts": contacts})
        (out / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1))
        return _summary(folder, contacts, truth)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Millions of cells are made and none is in a cycle: to look for cycles takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _write(
    folder: Folder, contacts: int, companies: int, transactions: int | None, *, dirty: bool, everything: bool
) -> list[Contact]:
    """Write every file; return everybody it is about."""
    exports = ContactsExports(folder, contacts, companies, dirty=dirty)
    exports.write()
    people = exports.everyone
    if everything and dirty:
        people = [*people, *write_leads(folder, people, companies)]
    if not everything and transactions is None:
        return people
    buyers = Buyers(people, folder.books, dirty=dirty)
    affiliates = Affiliates(folder, people, dirty=dirty) if everything else None
    count = max(_FEWEST_TRANSACTIONS, contacts * 3 // 2) if transactions is None else transactions
    write_transactions(folder, count, buyers, affiliates, dirty=dirty)
    if affiliates is not None:
        write_subscriptions(folder, max(_FEWEST, contacts // _CONTACTS_A_SUBSCRIPTION), buyers, dirty=dirty)
        write_bookings(folder, max(_FEWEST, contacts // _CONTACTS_A_BOOKING), buyers, dirty=dirty)
        affiliates.write()
        folder.add("custom_fields.json", msgspec.json.encode(description()), age=0)
        folder.add("helpdesk_tickets.csv", _STRANGER, age=0)
    return people


def _summary(folder: Folder, contacts: int, truth: dict[str, Any]) -> SampleSummary:
    counted = ("people", "companies", "opportunities", "subscriptions", "affiliates", "tasks", "notes", "held")
    return SampleSummary(
        folder=folder.path,
        files=tuple((file.name, file.rows) for file in folder.files),
        kinds={file.name: file.kind for file in folder.files},
        contacts=contacts,
        set_aside=len(truth["set_aside"]),
        **{name: len(truth[name]) for name in counted},
    )
