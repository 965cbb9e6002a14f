"""What of ours is left of a record once some changes of it are undone."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from commands.ours import Bodies, bodies_of, meant
from commands.storable import storable
from ledger.hashing import Envelope, Payload, seal
from ledger.projections.changes import Past

_PUT_BACK = ""
"""Stands for the body, not sealed yet, of what comes back."""


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What of ours a record holds: its body's hash (None: it is not ours any more), and the body where it is a new one.

    `unlinked` are the relations it is without.
    """

    written_hash: str | None = None
    body: Payload | None = None
    unlinked: tuple[str, ...] = ()


def left(
    group: Sequence[Past], history: Sequence[Past], bodies: Bodies, back: Mapping[str, Any], *, whole: bool
) -> Left:
    """What is left when a `group` of changes is undone, of all that the `history` of their record holds.

    Where it is not the `whole` group, only `back` is.
    """
    if whole and any(one.kind == "adopted" for one in group):
        return Left()
    after = [_undone(one, whole=whole) if one in group else one for one in history]
    known = {**bodies, _PUT_BACK: Envelope(subject="", value={"fields": storable(dict(back))})}
    if any(hash_ not in known for hash_ in bodies_of([*history, *after])):
        # A body of the changes around was erased: nobody can tell what is left in full.
        return Left(written_hash=group[0].base_hash or group[0].payload_hash, unlinked=group[0].unlinked)
    value = meant(after, known)
    same = next((hash_ for hash_ in reversed(bodies_of(history)) if bodies[hash_].value == value), None)
    body = None if same else seal(group[0].source_key, value)
    return Left(
        written_hash=same or (body.hash if body else None),
        body=body,
        unlinked=_unlinked(group, history, known, back, value["links"]),
    )


def _undone(change: Past, *, whole: bool) -> Past:
    if whole:
        return msgspec.structs.replace(change, undone=change.position)
    return msgspec.structs.replace(change, returned=(*change.returned, _PUT_BACK))


def _unlinked(
    group: Sequence[Past], history: Sequence[Past], bodies: Bodies, back: Mapping[str, Any], links: Mapping[str, Any]
) -> tuple[str, ...]:
    """The relations that are without what they should lead to: as before, and those that were linked late."""
    before = meant(history, bodies)["links"]
    still = {name for name in group[0].unlinked if name in links and links[name] == before.get(name)}
    late = {name for one in group for name in _late(one, bodies) if name in links and back.get(name, "") is None}
    return tuple(sorted(still | late))


def _late(change: Past, bodies: Bodies) -> set[str]:
    """The relations that a change sent without their leading to another record than before."""
    if change.base_hash is None or change.sent_hash is None:
        return set()
    was, now = (bodies[hash_].value["links"] for hash_ in (change.base_hash, change.payload_hash))
    return {name for name in bodies[change.sent_hash].value["fields"] if name in now and now[name] == was.get(name)}
