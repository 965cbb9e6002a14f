"""An erasure as it is printed."""

from collections.abc import Sequence

from commands import reporting
from commands.erasing.outcome import Erased
from commands.erasing.person import Traced


def tell(done: Erased, *, also_in_twenty: bool) -> None:
    """Print what went, or would go, and what stays and where."""
    traced = done.traced
    words = "gone" if done.done else "would go"
    reporting.line(f"{words}: {len(traced.bodies)} bodies of {len(traced.streams)} streams; "
                   f"{len(traced.unsent)} records not sent, {len(traced.holds)} holds")  # fmt: skip
    if traced.redacted:
        reporting.line(f"{words} from {traced.redacted} rows of other people: what names her; the rest of them stays")
    for name, count in done.destroyed.items():
        reporting.line(f"{words}, in Twenty: {count} {name}")
    _list("stays in Twenty, to be looked at there:", [f"{one.object} {one.id}: {one.why}" for one in done.stays])
    if not also_in_twenty:
        there = [f"{one.object} {one.id}" for one in traced.in_twenty]
        _list("in Twenty still; --also-in-twenty, while the ledger knows what it wrote:", there)
    _tell_left(traced)
    if not done.done:
        reporting.line("nothing was changed; --yes does it")


def _tell_left(traced: Traced) -> None:
    if traced.left:
        reporting.line(f"left: {traced.left} mappings or automations quote the e-mail; edit the mapping and confirm it")
    alone = [f"{one.object} {one.id}" for one in traced.companies]
    _list("left: companies and tags nobody else is of, which --with-companies takes too:", alone)
    options = [f"option {one.object}.{one.field} {one.value}: nobody else has it" for one in traced.options]
    _list("stays in Twenty's data model, to be looked at there:", options)
    quoting = [f"{one.object} {one.id}" for one in traced.quoting]
    _list("records of other people that name her, and stay in Twenty as they are:", quoting)
    if traced.before:
        reporting.line("erased before: options nobody else has and records of other people that name her were told"
                       " then, and cannot be told again")  # fmt: skip
    if traced.untouched:
        reporting.line(f"left: {traced.untouched} bodies of other people's changes quote her; without them a rollback"
                       " could not put back what stood there")  # fmt: skip
    rows = [f"{one.path} ({one.rows} rows of hers on record)" for one in traced.files]
    _list("outside the ledger, and to be looked at: reports, backups, the sandbox's database, and the exports (their"
          " names stay in the ledger, whatever they say)", rows)  # fmt: skip


def _list(heading: str, lines: Sequence[str]) -> None:
    if lines:
        reporting.line(heading)
    for line in lines:
        reporting.line(f"  {line}")
