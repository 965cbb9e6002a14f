"""Read every file of a folder, row by row, and show each row to the collectors it concerns.

Contacts files are read twice (who a row is about depends on all of them, see `adapters.kartra.identity`), the others
once. What is kept grows with the number of contacts and of records, never with the length of a row.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from adapters.kartra import Export, read
from adapters.mapping import KINDS, Key, buyer_of, fault_of, key_of, set_aside
from adapters.mapping.config import MappingConfig
from adapters.mapping.text import present
from adapters.mapping.types import RowProblem, SourceRow
from commands.discovery.columns import Profile
from commands.discovery.companies import CompanyNames
from commands.discovery.engagement import Answers, Calendars, Partners
from commands.discovery.marks import Marks, Place, Tally
from commands.discovery.names import Names, Separators
from commands.discovery.people import NAME_COLUMNS, Contact, People
from commands.discovery.sales import Agreements, Sales

CONTACTS = "contacts"

Tick = Callable[[int], None]
"""Told how many rows were read since the last time; may raise to stop the reading."""

_TICK = 500
_RUNNING = frozenset({"active", "paused", "pending cancellation"})
_ALWAYS = "9999-12-31"


def kind_of(export: Export) -> str:
    """The kind a file is counted under: answers about leads are contacts."""
    return KINDS.get(export.kind, export.kind)


class Reading:
    """The collectors, and the order rows are shown to them in."""

    def __init__(self, exports: tuple[Export, ...], config: MappingConfig, tick: Tick) -> None:
        self._exports = exports
        self._config = config
        self._tick = tick
        self.files = tuple(export.name for export in exports)
        self.tallies = [Tally() for _ in exports]
        self.problems = Marks(self.files)
        self.people = People(config)
        self.separators = Separators(config)
        self.names = {column: Names(column, config) for column in NAME_COLUMNS}
        self.profiles: dict[tuple[str, str], Profile] = {}
        self.looked_at: Counter[str] = Counter()
        self.bits: dict[str, int] = {}
        self.companies = CompanyNames()
        self.sales = Sales(config)
        self.agreements = Agreements(config)
        self.calendars = Calendars(config)
        self.partners = Partners(config)
        self.answers = Answers()
        self._eventless: list[tuple[str, SourceRow, Place]] = []

    def run(self) -> None:
        """Contacts first, since everything else names them. Raises ExportUnreadable, and whatever `tick` does."""
        of_contacts = [at for at, export in enumerate(self._exports) if kind_of(export) == CONTACTS]
        for at in of_contacts:
            self._observe(at)
        for at in of_contacts:
            self._place(at)
        for at in range(len(self._exports)):
            if at not in of_contacts:
                self._take_all(at)
        self._settle_eventless()

    def _observe(self, at: int) -> None:
        for row in self._rows(at):
            if isinstance(row, SourceRow):
                self.people.observe(row)
                for column in NAME_COLUMNS:
                    if column in row.cells:
                        self.separators.observe(column, row.file, row.cells[column])

    def _place(self, at: int) -> None:
        separators = {column: self.separators.of(column, self.files[at]) for column in NAME_COLUMNS}
        for row in self._counted(at):
            contact, reason = self.people.place(row, (at, row.line))
            if contact is None:
                self._hold(at, row, reason or "identity_missing")
                continue
            for column, separator in separators.items():
                if column in row.cells:
                    contact.bears(column, self.names[column].numbers(row.cells[column], separator))
            self._profile_contact(contact, row)
            if row.kind == "lead_details":
                self.answers.add(contact, row)

    def _profile_contact(self, contact: Contact, row: SourceRow) -> None:
        for column, cell in row.cells.items():
            text = present(cell)
            if text is None:
                continue
            contact.columns |= 1 << self.bits.setdefault(column, len(self.bits))
            self._profile(CONTACTS, column).add(text)
            if column == self._config.person.company:
                self.companies.add(cell)

    def _profile_row(self, row: SourceRow) -> None:
        self.looked_at[row.kind] += 1
        for column, cell in row.cells.items():
            text = present(cell)
            if text is not None:
                self._profile(row.kind, column).add(text)

    def _profile(self, kind: str, column: str) -> Profile:
        profile = self.profiles.get((kind, column))
        if profile is None:
            profile = self.profiles[kind, column] = Profile()
        return profile

    def _take_all(self, at: int) -> None:
        for row in self._counted(at):
            reason = set_aside(row)
            if reason is not None:
                self._set_aside(at, row, reason)
                continue
            self._profile_row(row)
            key = key_of(row)
            if isinstance(key, Key):
                self._judge(at, row, f"{key.stream}:{key.value}")
            else:
                self._hold(at, row, key.reason)

    def _judge(self, at: int, row: SourceRow, stream: str) -> None:
        fault = fault_of([row], 0, self._config)
        if fault is not None and row.kind == "bookings" and "event_date" not in row.cells and "events" not in row.cells:
            self._eventless.append((stream, row, (at, row.line)))
        elif fault is not None:
            self._hold(at, row, fault.reason)
        else:
            self._take_known(at, row, stream)

    def _take_known(self, at: int, row: SourceRow, stream: str) -> None:
        """A row that says enough; its buyer decides. An affiliate need not be a contact."""
        buyer = buyer_of(row)
        contact = self.people.find(buyer) if buyer else None
        if buyer is not None and contact is None and row.kind != "affiliates":
            self._hold(at, row, "buyer_unknown")
            return
        day = self._take(row, stream, contact)
        if contact is not None:
            contact.active = max(contact.active, day)

    def _take(self, row: SourceRow, stream: str, contact: Contact | None) -> str:
        """Show a row to the collector of its kind; return the last day it tells of."""
        match row.kind:
            case "transactions":
                self.partners.name(row.cells.get("affiliate_username"))
                self._name_company(row)
                return self.sales.add(stream, row, has_buyer=contact is not None)
            case "subscriptions":
                self.agreements.add(stream, row)
                return _ALWAYS if (row.cells.get("status") or "").strip().lower() in _RUNNING else ""
            case "bookings":
                return self.calendars.add(stream, row)
            case _:
                self.partners.add(stream, row)
                return ""

    def _name_company(self, row: SourceRow) -> None:
        column = self._config.opportunity.company if self._config.opportunity else None
        if column and present(row.cells.get(column)):
            self.companies.add(row.cells[column])

    def _settle_eventless(self) -> None:
        """A cancellation need not repeat when: it holds for the events other rows of its booking name."""
        for stream, row, (at, _line) in self._eventless:
            if self.calendars.knows(stream):
                self._take_known(at, row, stream)
            else:
                self._hold(at, row, "date_invalid")

    def _set_aside(self, at: int, row: SourceRow, reason: str) -> None:
        self.tallies[at].set_aside[reason] += 1
        if row.kind == "transactions":
            self.sales.set_aside(row)

    def _hold(self, at: int, row: SourceRow | RowProblem, reason: str) -> None:
        self.tallies[at].held[reason] += 1
        self.problems.add(kind_of(self._exports[at]), reason, (at, row.line))

    def _counted(self, at: int) -> Iterator[SourceRow]:
        """The rows of a file that can be told apart; the others are counted and held."""
        tally = self.tallies[at]
        for row in self._rows(at):
            tally.rows += 1
            if isinstance(row, SourceRow):
                yield row
            else:
                self._hold(at, row, row.reason)

    def _rows(self, at: int) -> Iterator[SourceRow | RowProblem]:
        read_since = 0
        for row in read(self._exports[at]):
            read_since += 1
            if read_since == _TICK:
                self._tick(read_since)
                read_since = 0
            yield row
        self._tick(read_since)
