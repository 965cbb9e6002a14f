"""What transactions exports sum up to, read by hand: csv, Decimal and kartra.md section 2, no code under test."""

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterator
from decimal import Decimal
from pathlib import Path

Sums = Counter[tuple[str, str]]
"""Micros by option value of the type and currency."""

MONEY = {"sale": 1, "rebill": 1, "refund": -1, "partial refund": -1, "chargeback": -1}
NO_MONEY = frozenset({"failed", "cancellation", "request can.", "revert can."})

_NEVER_CLOSED = re.compile(r'^"never closed(?=\r?$)', re.MULTILINE)
_AMOUNT = re.compile(r"Amount \(([A-Z]{3})\)")
_MICROS = 1_000_000


def sums_of(folder: Path, held: Collection[tuple[str, int]]) -> Sums:
    """Sum up the transactions of a folder, leaving out the rows (file, line) that are held.

    Rows of one ID are one transaction: column by column the newest cell that is not empty counts.
    """
    newest: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.csv"), key=lambda path: path.stat().st_mtime):
        for line, row in _rows(path):
            if (path.name, line) not in held and _kind(row) not in NO_MONEY:
                newest.setdefault(row["ID"].strip(), {}).update(_filled(row))
    sums: Sums = Counter()
    for row in newest.values():
        currency, amount = _paid(row)
        sums[_kind(row).upper().replace(" ", "_"), currency] += int(abs(amount) * _MICROS) * MONEY[_kind(row)]
    return sums


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a transactions export that fit its header, each with the line it starts on; none of another file."""
    text = path.read_bytes().decode("utf-16" if path.read_bytes()[:2] == b"\xff\xfe" else "utf-8-sig", "replace")
    lines = _NEVER_CLOSED.sub("", text).splitlines(keepends=True)
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    reader = csv.reader(lines, delimiter=delimiter)
    header = next(reader)
    before = reader.line_num
    for cells in reader if "Transaction_Type" in header else ():
        if len(cells) == len(header):
            yield before + 1, dict(zip(header, cells, strict=True))
        before = reader.line_num


def _filled(row: dict[str, str]) -> dict[str, str]:
    return {column: cell for column, cell in row.items() if cell.strip().lower() not in {"", "n/a", "-"}}


def _kind(row: dict[str, str]) -> str:
    return row["Transaction_Type"].strip().lower().replace("_", " ")


def _paid(row: dict[str, str]) -> tuple[str, Decimal]:
    """Currency and amount: of several currencies the one that is not zero, else the first there is."""
    amounts = [(match[1], _decimal(row[column])) for column in row if (match := _AMOUNT.fullmatch(column))]
    return next(((code, amount) for code, amount in amounts if amount), amounts[0])


def _decimal(cell: str) -> Decimal:
    """An amount in either spelling: the last separator is the decimal one, as every amount has decimals."""
    digits = re.sub(r"[^\d.,]", "", cell)
    whole, _, decimals = re.fullmatch(r"(.*)([.,])(\d+)", digits).groups()  # type: ignore[union-attr]
    return Decimal(f"{re.sub('[.,]', '', whole)}.{decimals}")
