"""What a report is made of, whatever it is shown as: sections of blocks, every text in them untrusted.

A block says what is to be read, never how it looks; `pages`, `markdown` and a terminal each draw it in their own way.
`narrow` says that half a page's width is enough, so that two such blocks may stand side by side.
"""

from typing import ClassVar, Literal

import msgspec

Tone = Literal["plain", "good", "warn", "bad"]
"""How a figure or a bar is meant: to be noticed or not. Never the only carrier of its meaning."""


class Share(msgspec.Struct, frozen=True):
    """A part of a whole, drawn as a small bar where there is room for one."""

    part: int
    whole: int


Cell = str | int | Share
"""One cell of a table; a whole number is set with separators, to the right."""


class Figure(msgspec.Struct, frozen=True):
    """One number that matters, what it counts, and a remark."""

    label: str
    value: str
    note: str = ""
    tone: Tone = "plain"


class Figures(msgspec.Struct, frozen=True):
    """Numbers side by side."""

    shape: ClassVar[str] = "figures"
    figures: tuple[Figure, ...]


class Paragraph(msgspec.Struct, frozen=True):
    """Words."""

    shape: ClassVar[str] = "paragraph"
    text: str


class Callout(msgspec.Struct, frozen=True):
    """Words nobody should miss."""

    shape: ClassVar[str] = "callout"
    text: str
    tone: Tone = "warn"


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under a header. `right` are the columns of numbers given as text; `rest` counts rows not shown.

    `widths` are the columns' in per cent, so that tables below each other keep one line; empty lets the cells decide.
    With `total` the last row is the sum of the others.
    """

    shape: ClassVar[str] = "table"
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    right: frozenset[int] = frozenset()
    widths: tuple[int, ...] = ()
    rest: int = 0
    narrow: bool = False
    total: bool = False

    @property
    def numeric(self) -> frozenset[int]:
        """The columns set to the right: those said to be, and those of whole numbers."""
        return self.right | {at for row in self.rows for at, cell in enumerate(row) if isinstance(cell, int)}


class Bar(msgspec.Struct, frozen=True):
    """One bar: its name, its length, and the text at its end."""

    label: str
    value: int
    text: str
    tone: Tone = "plain"


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """Horizontal bars of one scale from 0, the longest `most` (the largest value where that is None)."""

    shape: ClassVar[str] = "bars"
    bars: tuple[Bar, ...]
    caption: str = ""
    most: int | None = None
    rest: int = 0
    narrow: bool = False

    @property
    def longest(self) -> int:
        """The value of a bar of full length."""
        return self.most if self.most is not None else max((bar.value for bar in self.bars), default=0)


class Series(msgspec.Struct, frozen=True):
    """One amount a group, in micros: positive ones are stacked above zero, negative ones below."""

    name: str
    values: tuple[int, ...]


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Stacked columns of money in one currency, one a group."""

    shape: ClassVar[str] = "columns"
    groups: tuple[str, ...]
    series: tuple[Series, ...]
    currency: str
    caption: str = ""
    narrow: bool = False


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Where rows stand: files with their lines; `rest` counts those not listed."""

    shape: ClassVar[str] = "places"
    caption: str
    files: tuple[tuple[str, tuple[int, ...]], ...]
    rest: int = 0


Block = Figures | Paragraph | Callout | Table | Bars | Columns | Places


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading, a sentence of what is to be seen, and blocks. `anchor` is the name of its place on a page."""

    anchor: str
    title: str
    lead: str = ""
    blocks: tuple[Block, ...] = ()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report. `facts` are label and value: what was looked at, when, by which rules."""

    title: str
    lead: str
    facts: tuple[tuple[str, str], ...]
    figures: Figures
    sections: tuple[Section, ...]
    footer: str = ""
