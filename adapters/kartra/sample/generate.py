"""Write a sample: who is in which export, in which order, and with what accidents."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from adapters.kartra.sample import cells
from adapters.kartra.sample.awkward import write_held
from adapters.kartra.sample.layouts import CLEAN_LAYOUT, LAYOUTS, ExportFile, Layout, file_name
from adapters.kartra.sample.people import Contact, Row, contact, row, telling
from adapters.kartra.sample.truth import HeldRow, Placed, company_keys, expected_companies, expected_person

_FIRST_CLOCK = int(datetime(2026, 3, 2, 2, 1, tzinfo=UTC).timestamp())
_DAY = 86_400
_CONTACTS_A_COMPANY = 10
_NUMBERED_AGES = tuple(age for age, layout in enumerate(LAYOUTS) if layout.numbered)
_SHARE_IN_A_FILE = 0.35
_SHARE_MOVED = 0.05
_SHARE_REPEATED = 0.02
_SHARE_NUMBER_ONLY = 0.03
_SHARE_BLANK_LINES = 0.02
_SHARE_HELD = 0.04


class SampleSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: files (name, data rows), and how many people, companies and held rows must come of them."""

    folder: Path
    files: tuple[tuple[str, int], ...]
    contacts: int
    people: int
    companies: int
    held: int


def write_sample(
    out: Path, contacts: int, seed: int, *, dirty: bool = True, companies: int | None = None
) -> SampleSummary:
    """Write Kartra exports of `contacts` made-up contacts and `truth.json` into `out`, the same for the same arguments.

    A dirty sample is five overlapping exports with every accident of kartra.md. A clean one is one export, a row a
    contact, with exactly `companies` companies. `companies` is a tenth of the contacts where nothing is said. Raises
    ValueError for counts that cannot be: no contacts, or more companies than contacts.
    """
    named = contacts // _CONTACTS_A_COMPANY if companies is None else companies
    if contacts < 1 or not 0 <= named <= contacts:
        raise ValueError(f"{contacts} contacts with {named} companies cannot be: use 1 or more, and no more companies")
    out.mkdir(parents=True, exist_ok=True)
    # Reproducible, not secret: the numbers only have to look arbitrary.
    sample = _Sample(Random(f"{seed}/{contacts}/{dirty}/{named}"), contacts, named, dirty=dirty)  # noqa: S311
    sample.write(out)
    truth = sample.truth(seed)
    (out / "truth.json").write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=1))
    return SampleSummary(
        folder=out,
        files=tuple((file.name, file.rows) for file in sample.files),
        contacts=contacts,
        people=len(truth["people"]),
        companies=len(truth["companies"]),
        held=len(truth["held"]),
    )


class _Sample:
    """A sample in the making: files, and what lands of them."""

    def __init__(self, random: Random, contacts: int, companies: int, *, dirty: bool) -> None:
        self._random = random
        self._dirty = dirty
        self._contacts = [contact(index, random, companies, dirty=dirty) for index in range(contacts)]
        self._moved = {one.index for one in self._contacts if dirty and random.random() < _SHARE_MOVED}
        self._placed: dict[int, list[Placed]] = {one.index: [] for one in self._contacts}
        self._in_order: list[Placed] = []
        self._held: list[HeldRow] = []
        self._numbered: list[Contact] = []
        self.files: list[ExportFile] = []

    def write(self, out: Path) -> None:
        """Write every export, oldest first."""
        for age, layout in enumerate(LAYOUTS if self._dirty else (CLEAN_LAYOUT,)):
            clock = _FIRST_CLOCK + age * _DAY
            file = ExportFile(layout, file_name(layout.word, clock))
            self._fill(file, age)
            file.save(out, clock)
            self.files.append(file)

    def truth(self, seed: int) -> dict[str, Any]:
        """The content of truth.json."""
        keys = company_keys(self._in_order)
        return {
            "seed": seed,
            "contacts": len(self._contacts),
            "files": [{"name": file.name, "rows": file.rows} for file in self.files],
            "people": [expected_person(self._placed[one.index], keys) for one in self._contacts],
            "companies": expected_companies(self._in_order, keys),
            "held": [msgspec.to_builtins(held) for held in self._held],
        }

    def _fill(self, file: ExportFile, age: int) -> None:
        # Whom an older export has given a number, under an e-mail that never changes.
        known = [one for one in self._numbered if one.index not in self._moved]
        members = (one for one in self._contacts if not self._dirty or self._is_member(one, age))
        for position, one in enumerate(members):
            made = self._row(one, file.layout, age, first=position == 0)
            if not file.layout.takes(made):
                continue
            self._place(file, one, made)
            if self._dirty:
                self._have_accidents(file, one, made, known)

    def _is_member(self, one: Contact, age: int) -> bool:
        """Whether an export has a contact: each has a home, and those whose e-mail moves are in all numbered ones."""
        home = _NUMBERED_AGES[0] if one.index % 4 == 1 else 0
        moved = one.index in self._moved and age in _NUMBERED_AGES
        return age == home or moved or self._random.random() < _SHARE_IN_A_FILE

    def _row(self, one: Contact, layout: Layout, age: int, *, first: bool) -> Row:
        made = row(one, self._random, dirty=self._dirty, commas=layout.commas)
        if one.index in self._moved and age < _NUMBERED_AGES[1]:
            made["email"] = cells.text(f"old.{one.email}")
        return telling(made) if first and self._dirty and not layout.commas else made

    def _place(self, file: ExportFile, one: Contact, made: Row) -> None:
        line = file.row(made)
        placed = Placed(file=file.name, line=line, cells={column: made[column] for column in file.layout.columns})
        self._placed[one.index].append(placed)
        self._in_order.append(placed)
        if file.layout.numbered:
            self._numbered.append(one)

    def _have_accidents(self, file: ExportFile, one: Contact, made: Row, known: Sequence[Contact]) -> None:
        if self._random.random() < _SHARE_REPEATED:
            self._place(file, one, made)
        if self._random.random() < _SHARE_NUMBER_ONLY and file.layout.numbered:
            self._place(file, one, {**made, "email": cells.sentinel(self._random)})
        if self._random.random() < _SHARE_BLANK_LINES:
            file.blank()
        if self._random.random() < _SHARE_HELD:
            self._held.append(write_held(file, made, self._random, len(self._held), known))
