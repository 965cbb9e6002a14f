"""Traces: what Twenty wrote about our records by itself, noted while the records exist, removed once they are gone."""

from collections.abc import Sequence

from adapters.twenty import Ids, destroy_runs, destroy_timeline, run_ids, timeline_ids
from commands.compensation.deciding import Decision
from commands.session import Working
from ledger.events import TracesNoted, TracesRemoved
from ledger.hashing import seal
from ledger.projections.compensations import noted_traces

CASCADING = frozenset({"person", "company"})
"""Objects whose timeline rows go with them (FACTS section 7); those of all others stay, and no longer say of whom."""

_REMOVED_A_CALL = 5_000


async def note_traces(working: Working, decision: Decision, marks: Sequence[str]) -> None:
    """Note the ids of the traces of the records that go. Those of kept records are left out: their history stays."""
    client, model = working.twenty.client, working.twenty.model
    targets = {
        name: Ids([one.id for one in some]) for name, some in decision.going.items() if some and name not in CASCADING
    }
    timeline = await timeline_ids(client, model, targets) if targets else []
    runs = {one for mark in marks for one in await run_ids(client, mark)}
    for keeps in decision.kept.values():
        for keep in keeps:
            runs -= set(await run_ids(client, keep.candidate.id))
    if timeline or runs:
        body = seal(f"traces:{working.ledger.run_id}", {"timeline": timeline, "runs": sorted(runs)})
        noted = TracesNoted(timeline=len(timeline), runs=len(runs), payload_hash=body.hash)
        await working.ledger.append([noted], [body])


async def remove_traces(working: Working) -> tuple[int, int]:
    """Destroy the traces noted and not yet removed, by their ids; answers how many timeline rows and runs."""
    timeline, runs = 0, 0
    for noted in await noted_traces(working.ledger.reader):
        envelope = await working.ledger.reader.envelope(noted.payload_hash)
        ids = envelope.value if envelope else {"timeline": [], "runs": []}
        for start in range(0, len(ids["timeline"]), _REMOVED_A_CALL):
            await destroy_timeline(working.twenty.client, Ids(ids["timeline"][start : start + _REMOVED_A_CALL]))
        for start in range(0, len(ids["runs"]), _REMOVED_A_CALL):
            await destroy_runs(working.twenty.client, Ids(ids["runs"][start : start + _REMOVED_A_CALL]))
        removed = TracesRemoved(noted=noted.position, timeline=len(ids["timeline"]), runs=len(ids["runs"]))
        await working.ledger.append([removed])
        timeline, runs = timeline + removed.timeline, runs + removed.runs
    return timeline, runs
