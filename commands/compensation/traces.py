"""Traces: what Twenty wrote about our records by itself, noted while the records exist, removed once they are gone."""

from collections.abc import Sequence

from adapters.twenty import Ids, destroy_runs, destroy_timeline, run_ids, timeline_ids
from commands.compensation.deciding import Decision
from commands.present import present
from commands.session import Working
from ledger.events import TracesNoted, TracesRemoved
from ledger.hashing import seal
from ledger.projections.compensations import compensations, noted_traces

CASCADING = frozenset({"person", "company"})
"""Objects whose timeline rows go with them (FACTS section 7); those of all others stay, and no longer say of whom."""

_REMOVED_A_CALL = 5_000
_RECORDS_A_READ = 100


async def note_traces(working: Working, decision: Decision, marks: Sequence[str]) -> None:
    """Note the ids of the traces of the records that go. Those of kept records are left out: their history stays."""
    client, model, known = working.twenty.client, working.twenty.model, await present(working)
    targets = {
        known.object(name).singular: Ids([one.id for one in some])
        for name, some in decision.going.items()
        if some and name not in CASCADING
    }
    timeline = await timeline_ids(client, model, targets) if targets else []
    runs = {one for mark in marks for one in await run_ids(client, mark)}
    kept = [keep.candidate.id for keeps in decision.kept.values() for keep in keeps]
    runs -= await _runs_about(working, kept)
    if timeline or runs:
        body = seal(f"traces:{working.ledger.run_id}", {"timeline": timeline, "runs": sorted(runs)})
        noted = TracesNoted(timeline=len(timeline), runs=len(runs), payload_hash=body.hash)
        await working.ledger.append([noted], [body])


async def remove_traces(working: Working) -> tuple[int, int]:
    """Destroy the traces noted and not yet removed, by their ids; answers how many timeline rows and runs.

    A record that stays keeps its history: its runs stay, also where it was noted as going.
    """
    timeline, runs = 0, 0
    waiting = await noted_traces(working.ledger.reader)
    kept = await _runs_of_kept(working) if waiting else set()
    for noted in waiting:
        envelope = await working.ledger.reader.envelope(noted.payload_hash)
        ids = envelope.value if envelope else {"timeline": [], "runs": []}
        for start in range(0, len(ids["timeline"]), _REMOVED_A_CALL):
            await destroy_timeline(working.twenty.client, Ids(ids["timeline"][start : start + _REMOVED_A_CALL]))
        going = [one for one in ids["runs"] if one not in kept]
        for start in range(0, len(going), _REMOVED_A_CALL):
            await destroy_runs(working.twenty.client, Ids(going[start : start + _REMOVED_A_CALL]))
        removed = TracesRemoved(noted=noted.position, timeline=len(ids["timeline"]), runs=len(going))
        await working.ledger.append([removed])
        timeline, runs = timeline + removed.timeline, runs + removed.runs
    return timeline, runs


async def _runs_of_kept(working: Working) -> set[str]:
    done = await compensations(working.ledger.reader, working.ledger.run_id)
    return await _runs_about(working, [one.twenty_id for one in done if one.state == "kept" and one.source_key])


async def _runs_about(working: Working, ids: Sequence[str]) -> set[str]:
    """The workflow runs about these records."""
    found: set[str] = set()
    for start in range(0, len(ids), _RECORDS_A_READ):
        found |= set(await run_ids(working.twenty.client, *ids[start : start + _RECORDS_A_READ]))
    return found
