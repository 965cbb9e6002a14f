"""What an update would come to, by reading Twenty alone."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Object
from commands.policies import Policies
from commands.session import Working
from commands.updating.subjects import READ_A_CALL, Subject, merged, read_theirs, subjects_of
from ledger import work
from ledger.work import Work

_NOT_AS_THEY_SHOULD_BE = ("held", "rejected", "changed")
"""States of written records that a delta tries to put right."""


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """The records of an object that are not as they should be.

    `update` would be sent, `settled` are in Twenty already as they should be, of `conflicts` a person changed a field
    that Kartra changed too, `not_there` are gone, or lie in the bin and are to be left there.
    """

    update: int = 0
    settled: int = 0
    conflicts: int = 0
    not_there: int = 0


async def foresee(working: Working, object_name: str, policies: Policies) -> Foreseen:
    """Count what would become of the changed records of an object. Nothing is sent."""
    target = working.twenty.model.object(object_name)
    overwrite = policies.of(object_name, "conflict") == "overwrite"
    restore = policies.of(object_name, "deleted") == "restore"
    counted = dict.fromkeys(Foreseen.__struct_fields__, 0)
    async for page in _pages(working, object_name):
        subjects = await subjects_of(working, page)
        theirs = await _read(working, target, subjects) if subjects else {}
        for subject in subjects:
            row = theirs.get(subject.id)
            binned = row is not None and row["deletedAt"] is not None
            if row is None or (binned and not restore):
                counted["not_there"] += 1
                continue
            merge = merged(target, subject, row, overwrite=overwrite)
            counted["conflicts"] += bool(merge.conflicts)
            counted["update" if merge.sent or binned else "settled"] += 1
    return Foreseen(**counted)


async def _pages(working: Working, object_name: str) -> AsyncIterator[list[Work]]:
    for state in _NOT_AS_THEY_SHOULD_BE:
        after = 0
        while page := await work.in_state(working.ledger.reader, object_name, state, READ_A_CALL, after):
            after = page[-1].state.position
            yield [one for one in page if one.state.written_hash is not None]


async def _read(working: Working, target: Object, subjects: Sequence[Subject]) -> dict[str, Mapping[str, Any]]:
    """What Twenty holds; a field that is still to be made is empty there."""
    known = target.fields.keys() | target.columns
    absent = {name: None for one in subjects for name in one.columns - known}
    rows = await read_theirs(working, target, [_only(one, known) for one in subjects])
    return {id_: {**absent, **row} for id_, row in rows.items()}


def _only(subject: Subject, known: frozenset[str] | set[str]) -> Subject:
    """A subject without the fields that Twenty does not have."""
    base, ours = ({name: part[name] for name in part.keys() & known} for part in (subject.base, subject.ours))
    return msgspec.structs.replace(subject, base=base, ours=ours)
