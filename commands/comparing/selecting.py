"""Which files of a folder a comparison reads: those that no run has read, as long as none of them is too old."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import msgspec

from adapters.kartra import Export
from adapters.mapping import KINDS
from commands.errors import WrongUse
from commands.reporting import Reporter
from ledger.projections import runs
from ledger.store import Ledger


class Selected(msgspec.Struct, frozen=True):
    """The files to read, and those that were read before."""

    later: list[Export]
    read_before: list[Export]


async def select(ledger: Ledger, exports: Sequence[Export], complete: AbstractSet[str], reporter: Reporter) -> Selected:
    """Tell the files that no run has read yet from the others.

    Raises:
        WrongUse: one is older than what was read before, and would take back what that said.
    """
    chosen = await _parted(ledger, exports, complete)
    for export in chosen.read_before:
        reporter.say(f"left: {export.name} was read before")
    return chosen


async def refuse_older(ledger: Ledger, exports: Sequence[Export], complete: AbstractSet[str]) -> None:
    """Refuse files that are too old before a run begins that could not go on.

    Raises:
        WrongUse: one is older than what was read before, and would take back what that said.
    """
    await _parted(ledger, exports, complete)


def kind_of(export: Export) -> str:
    """The kind that a file's rows are of."""
    return KINDS.get(export.kind, export.kind)


async def _parted(ledger: Ledger, exports: Sequence[Export], complete: AbstractSet[str]) -> Selected:
    known = [one for one in await runs.exports(ledger.reader) if one.run_id != ledger.run_id]
    chosen = Selected([], [])
    for found in exports:
        export = _repeated(found, known, whole=kind_of(found) in complete)
        if any(one.file == export.file_id and one.rows is not None for one in known):
            chosen.read_before.append(export)
        else:
            _refuse_older(export, known)
            chosen.later.append(export)
    return chosen


def _refuse_older(export: Export, known: Sequence[runs.Export]) -> None:
    # Answers about a lead speak of contacts as exports of them do: neither may take back what the other said since.
    of_kind = [one for one in known if KINDS.get(one.kind, one.kind) == kind_of(export)]
    newer = [one for one in of_kind if one.exported_at > export.exported_at.isoformat()]
    if newer:
        raise WrongUse(
            f"{export.name} was exported before {newer[-1].name}, which was read already; a delta takes later"
            " exports (the time is that in the file's name, else when the file was changed last)"
        )


def _repeated(export: Export, known: Sequence[runs.Export], *, whole: bool) -> Export:
    """A file whose content was read before is a file of its own where the account came back to it in the meantime.

    So is a new export of the `whole` account that equals an older one: what other files had besides is gone.
    """
    same = {one.file for one in known if one.file.startswith(export.file_id)}
    of_kind = [one for one in known if one.kind == export.kind]
    read_at = max((one.exported_at for one in of_kind if one.file in same), default="")
    others = max((one.exported_at for one in of_kind if one.file not in same), default="")
    now = export.exported_at.isoformat()
    came_back = read_at < others < now or (whole and max(read_at, others) < now)
    return msgspec.structs.replace(export, repeat=len(same)) if same and came_back else export
