"""A report as Markdown: the same sections and numbers as the page, for a ticket or a wiki."""

from collections.abc import Container, Iterable, Sequence
from functools import singledispatch

from adapters.reports.figures import amount, count, percent
from adapters.reports.model import (
    Bars,
    Callout,
    Cell,
    Columns,
    Figures,
    Paragraph,
    Places,
    Report,
    Section,
    Share,
    Table,
)
from adapters.reports.text import LONGEST, line
from adapters.reports.text import markdown as inert

Row = Sequence[Cell]


def markdown(report: Report) -> str:
    """The whole report; every text of it is inert."""
    parts = [f"# {plain(report.title)}", plain(report.lead), _facts(report), _block(report.figures)]
    parts += [_section(section) for section in report.sections]
    parts.append(plain(report.footer))
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(report: Report) -> str:
    return "\n".join(f"- {plain(label)}: {plain(value)}" for label, value in report.facts)


def _section(section: Section) -> str:
    blocks = (_block(block) for block in section.blocks)
    parts = [f"## {plain(section.title)}", plain(section.lead), *blocks]
    return "\n\n".join(part for part in parts if part)


def plain(text: str) -> str:
    """Words of Markdown, cut where they are too many."""
    return inert(line(text, LONGEST))


@singledispatch
def _block(block: object) -> str:
    raise TypeError(f"no Markdown for a {type(block).__name__}")


@_block.register
def _(block: Paragraph) -> str:
    return plain(block.text)


@_block.register
def _(block: Callout) -> str:
    return f"> **Mind:** {plain(block.text)}"


@_block.register
def _(block: Figures) -> str:
    rows: list[Row] = [(figure.label, figure.value, figure.note) for figure in block.figures]
    return _table(("", "", ""), rows, frozenset({1}))


@_block.register
def _(block: Bars) -> str:
    rows: list[Row] = [(bar.label, bar.text) for bar in block.bars]
    return _captioned(block.caption, _table(("", ""), rows, frozenset({1})), block.rest)


@_block.register
def _(block: Columns) -> str:
    header = (block.currency, *(series.name for series in block.series))
    amounts = zip(*(series.values for series in block.series), strict=True)
    rows: list[Row] = [(group, *map(amount, values)) for group, values in zip(block.groups, amounts, strict=True)]
    return _captioned(block.caption, _table(header, rows, frozenset(range(1, len(header)))), 0)


@_block.register
def _(block: Table) -> str:
    right = block.numeric | {at for row in block.rows for at, cell in enumerate(row) if isinstance(cell, Share)}
    return _captioned(block.caption, _table(block.header, block.rows, right), block.rest)


@_block.register
def _(block: Places) -> str:
    files = "\n".join(f"- {plain(name)}: {', '.join(map(str, lines))}" for name, lines in block.files)
    return _captioned(block.caption, files, block.rest)


def _captioned(caption: str, body: str, rest: int) -> str:
    head = f"**{plain(caption)}**" if caption else ""
    tail = f"… and {count(rest)} more" if rest else ""
    return "\n\n".join(part for part in (head, body, tail) if part)


def _table(header: Row, rows: Iterable[Row], right: Container[int]) -> str:
    rules = ["---:" if at in right else "---" for at in range(len(header))]
    return "\n".join([_row(map(plain, map(str, header))), _row(rules), *(_row(map(_cell, row)) for row in rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: Cell) -> str:
    match cell:
        case Share(part, whole):
            return plain(percent(part, whole))
        case int():
            return count(cell)
        case _:
            return plain(cell)
