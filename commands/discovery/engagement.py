"""Bookings, affiliates, sequences and memberships: counted by what they are, never by whom they are about."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from adapters.mapping.bookings import events_of
from adapters.mapping.config import MappingConfig
from adapters.mapping.dates import date_time
from adapters.mapping.money import amount_of
from adapters.mapping.statuses import status_text
from adapters.mapping.text import clean, fold, one_line, present
from adapters.mapping.types import SourceRow
from commands.discovery.document import Affiliates, Bookings, Engagement, Sequence, commonest
from commands.discovery.people import Contact
from commands.discovery.sales import UNSAID, Sums

T = TypeVar("T")

_ANY_ZONE = ZoneInfo("UTC")  # minutes are only compared with one another
_MINUTE, _DAY = len("2026-03-11T09:00"), len("2026-03-11")
_EARNINGS = ("earned", "reserve", "due", "paid")
_ACTIVE = frozenset({"active", "1"})


class Calendars:
    """Every booking of the files, by number."""

    def __init__(self, config: MappingConfig) -> None:
        self._slashes = config.source.slash_dates
        self._states: dict[str, str] = {}
        self._calendars: dict[str, str] = {}
        self._events: dict[str, set[str]] = {}

    def add(self, stream: str, row: SourceRow) -> str:
        """Take in a row, and return the day of its last event, empty where it names none."""
        cells = row.cells
        state = status_text(cells.get("calendar_subscription_status"))
        self._states[stream] = state or self._states.get(stream, UNSAID)
        calendar = clean(cells["calendar_name"]).value if "calendar_name" in cells else None
        if calendar:
            self._calendars[stream] = one_line(calendar)
        moments = {self._moment(event.date_text) for event in events_of(cells)} - {""}
        self._events.setdefault(stream, set()).update(moments)
        return max(moments, default="")[:_DAY]

    def _moment(self, text: str | None) -> str:
        """The minute on the calendar's clock, however it is written; empty where there is none."""
        return (date_time(text, _ANY_ZONE, self._slashes).value or "")[:_MINUTE]

    def knows(self, stream: str) -> bool:
        """Whether any row told when a booking is."""
        return bool(self._events.get(stream))

    def bookings(self) -> Bookings:
        """The bookings of the document."""
        return Bookings(
            count=len(self._states),
            events=sum(map(len, self._events.values())),
            states=commonest(Counter(self._states.values())),
            calendars=commonest(Counter(self._calendars.get(stream, UNSAID) for stream in self._states)),
        )


class Partners:
    """Every affiliate, by user name without case."""

    def __init__(self, config: MappingConfig) -> None:
        self._currency = config.source.currency
        self._names: set[str] = set()
        self._rows: dict[str, SourceRow] = {}

    def name(self, username: str | None) -> None:
        """Take in an affiliate that a transaction names."""
        text = present(username)
        if text:
            self._names.add(fold(one_line(text)))

    def add(self, stream: str, row: SourceRow) -> None:
        """Take in a row of the affiliates export, whose stream is `affiliate:<user name>`; the newest counts."""
        name = stream.partition(":")[2]
        self._names.add(name)
        self._rows[name] = row

    def affiliates(self) -> Affiliates:
        """The affiliates of the document."""
        sums = Sums()
        for row in self._rows.values():
            for base in _EARNINGS:
                money = amount_of(row.cells, base, self._currency).value
                if money is not None:
                    sums.add(base, money)
        states = (status_text(row.cells.get("status")) or UNSAID for row in self._rows.values())
        return Affiliates(
            count=len(self._names),
            exported=len(self._rows),
            states=commonest(Counter(states)),
            sums=sums.sums(_EARNINGS),
        )


class _InSequence(msgspec.Struct, frozen=True):
    name: str = ""
    step: str = ""
    status: str = ""


class _InMembership(msgspec.Struct, frozen=True):
    name: str = ""
    level: str = ""
    active: str = ""


class _Answer(NamedTuple):
    sequences: tuple[_InSequence, ...]
    memberships: tuple[_InMembership, ...]


class Answers:
    """What answers about single leads say of sequences and memberships; of one contact the newest counts."""

    def __init__(self) -> None:
        self._by_contact: dict[int, _Answer] = {}
        self._sequences = msgspec.json.Decoder(tuple[_InSequence, ...], strict=False)
        self._memberships = msgspec.json.Decoder(tuple[_InMembership, ...], strict=False)

    def add(self, contact: Contact, row: SourceRow) -> None:
        """Take in an answer about a contact."""
        self._by_contact[id(contact)] = _Answer(
            _decoded(self._sequences, row.cells.get("sequences")),
            _decoded(self._memberships, row.cells.get("memberships")),
        )

    def engagement(self, declared: Iterable[str]) -> Engagement:
        """The engagement of the document. `declared` are the sequences the account says it has."""
        active: Counter[str] = Counter()
        left: Counter[str] = Counter()
        highest: dict[str, str] = {}
        for answer in self._by_contact.values():
            for entry in {entry.name: entry for entry in answer.sequences if entry.name}.values():
                (active if entry.status.lower() in _ACTIVE else left)[entry.name] += 1
                highest[entry.name] = max(highest.get(entry.name, ""), entry.step, key=_step)
        names = sorted({*active, *left}, key=lambda name: (-active[name], name))
        return Engagement(
            answers=len(self._by_contact),
            sequences=tuple(
                Sequence(name=name, active=active[name], unsubscribed=left[name], highest_step=highest[name])
                for name in names
            ),
            named_only=tuple(sorted(set(declared) - set(names))),
            memberships=commonest(self._memberships_by_level()),
        )

    def _memberships_by_level(self) -> Counter[str]:
        levels = (
            {
                f"{entry.name} – {entry.level}".strip(" –")
                for entry in answer.memberships
                if entry.active.lower() in _ACTIVE
            }
            for answer in self._by_contact.values()
        )
        return Counter(level for of_contact in levels for level in of_contact)


def _decoded(decoder: msgspec.json.Decoder[tuple[T, ...]], cell: str | None) -> tuple[T, ...]:
    """The entries of a cell that the reader wrote as JSON; a column of the account's own may have taken its name."""
    try:
        return decoder.decode(cell) if cell else ()
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return ()


def _step(step: str) -> tuple[int, str]:
    """Steps are numbers of boxes, sometimes with letters: 10 comes after 9."""
    digits = "".join(character for character in step if character.isdecimal())
    return int(digits[:9]) if digits else -1, step
