"""The comparison: later files of every kind, kind by kind, against what was extracted before."""

from collections.abc import Sequence

import msgspec

from adapters.kartra import Export
from commands.comparing.kinds import PREFIXES, Counted, Kind, Told
from commands.comparing.selecting import kind_of, select
from commands.extract import Extracted, summed
from commands.reporting import Reporter
from ledger.projections import runs
from ledger.store import Ledger
from ledger.waves import contents_without_stream


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What a comparison came to: rows of all files, and streams by kind.

    `again` counts the records that are as they were in Kartra and are made again, once they are made.
    """

    rows: Extracted
    kinds: dict[str, Counted]
    again: int = 0


async def compare(
    ledger: Ledger, exports: Sequence[Export], complete: frozenset[str], reporter: Reporter
) -> tuple[Compared, frozenset[str]]:
    """Hold later files against the ledger, and extract what is new or changed; what stands adds no event.

    Also answers the streams that the files speak of whose records are not in Twenty although their rows stand: taken
    back, refused or held, they are to be made again.

    `complete` are the kinds whose files hold all there is of them: what these lack is gone. Interrupted and begun
    again under the same run, it comes to the same events.

    Raises:
        WrongUse: a file is older than what was extracted before.
        KartraError: a file cannot be read, or was changed.
    """
    run = await runs.find_run(ledger.reader, ledger.run_id)
    selected = await select(ledger, exports, complete, reporter)
    contents = await contents_without_stream(ledger.reader, run.position if run else 0)
    told = Told(run=run, complete=complete, contents=contents)
    rows, found, again = Extracted(), {}, set()
    for kind in PREFIXES:
        later = [export for export in selected.later if kind_of(export) == kind]
        read_before = [export for export in selected.read_before if kind_of(export) == kind]
        compared = Kind(ledger, kind, later, read_before, told)
        if later:
            counts, found[kind] = await compared.compare(reporter)
            rows = summed(rows, counts)
        again |= await compared.again()
    return Compared(rows=rows, kinds=found), frozenset(again)
