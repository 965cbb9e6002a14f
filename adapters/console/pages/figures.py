"""Figures and words as a page writes them."""

import re
from typing import Any

import msgspec
from markupsafe import Markup, escape

from adapters.console.pages.words import FIELDS
from adapters.reports.text import visible

_CODE = re.compile("`([^`]+)`")
THIN = "\u2009"


def count(number: int) -> str:
    """A number in groups of three."""
    return f"{number:,}".replace(",", THIN)


def clock(moment: str) -> str:
    """A moment to the second, as one reads it."""
    return moment[:19].replace("T", " ").removesuffix("Z")


def day(moment: str) -> str:
    """The day of a moment."""
    return moment[:10]


def short(text: str) -> str:
    """The beginning of a hash."""
    return text[:12]


def tail(text: str) -> str:
    """The end of a run's id: its beginning is its time, and alike for many."""
    return text[-12:]


def spell(word: Any) -> str:
    """The name of a part of a report, in words."""
    return FIELDS.get(str(word), str(word).replace("_", " "))


def size(octets: int) -> str:
    """A file's size."""
    left = float(octets)
    for unit in ("B", "KiB", "MiB"):
        if left < 1024:
            return f"{left:.0f} B" if unit == "B" else f"{left:.1f} {unit}"
        left /= 1024
    return f"{left:.1f} GiB"


def span(seconds: int) -> str:
    """A length of time."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def said(value: Any) -> str:
    """A setting as one says it."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def code_spans(text: str) -> Markup:
    """Words of ours in which code stands between backticks."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704  # escaped just now


def as_json(value: Any) -> str:
    """A value as JSON for a person, what cannot be seen written as its escape."""
    return visible(msgspec.json.format(msgspec.json.encode(value), indent=2).decode().replace("\n", "\u0000")).replace(
        "\\x00", "\n"
    )
