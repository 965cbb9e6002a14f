"""The contacts exports: who is in which, in which order, and with what accidents."""

from collections.abc import Sequence

from adapters.kartra.sample import cells
from adapters.kartra.sample.awkward import write_held
from adapters.kartra.sample.books import Row
from adapters.kartra.sample.folder import Folder, file_name
from adapters.kartra.sample.layouts import CLEAN_LAYOUT, LAYOUTS, ExportFile, Layout
from adapters.kartra.sample.people import Contact, contact, row, telling

_NUMBERED_AGES = tuple(age for age, layout in enumerate(LAYOUTS) if layout.numbered)
_SHARE_IN_A_FILE = 0.35
_SHARE_MOVED = 0.05
_SHARE_REPEATED = 0.02
_SHARE_NUMBER_ONLY = 0.03
_SHARE_BLANK_LINES = 0.02
_SHARE_HELD = 0.04


def contact_stream(one: Contact) -> str:
    """The stream of a contact's rows in the books."""
    return f"contact:{one.index}"


class ContactsExports:
    """The exports in the making. `everyone` is whom the rows are about, `moved` those whose e-mail changes."""

    def __init__(self, folder: Folder, contacts: int, companies: int, *, dirty: bool) -> None:
        self._folder = folder
        self._random = folder.random()
        self._dirty = dirty
        self.everyone = [contact(index, self._random, companies, dirty=dirty) for index in range(contacts)]
        self.moved = {one.index for one in self.everyone if dirty and self._random.random() < _SHARE_MOVED}
        self._numbered: list[Contact] = []

    def write(self) -> None:
        """Write every export, oldest first."""
        for age, layout in enumerate(LAYOUTS if self._dirty else (CLEAN_LAYOUT,)):
            file = ExportFile(layout, file_name(layout.word, age))
            self._fill(file, age)
            self._folder.save(file, age)

    def _fill(self, file: ExportFile, age: int) -> None:
        # Whom an older export has given a number, under an e-mail that never changes.
        known = [one for one in self._numbered if one.index not in self.moved]
        members = (one for one in self.everyone if not self._dirty or self._is_member(one, age))
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
        moved = one.index in self.moved and age in _NUMBERED_AGES
        return age == home or moved or self._random.random() < _SHARE_IN_A_FILE

    def _row(self, one: Contact, layout: Layout, age: int, *, first: bool) -> Row:
        made = row(one, self._random, dirty=self._dirty, commas=layout.commas)
        if one.index in self.moved and age < _NUMBERED_AGES[1]:
            made["email"] = cells.text(one.old_email)
        return telling(made) if first and self._dirty and not layout.commas else made

    def _place(self, file: ExportFile, one: Contact, made: Row) -> None:
        line = file.row(made)
        self._folder.books.enter(
            file, line, contact_stream(one), {column: made[column] for column in file.layout.columns}
        )
        if file.layout.numbered:
            self._numbered.append(one)

    def _have_accidents(self, file: ExportFile, one: Contact, made: Row, known: Sequence[Contact]) -> None:
        held = self._folder.books.held
        if self._random.random() < _SHARE_REPEATED:
            self._place(file, one, made)
        if self._random.random() < _SHARE_NUMBER_ONLY and file.layout.numbered:
            self._place(file, one, {**made, "email": cells.sentinel(self._random)})
        if self._random.random() < _SHARE_BLANK_LINES:
            file.blank()
        if self._random.random() < _SHARE_HELD:
            held.append(write_held(file, made, self._random, len(held), known))
