"""A delta told: what was compared, what was written, and what was left."""

from collections.abc import Iterable

import msgspec

from commands import reporting
from commands.comparing.compare import Compared
from commands.comparing.kinds import Counted
from commands.comparing.outcome import Delta, Rehearsal
from commands.compensation.kept import Kept
from commands.loading import Loaded, tell_left, tell_waiting
from commands.objects import in_order
from commands.options import Options
from commands.updating.foreseeing import Foreseen
from commands.updating.sending import WINDOW

_COLUMNS = ("created", "updated", "adopted", "skipped", "removed", "held", "rejected")
"""What became of records, as it is printed; what is skipped only where there is any."""
_FORESEEN = {
    "update": "update",
    "settled": "as it is",
    "conflicts": "conflicts",
    "not_there": "not there",
}
_OBSOLETE = "no longer made of Kartra's rows, and left as they are in Twenty"


def tell_delta(options: Options, done: Delta) -> None:
    """Print what a delta came to."""
    loaded = done.loaded
    if options.as_json:
        told = msgspec.to_builtins(loaded)
        reporting.document({"compared": done.compared, **told, "undone": done.undone, "head": str(loaded.head)})
        return
    _tell_compared(done.compared)
    written = loaded.written
    names = in_order({name: None for part in msgspec.structs.astuple(written) for name in part})
    shown = [part for part in _COLUMNS if part != "skipped" or written.skipped]
    table = [(name, *(getattr(written, part).get(name, 0) for part in shown)) for name in names]
    if table:
        reporting.table(["object", *shown], table, right=frozenset(range(1, len(shown) + 1)))
    if written.updated:
        reporting.line(f"note: {WINDOW}")
    if loaded.obsolete:
        reporting.line(f"{_OBSOLETE}: {loaded.obsolete}")
    _tell_kept("kept in Twenty", loaded.kept)
    tell_waiting(loaded, loaded.changed - loaded.obsolete)
    _tell_refused(loaded)
    if done.undone:
        tell_left(done.undone, loaded.open_holds)
    reporting.line(f"run {loaded.run}, head {loaded.head}")


def tell_rehearsal(options: Options, tried: Rehearsal) -> None:
    """Print what a delta would come to."""
    if options.as_json:
        reporting.document(tried)
        return
    _tell_compared(tried.compared)
    nothing = Foreseen()
    table = []
    removed = tried.departed.removed
    for name in in_order({**tried.create, **tried.change, **removed}):
        one = tried.change.get(name, nothing)
        counts = [getattr(one, field) for field in _FORESEEN]
        row = (name, tried.create.get(name, 0), *counts, removed.get(name, 0))
        if any(row[1:]):
            table.append(row)
    if table:
        columns = ["object", "create", *_FORESEEN.values(), "delete"]
        reporting.table(columns, table, right=frozenset(range(1, len(columns))))
    obsolete = sum(tried.obsolete.values())
    if obsolete:
        reporting.line(f"{_OBSOLETE}: {obsolete}")
    _tell_kept("would be kept in Twenty", tried.departed.kept)
    reporting.line("nothing was sent, and the ledger is as it was")


def _tell_kept(how: str, kept: Iterable[Kept]) -> None:
    """Name what left Kartra and stays in Twenty."""
    for one in kept:
        reporting.line(f"{how}: {one.object} {one.id}: {one.why}")


def _tell_refused(loaded: Loaded) -> None:
    """Print how many records Twenty refused to earlier runs, and this one had no reason to send."""
    before = sum(one.rejected for one in loaded.books.records) - sum(loaded.written.rejected.values())
    if before > 0:
        reporting.line(f"refused by Twenty before, and not sent again: {before}")


def _tell_compared(compared: Compared) -> None:
    rows = compared.rows
    reporting.line(
        f"rows: {rows.rows} read = {rows.extracted} new or changed + {rows.unchanged} unchanged + {rows.held} held"
        f" + {rows.set_aside} set aside"
    )
    table = [(kind, *msgspec.structs.astuple(one)) for kind, one in compared.kinds.items()]
    if table:
        reporting.table(["kind", *Counted.__struct_fields__], table, right=frozenset(range(1, 6)))
    if compared.again:
        reporting.line(f"as they were in Kartra, not in Twenty, and made again: {compared.again}")
