"""The written scope: three tables, one a verdict."""

from adapters.reports.figures import count
from adapters.reports.model import Section, Table
from commands.discovery.document import Audit, Verdict

_TITLES: dict[Verdict, str] = {
    "migrates": "Is moved",
    "rebuild": "Has to be rebuilt by hand",
    "lost": "Is lost, or stays behind",
}

_WIDTHS = (25, 8, 20, 47)


def section(audit: Audit) -> Section:
    """What becomes of everything."""
    lead = "The scope as these files have it. A number is missing where no file can tell it."
    return Section(
        anchor="scope", title="Scope", lead=lead, blocks=tuple(_table(audit, verdict) for verdict in _TITLES)
    )


def _table(audit: Audit, verdict: Verdict) -> Table:
    lines = [line for line in audit.scope if line.verdict == verdict]
    rows = tuple(
        (line.what, "" if line.count is None else count(line.count), line.where, line.reason) for line in lines
    )
    where = "Where" if verdict == "rebuild" else "To"
    header = ("What", "Count", where, "Because")
    return Table(header=header, rows=rows, caption=_TITLES[verdict], right=frozenset({1}), widths=_WIDTHS)
