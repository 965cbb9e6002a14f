"""Traces: what Twenty wrote about our records by itself, noted while the records exist, removed once they are gone."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from adapters.twenty import Ids, destroy_runs, destroy_timeline, run_ids, run_states, timeline_about
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


async def note_traces(working: Working, decision: Decision, marks: Sequence[str], *, whole: bool) -> None:
    """Note the ids of the traces of the records that go. Those of kept records are left out: their history stays.

    `marks` are those of the runs that made the records; `whole` says that all that bears them is to go.
    """
    client, model, known = working.twenty.client, working.twenty.model, await present(working)
    targets = {
        known.object(name).singular: Ids([one.id for one in some])
        for name, some in decision.going.items()
        if some and name not in CASCADING
    }
    timeline = await timeline_about(client, model, targets) if targets else {}
    runs = await _whole_runs(working, decision, marks) if whole else await _runs_of_going(working, decision, marks)
    if timeline or runs:
        value = {"timeline": list(timeline), "about": list(timeline.values()), "runs": sorted(runs)}
        body = seal(f"traces:{working.ledger.run_id}", value)
        noted = TracesNoted(timeline=len(timeline), runs=len(runs), payload_hash=body.hash)
        await working.ledger.append([noted], [body])


async def _whole_runs(working: Working, decision: Decision, marks: Sequence[str]) -> set[str]:
    """All workflow runs with the marks, less those about records that stay."""
    found = {one for mark in marks for one in await run_ids(working.twenty.client, mark)}
    return found - await _runs_about(working, [keep.candidate.id for keeps in decision.kept.values() for keep in keeps])


async def _runs_of_going(working: Working, decision: Decision, marks: Sequence[str]) -> set[str]:
    """The workflow runs about the records that go, or are gone: of many, read from all those with the marks."""
    ids = {one.id for part in (decision.going, decision.gone) for some in part.values() for one in some}
    if len(ids) <= _RECORDS_A_READ:
        return await _runs_about(working, sorted(ids))
    states = [run_states(working.twenty.client, mark) for mark in marks]
    return {run_id for some in states async for run_id, result in some if result.get("recordId") in ids}


async def remove_traces(working: Working) -> tuple[int, int]:
    """Destroy the traces noted and not yet removed, by their ids; answers how many timeline rows and runs.

    A record that stays keeps its history: its traces stay, also where it was noted as going.
    """
    timeline, runs = 0, 0
    waiting = await noted_traces(working.ledger.reader)
    kept = await _kept_ids(working) if waiting else []
    kept_runs = await _runs_about(working, kept)
    for noted in waiting:
        envelope = await working.ledger.reader.envelope(noted.payload_hash)
        rows, noted_runs = _going(envelope.value, set(kept), kept_runs) if envelope else ([], [])
        for start in range(0, len(rows), _REMOVED_A_CALL):
            await destroy_timeline(working.twenty.client, Ids(rows[start : start + _REMOVED_A_CALL]))
        for start in range(0, len(noted_runs), _REMOVED_A_CALL):
            await destroy_runs(working.twenty.client, Ids(noted_runs[start : start + _REMOVED_A_CALL]))
        removed = TracesRemoved(noted=noted.position, timeline=len(rows), runs=len(noted_runs))
        await working.ledger.append([removed])
        timeline, runs = timeline + removed.timeline, runs + removed.runs
    return timeline, runs


def _going(
    noted: Mapping[str, Sequence[str]], kept: AbstractSet[str], kept_runs: AbstractSet[str]
) -> tuple[list[str], list[str]]:
    """The timeline rows and workflow runs of a body, less those of records that stay after all."""
    # A ledger of before has no word of which record a row is about.
    about = noted.get("about") or [""] * len(noted["timeline"])
    rows = [one for one, record in zip(noted["timeline"], about, strict=True) if record not in kept]
    return rows, [one for one in noted["runs"] if one not in kept_runs]


async def _kept_ids(working: Working) -> list[str]:
    done = await compensations(working.ledger.reader, working.ledger.run_id)
    return [one.twenty_id for one in done if one.state == "kept" and one.source_key]


async def _runs_about(working: Working, ids: Sequence[str]) -> set[str]:
    """The workflow runs about these records."""
    found: set[str] = set()
    for start in range(0, len(ids), _RECORDS_A_READ):
        found |= set(await run_ids(working.twenty.client, *ids[start : start + _RECORDS_A_READ]))
    return found
