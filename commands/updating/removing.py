"""What Kartra does not have any more: ties to tags and lists that left, and, where the policy says so, gone records.

They are taken back like in a rollback: what a person touched since, or others point at, is kept and named.
"""

from collections.abc import Iterable

from adapters.mapping import MappingConfig
from commands.compensation.deciding import decide, record_kept
from commands.compensation.destroying import destroy_all
from commands.compensation.scope import writing_runs
from commands.compensation.traces import note_traces, remove_traces
from commands.policies import Policies
from commands.session import Working
from ledger import work
from ledger.events import RecordWithdrawn
from ledger.projections import departures
from ledger.scopes import Scope

Key = tuple[str, str]
"""Object and stream of a record."""


async def remove_departed(working: Working, config: MappingConfig, policies: Policies) -> dict[str, int]:
    """Take out of Twenty what left Kartra; answers how many records of each object went."""
    gone = await _gone(working, policies)
    going = {*await _untied(working, config), *gone}
    if not going:
        return {}
    decision = await decide(working, Scope(keys=frozenset(going)), force=False)
    await record_kept(working, decision)
    await note_traces(working, decision, await writing_runs(working.ledger.reader, Scope()), whole=False)
    removed = await destroy_all(working, decision, force=False)
    await remove_traces(working)
    await _withdraw(working, gone)
    return {name: count for name, count in removed.items() if count}


async def _untied(working: Working, config: MappingConfig) -> list[Key]:
    """Ties between people and names, made by us, that Kartra's rows do not make any more."""
    found: list[Key] = []
    for name in {names.junction.object.name for names in config.names}:
        obsolete = await work.in_state(working.ledger.reader, name, "obsolete")
        found += [(name, one.state.source_key) for one in obsolete]
    return found


async def _gone(working: Working, policies: Policies) -> list[Key]:
    """The records of streams that are gone, of the objects whose policy is to delete."""
    streams = await departures.every_gone(working.ledger.reader)
    made = await work.made_of(working.ledger.reader, streams)
    return [one for one in made if policies.of(one[0], "gone") == "delete"]


async def _withdraw(working: Working, gone: Iterable[Key]) -> None:
    """What went, or never was sent, is not to be made again while its stream is gone; what was kept stays ours."""
    states = {name: await work.states_of(working.ledger.reader, name, [key for _, key in gone]) for name, _ in gone}
    left = [(name, key) for name, key in gone if states[name][key].written_hash is None]
    await working.ledger.append([RecordWithdrawn(object=name, source_key=key) for name, key in left])
