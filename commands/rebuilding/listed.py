"""What the customer lists by hand: forms, pages, automations and the like, a line each: kind, name, remarks."""

import csv
from pathlib import Path

import msgspec

from commands.errors import WrongUse

_HEADER = ("kind", "name")


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to rebuild: its kind (form, page, automation, …), its name, and what was remarked."""

    kind: str
    name: str
    remarks: str = ""


def listed_in(path: Path) -> list[Listed]:
    """Read the list: commas, UTF-8, a header `kind,name,remarks` or none; blank lines are nothing.

    Raises:
        WrongUse: the file cannot be read, or a line has no kind and name; the line is named.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, skipinitialspace=True)
            return [_listed(path, reader.line_num, row) for row in reader if _says_something(row)]
    except OSError as refusal:
        raise WrongUse(f"{path} cannot be read ({refusal.strerror}); name another list") from refusal
    except UnicodeDecodeError as error:
        raise WrongUse(f"{path} is no UTF-8 text; save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise WrongUse(f"{path}, line {reader.line_num}: {error}; save it as CSV in UTF-8") from error


def _says_something(row: list[str]) -> bool:
    return any(map(str.strip, row)) and tuple(cell.strip().casefold() for cell in row[:2]) != _HEADER


def _listed(path: Path, line: int, row: list[str]) -> Listed:
    kind, name, *remarks = [*map(str.strip, row), "", ""]
    if not (kind and name):
        raise WrongUse(f"{path}, line {line}: a line is kind,name,remarks (form,Checkout,two columns)")
    return Listed(kind=kind, name=name, remarks=", ".join(filter(None, remarks)))
