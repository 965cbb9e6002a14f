"""The books as they are printed: rows and records by what became of them, so that the counts add up."""

from collections.abc import Sequence

from commands import reporting
from commands.objects import in_order
from ledger.books import Records, Rows

_WIDTH = 80
_ALWAYS = frozenset({"transformed", "created", "pending", "held", "rejected"})
_COLUMNS = {
    "transformed": "made",
    "created": "written",
    "adopted": "adopted",
    "skipped": "skipped",
    "changed": "changed",
    "obsolete": "obsolete",
    "pending": "pending",
    "intended": "in flight",
    "held": "held",
    "rejected": "rejected",
    "abandoned": "given up",
    "deleted": "taken back",
}
"""What became of the records made, and what it is called. Those that are not printed always are where there are any."""


def tell_rows(rows: Rows) -> None:
    """Print what became of the rows read. Only deltas find rows that say what was said before."""
    unchanged = [f"{rows.unchanged} unchanged"] if rows.unchanged else []
    terms = [
        f"rows: {rows.read} read = {rows.transformed} moved",
        *(f"{rows.merged} merged", *unchanged, f"{rows.held} held"),
        *(f"{rows.set_aside} set aside", f"{rows.waiting} waiting"),
    ]
    line = terms[0]
    for term in terms[1:]:
        if len(f"{line} + {term}") > _WIDTH:
            reporting.line(line)
            line = "   "
        line = f"{line} + {term}"
    reporting.line(line)


def tell_records(records: Sequence[Records]) -> None:
    """Print what became of the records of each object, parents first; the columns after `made` sum up to it."""
    by_name = {one.object: one for one in records}
    shown = [name for name in _COLUMNS if name in _ALWAYS or any(getattr(one, name) for one in records)]
    table = [(name, *(getattr(by_name[name], column) for column in shown)) for name in in_order(by_name)]
    heads = ["object", *(_COLUMNS[name] for name in shown)]
    reporting.table(heads, table, right=frozenset(range(1, len(heads))))
