"""What Twenty should hold of a record: what was sent when it was made, and what each change sent since."""

from collections.abc import Mapping, Sequence
from typing import Any

from commands.session import Working
from commands.storable import as_stored
from commands.updating.subjects import linked_ids, with_links
from ledger.hashing import Envelope
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
    standing = {id_: [one for one in some if one.undone is None] for id_, some in histories.items()}
    hashes = [hash_ for some in standing.values() for one in some for hash_ in (one.base_hash, one.sent_hash) if hash_]
    bodies = await reader.envelopes(hashes)
    values = [one.value for one in records if one.value] + [
        one.value for one in bodies.values() if "links" in one.value
    ]
    linked = await linked_ids(working, values)
    return {
        one.state.source_key: _expected(one, standing.get(str(one.state.twenty_id), []), bodies, linked)
        for one in records
    }


def _expected(
    one: Work, made: Sequence[Past], bodies: Mapping[str, Envelope], linked: Mapping[tuple[str, str], str]
) -> Expected | None:
    sent = [change.sent_hash for change in made if change.sent_hash]
    if one.value is None or any(hash_ not in bodies for hash_ in sent):
        return None
    begun: Any = one.value
    if one.state.origin == "adopted":
        begun = None
    elif made and made[0].base_hash:
        if made[0].base_hash not in bodies:
            return None
        begun = bodies[made[0].base_hash].value
    found = {} if begun is None else with_links(begun, linked)
    found = {name: value for name, value in found.items() if name not in one.state.unlinked_columns}
    for hash_ in sent:
        for name, value in as_stored(bodies[hash_].value["fields"]).items():
            below = found.get(name)
            found[name] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return found
