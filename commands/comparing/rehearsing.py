"""A delta tried out on a copy of the ledger that is thrown away; of Twenty it only reads."""

from pathlib import Path

import anyio
import msgspec

from commands.comparing.compare import compare
from commands.comparing.judging import refuse_absent, refuse_unsure
from commands.comparing.outcome import Rehearsal
from commands.counting import throwaway, to_write
from commands.extract import exports_in, files_seen
from commands.load import Said
from commands.loading import EVERYTHING
from commands.mapping import signed_mapping
from commands.objects import written_objects
from commands.options import Options
from commands.policies import policies_of
from commands.portions import portion_of
from commands.reporting import Reporter
from commands.session import Working, check_workspace, reach_twenty, refuse_unfinished
from commands.transform import transform
from commands.updating.foreseeing import foresee
from commands.updating.removing import Judged, foresee_departed
from ledger import work
from ledger.events import RunStarted
from ledger.projections import holds, runs


async def rehearse_delta(
    options: Options, folder: Path, *, complete: frozenset[str], accept_defaults: bool, said: Said
) -> Rehearsal:
    """Do all of a delta that leaves no trace, neither in Twenty nor in the ledger.

    Raises:
        UnfinishedRun: a run has to be resumed or rolled back first.
    """
    reporter = Reporter()
    found = await anyio.to_thread.run_sync(exports_in, folder, reporter)
    refuse_absent(found.exports, complete)
    async with throwaway(options.ledger) as ledger, reach_twenty(options) as twenty:
        working = Working(ledger, twenty, reporter)
        await refuse_unfinished(ledger.reader)
        await check_workspace(ledger.reader, twenty)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        policies = policies_of(signed.config, said)
        refuse_unsure(signed.config, policies, complete)
        started = RunStarted(command="delta", mapping_hash=signed.payload.hash, files=files_seen(found))
        await ledger.append([started], signed.payloads)
        compared, again = await compare(ledger, found.exports, complete, reporter)
        files = [export.file for export in await runs.exports_of(ledger.reader, ledger.run_id)]
        made = await transform(ledger, signed.config, signed.payload.hash, reporter, files, again=again)
        names = await written_objects(ledger.reader)
        judged = Judged(config=signed.config, policies=policies, complete=complete)
        return Rehearsal(
            compared=msgspec.structs.replace(compared, again=made.again),
            create=await to_write(ledger.reader, await portion_of(ledger.reader, EVERYTHING)),
            change={name: await foresee(working, name, policies) for name in names if name in twenty.model.objects},
            obsolete={name: await work.count_in_state(ledger.reader, name, "obsolete") for name in names},
            departed=await foresee_departed(working, judged),
            open_holds=await holds.open_count(ledger.reader),
        )
