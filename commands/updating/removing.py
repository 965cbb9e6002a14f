"""What Kartra does not have any more: ties to tags and lists that left, and, where the policy says so, gone records.

They are taken back like in a rollback: what a person touched since, or others point at, is kept and named.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec

from adapters.mapping import MappingConfig
from commands.comparing.kinds import PREFIXES
from commands.compensation.deciding import Decision, decide, record_kept
from commands.compensation.destroying import destroy_all
from commands.compensation.kept import Kept
from commands.compensation.scope import writing_runs
from commands.compensation.traces import note_traces, remove_traces
from commands.policies import Policies
from commands.session import Working
from ledger import standing, work
from ledger.events import RecordWithdrawn
from ledger.projections import compensations, departures
from ledger.scopes import Scope
from ledger.waves import set_aside

Key = tuple[str, str]
"""Object and stream of a record."""

ADOPTED = "adopted"
"""Why a record stays that was there before ours: it is never deleted by us."""
SET_ASIDE = "set_aside"
"""Why a record is named that stays although its row is no record any more (a payment that failed since)."""
_SALES = "transactions"


class Departed(msgspec.Struct, frozen=True, kw_only=True):
    """What left Kartra: how many records of each object are taken out of Twenty, and which of them stay, and why."""

    removed: dict[str, int] = {}
    kept: tuple[Kept, ...] = ()


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """By what departures are judged: the mapping, the policies, and the kinds whose files hold all there is."""

    config: MappingConfig
    policies: Policies
    complete: AbstractSet[str]


async def remove_departed(working: Working, judged: Judged) -> Departed:
    """Take out of Twenty what left Kartra."""
    gone, left = await _gone(working, judged)
    going = {*await _untied(working, judged.config), *gone}
    if not going:
        return Departed(kept=left)
    decision = await decide(working, Scope(keys=frozenset(going)), force=False)
    await record_kept(working, decision, await compensations.kept_before(working.ledger.reader))
    await note_traces(working, decision, await writing_runs(working.ledger.reader, Scope()), whole=False)
    removed = await destroy_all(working, decision, force=False)
    await remove_traces(working)
    await _withdraw(working, gone)
    kept = (*_kept(decision), *await _adopted(working, gone), *left)
    return Departed(removed={name: count for name, count in removed.items() if count}, kept=kept)


async def foresee_departed(working: Working, judged: Judged) -> Departed:
    """What would be taken out of Twenty and what would stay, by reading Twenty alone."""
    gone, left = await _gone(working, judged)
    going = {*await _untied(working, judged.config), *gone}
    if not going:
        return Departed(kept=left)
    decision = await decide(working, Scope(keys=frozenset(going)), force=False)
    counts = {name: len(some) for name, some in decision.going.items() if some}
    return Departed(removed=counts, kept=(*_kept(decision), *await _adopted(working, gone), *left))


async def _untied(working: Working, config: MappingConfig) -> list[Key]:
    """Ties between people and names, made by us, that Kartra's rows do not make any more."""
    found: list[Key] = []
    for name in {names.junction.object.name for names in config.names}:
        obsolete = await work.in_state(working.ledger.reader, name, "obsolete")
        found += [(name, one.state.source_key) for one in obsolete]
    return found


async def _gone(working: Working, judged: Judged) -> tuple[list[Key], tuple[Kept, ...]]:
    """The records to delete: of streams that are gone, and of sales that are none any more; and those of these left.

    Only kinds that are complete and objects whose policy is to delete count. What an earlier run saw gone of another
    kind is not this run's to judge: its files are not at hand.
    """
    reader = working.ledger.reader
    streams = [one for kind in judged.complete for one in await departures.gone(reader, PREFIXES[kind])]
    made = [one for one in await work.made_of(reader, streams) if _deletes(judged, one[0])]
    aside = await standing.obsolete(reader, await set_aside(reader, PREFIXES[_SALES]))
    going = {(name, stream) for name, stream, _ in aside if _SALES in judged.complete and _deletes(judged, name)}
    left = [Kept(object=name, id=id_, why=SET_ASIDE) for name, stream, id_ in aside if (name, stream) not in going]
    return [*made, *going], tuple(left)


def _deletes(judged: Judged, object_name: str) -> bool:
    return judged.policies.of(object_name, "gone") == "delete"


def _kept(decision: Decision) -> list[Kept]:
    return [Kept(object=name, id=one.candidate.id, why=one.why) for name, some in decision.kept.items() for one in some]


async def _adopted(working: Working, gone: Iterable[Key]) -> list[Kept]:
    """Those of the records gone from Kartra that were in Twenty before us."""
    found = []
    for name, streams in _by_object(gone).items():
        states = await work.states_of(working.ledger.reader, name, streams)
        found += [
            Kept(object=name, id=one.twenty_id or "", why=ADOPTED)
            for one in states.values()
            if one.origin == "adopted" and one.written_hash is not None
        ]
    return found


def _by_object(keys: Iterable[Key]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, stream in keys:
        found.setdefault(name, []).append(stream)
    return found


async def _withdraw(working: Working, gone: Iterable[Key]) -> None:
    """What went, or never was sent, is not to be made again while its stream is gone; what was kept stays ours."""
    for name, streams in _by_object(gone).items():
        states = await work.states_of(working.ledger.reader, name, streams)
        left = [one for one in streams if states[one].written_hash is None]
        await working.ledger.append([RecordWithdrawn(object=name, source_key=one) for one in left])
