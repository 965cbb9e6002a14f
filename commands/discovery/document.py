"""The audit as a document: what `--json` prints, and what every rendering is made from.

Money is in micros (millionths of the currency's unit), never a float. Rows are pointed at by file and line, and nobody
is named: tags, lists, companies, products, calendars and sequences are quoted, people and affiliates are counted.
"""

from collections import Counter
from typing import Literal

import msgspec

Verdict = Literal["migrates", "rebuild", "lost"]
"""What becomes of a thing: it is moved, a person has to make it anew, or nobody can bring it back."""


class Count(msgspec.Struct, frozen=True):
    """How often a name occurs."""

    name: str
    count: int


def commonest(counts: Counter[str]) -> tuple[Count, ...]:
    """Names with their counts, the commonest first, then by the alphabet."""
    return tuple(Count(name, count) for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


class Sum(msgspec.Struct, frozen=True, kw_only=True):
    """Amounts of one currency, added up exactly."""

    name: str
    currency: str
    count: int
    micros: int


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Physical lines of one file, the header being 1."""

    file: str
    lines: tuple[int, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that share a reason. `places` lists the first of them; `audit-rows.csv` has all."""

    reason: str
    kind: str
    count: int
    places: tuple[Lines, ...]


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One export: rows = taken + held + set aside. `separators` says how several names in a cell were told apart."""

    name: str
    kind: str
    exported_at: str
    bytes: int
    rows: int
    held: int
    set_aside: int
    reasons: tuple[Count, ...]
    separators: dict[str, str]


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is not read, and why."""

    name: str
    code: str
    reason: str


class Contacts(msgspec.Struct, frozen=True, kw_only=True):
    """From rows to people: rows = held + placed; placed = clean + repeated.

    `to_review` counts contacts, each once; in `review` one contact may stand under several reasons.
    """

    rows: int
    held: int
    placed: int
    clean: int
    repeated: int
    in_several_files: int
    repeated_in_a_file: int
    without_number: int
    with_notes: int
    gdpr: tuple[Count, ...]
    may_contact: tuple[Count, ...]
    to_review: int
    review: tuple[Found, ...]
    joined: tuple[Count, ...]


class Stale(msgspec.Struct, frozen=True, kw_only=True):
    """Contacts who joined before a day and of whom no export has a later sale, subscription or booking."""

    before: str
    count: int
    of: int
    joined_unknown: int
    places: tuple[Lines, ...]


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: how often it is filled, how many values it has, what they look like, and where it goes.

    `distinct` stops at a bound (`distinct_more`). `shape` is the commonest form of a value, letters as `abc` and digits
    as `9`. `home` names the field in Twenty by default; empty where there is none and the values stay in the ledger.
    `kartra_type` is what the account's own description says of a field, empty where there is none.
    """

    kind: str
    name: str
    filled: int
    of: int
    distinct: int
    distinct_more: bool
    shape: str
    home: str
    kartra_type: str


class Taxonomy(msgspec.Struct, frozen=True, kw_only=True):
    """Tags or lists: names with the number of contacts that bear them, and spellings that differ in case alone."""

    distinct: int
    contacts: int
    names: tuple[Count, ...]
    once: int
    variants: tuple[tuple[str, ...], ...]
    unused: tuple[str, ...]


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """Tags that seem to record what somebody did, and what of that cannot be had any more."""

    family: str
    contacts: int
    tags: tuple[Count, ...]
    absent: str


class SpelledCompany(msgspec.Struct, frozen=True, kw_only=True):
    """One company in several spellings, made one."""

    name: str
    spellings: tuple[str, ...]


class Companies(msgspec.Struct, frozen=True, kw_only=True):
    """Company names: spellings become companies; `forms` and `near` may be one company each, and are not joined."""

    spellings: int
    companies: int
    contacts: int
    joined: tuple[SpelledCompany, ...]
    joined_count: int
    forms: tuple[tuple[str, ...], ...]
    forms_count: int
    near: tuple[tuple[str, str], ...]
    near_count: int


class Transactions(msgspec.Struct, frozen=True, kw_only=True):
    """Transactions by number: `moved` ones make opportunities; the others are held, or history that is set aside.

    `signs` counts rows whose amount had the other sign than its type.
    """

    moved: int
    without_buyer: int
    by_type: tuple[Sum, ...]
    by_year: dict[str, tuple[Sum, ...]]
    set_aside: tuple[Count, ...]
    attempted: tuple[Sum, ...]
    signs: int
    first: str
    last: str


class Subscriptions(msgspec.Struct, frozen=True, kw_only=True):
    """Subscriptions by number, and what their next payments come to."""

    count: int
    states: tuple[Count, ...]
    recurrences: tuple[Count, ...]
    next_payments: tuple[Sum, ...]


class Bookings(msgspec.Struct, frozen=True, kw_only=True):
    """Bookings by number; one may have several events, each of which makes a task."""

    count: int
    events: int
    states: tuple[Count, ...]
    calendars: tuple[Count, ...]


class Affiliates(msgspec.Struct, frozen=True, kw_only=True):
    """Affiliates by user name, of their own export and of the transactions together."""

    count: int
    exported: int
    states: tuple[Count, ...]
    sums: tuple[Sum, ...]


class Sequence(msgspec.Struct, frozen=True, kw_only=True):
    """A sequence by the contacts that are or were in it."""

    name: str
    active: int
    unsubscribed: int
    highest_step: str


class Engagement(msgspec.Struct, frozen=True, kw_only=True):
    """What answers about single leads tell: sequences and memberships. `answers` is how many there were."""

    answers: int
    sequences: tuple[Sequence, ...]
    named_only: tuple[str, ...]
    memberships: tuple[Count, ...]


class ScopeLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the written scope. `count` is None where nobody can know it from these files."""

    verdict: Verdict
    what: str
    count: int | None
    where: str
    reason: str


class Audit(msgspec.Struct, frozen=True, kw_only=True):
    """Everything found. Times are UTC; `newest_export` is the clock of the newest file."""

    folder: str
    audited_at: str
    newest_export: str
    files: tuple[File, ...]
    left: tuple[Left, ...]
    descriptions: tuple[str, ...]
    problems: tuple[Found, ...]
    contacts: Contacts
    stale: Stale
    columns: tuple[Column, ...]
    tags: Taxonomy
    lists: Taxonomy
    behaviour: tuple[Behaviour, ...]
    companies: Companies
    transactions: Transactions
    subscriptions: Subscriptions
    bookings: Bookings
    affiliates: Affiliates
    engagement: Engagement
    scope: tuple[ScopeLine, ...] = ()
