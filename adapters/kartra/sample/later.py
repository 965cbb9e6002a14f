"""A later export of the same made-up account: some contacts have earned points since."""

import csv
from pathlib import Path

from adapters.kartra.sample.layouts import LAYOUTS

_PATTERN = "contacts_*.csv"
_CLOCK_DIGITS = 8
_LATER_S = 30 * 86_400
_EMAIL, _POINTS = "Email", "Score"


def write_later_contacts(exports: Path, out: Path, points: int, contacts: int) -> Path:
    """Write what the first contacts of a sample's newest contacts export have 30 days later: the same, but for points.

    Raises:
        ValueError: `exports` holds no contacts export of a sample.
    """
    newest = max(exports.glob(_PATTERN), key=_clock, default=None)
    layout = next((one for one in LAYOUTS if newest is not None and newest.name.startswith(one.word)), None)
    if newest is None or layout is None:
        raise ValueError(f"{exports} holds no contacts export of a sample")
    with newest.open(encoding=layout.encoding, newline="") as file:
        emails = [row[_EMAIL] for row in csv.DictReader(file, delimiter=layout.delimiter)][:contacts]
    out.mkdir(parents=True)
    path = out / newest.name.replace(f"{_clock(newest):x}", f"{_clock(newest) + _LATER_S:x}")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_EMAIL, _POINTS])
        writer.writerows([email, str(points)] for email in emails)
    return path


def _clock(path: Path) -> int:
    return int(path.stem.rsplit("_", 1)[-1][:_CLOCK_DIGITS], 16)
