"""What Twenty should hold of a record: what was sent when it was made, and what each change sent since."""

from collections.abc import Mapping, Sequence
from typing import Any

from commands.ours import Bodies, as_held, bodies_of, held
from commands.session import Working
from commands.updating.subjects import linked_ids
from ledger.projections import changes
from ledger.projections.changes import Past
from ledger.work import Work

Expected = Mapping[str, Any]
"""Fields and relations' columns → what was sent."""


async def expected_of(working: Working, object_name: str, records: Sequence[Work]) -> dict[str, Expected | None]:
    """What was sent of each record, by stream; None where its body was erased.

    Of an adopted record that is only what was filled in; a field that kept Twenty's value by policy is not ours.
    """
    reader = working.ledger.reader
    histories = await changes.histories(reader, object_name, [str(one.state.twenty_id) for one in records])
    bodies = await reader.envelopes([hash_ for some in histories.values() for hash_ in bodies_of(some)])
    values = [one.value for one in records if one.value] + [
        one.value for one in bodies.values() if "links" in one.value
    ]
    linked = await linked_ids(working, values)
    return {
        one.state.source_key: _expected(one, histories.get(str(one.state.twenty_id), []), bodies, linked)
        for one in records
    }


def _expected(
    one: Work, history: Sequence[Past], bodies: Bodies, linked: Mapping[tuple[str, str], str]
) -> Expected | None:
    if one.value is None or any(hash_ not in bodies for hash_ in bodies_of(history)):
        return None
    found = held(history, bodies) if history else as_held(one.value)
    leading = {name for name, value in found.items() if isinstance(value, tuple)}
    # Where a relation was left out, or what it leads to is not there any more, nothing is known to stand there.
    unknown = {name for name in leading if name in one.state.unlinked_columns or found[name] not in linked}
    return {name: linked[value] if name in leading else value for name, value in found.items() if name not in unknown}
