"""Rows that must not land: every way of kartra.md section 9 in which a row cannot be placed."""

from collections.abc import Sequence
from random import Random

from adapters.kartra.sample.books import HeldRow, Row
from adapters.kartra.sample.cells import Cell
from adapters.kartra.sample.layouts import ExportFile
from adapters.kartra.sample.people import Contact

_INVALID = ("not-an-email", "two@example.com,three@example.com", "blank in@example.com", "nobody@", "dotless@example")
_STRANGERS = 9_000_000
MALFORMED = "row_malformed"


def write_held(file: ExportFile, template: Row, random: Random, serial: int, known: Sequence[Contact]) -> HeldRow:
    """Write one row that must be held into `file`; `known` are contacts whose number an older export told."""
    makers = [_without_email, _invalid_email, _too_few, _too_many, _open_quote]
    if file.layout.numbered and known:
        makers.append(_taken_email)
    return makers[serial % len(makers)](file, template, random, serial, known)


def write_malformed(file: ExportFile, template: Row, random: Random, serial: int) -> HeldRow:
    """Write one row into `file` that cannot be told apart into the header's cells."""
    makers = (_too_few, _too_many, _open_quote)
    return makers[serial % len(makers)](file, template, random, serial, ())


def stranger_number(serial: int) -> str:
    """The number that held row `serial` stands under: no row that lands has it."""
    return str(_STRANGERS + serial)


def _stranger(template: Row, serial: int, email: Cell) -> Row:
    """A row under a number no other row has."""
    return {**template, "id": Cell(stranger_number(serial)), "email": email}


def _without_email(file: ExportFile, template: Row, random: Random, serial: int, _: Sequence[Contact]) -> HeldRow:
    blank = Cell(random.choice(("", " ", "N/A")), blank=True)
    return _held(file, file.row(_stranger(template, serial, blank)), "email", "email_missing")


def _invalid_email(file: ExportFile, template: Row, random: Random, serial: int, _: Sequence[Contact]) -> HeldRow:
    invalid = Cell(random.choice(_INVALID))
    return _held(file, file.row(_stranger(template, serial, invalid)), "email", "email_invalid")


def _taken_email(file: ExportFile, template: Row, random: Random, serial: int, known: Sequence[Contact]) -> HeldRow:
    taken = Cell(random.choice(known).email)
    return _held(file, file.row(_stranger(template, serial, taken)), "email", "email_taken")


def _too_few(file: ExportFile, template: Row, random: Random, _: int, __: Sequence[Contact]) -> HeldRow:
    cut = random.randrange(2, len(file.layout.columns))
    cells = [template[column].written for column in file.layout.columns]
    return _held(file, file.cells(cells[:cut]), file.layout.columns[cut], MALFORMED)


def _too_many(file: ExportFile, template: Row, _: Random, __: int, ___: Sequence[Contact]) -> HeldRow:
    cells = [template[column].written for column in file.layout.columns]
    return _held(file, file.cells([*cells, "one too many"]), f"column_{len(cells) + 1}", MALFORMED)


def _open_quote(file: ExportFile, _: Row, __: Random, ___: int, ____: Sequence[Contact]) -> HeldRow:
    return _held(file, file.broken('"never closed'), file.layout.columns[0], MALFORMED)


def _held(file: ExportFile, line: int, column: str, reason: str) -> HeldRow:
    return HeldRow(file=file.name, line=line, column=column, reason=reason)
