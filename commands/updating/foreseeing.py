"""What an update would come to, by reading Twenty alone."""

import msgspec

from commands.policies import Policies
from commands.session import Working
from commands.updating.subjects import READ_A_CALL, merged, read_theirs, subjects_of
from ledger import work


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """The records of an object that are not as they should be.

    `update` would be sent, `settled` are in Twenty already as they should be, of `conflicts` a person changed a field
    that Kartra changed too, `not_there` lie in the bin or are gone.
    """

    update: int = 0
    settled: int = 0
    conflicts: int = 0
    not_there: int = 0


async def foresee(working: Working, object_name: str, policies: Policies) -> Foreseen:
    """Count what would become of the changed records of an object. Nothing is sent."""
    target = working.twenty.model.object(object_name)
    overwrite = policies.of(object_name, "conflict") == "overwrite"
    counted = dict.fromkeys(Foreseen.__struct_fields__, 0)
    after = 0
    while page := await work.in_state(working.ledger.reader, object_name, "changed", READ_A_CALL, after):
        after = page[-1].state.position
        subjects = await subjects_of(working, page)
        theirs = await read_theirs(working, target, subjects) if subjects else {}
        for subject in subjects:
            row = theirs.get(subject.id)
            if row is None or row["deletedAt"] is not None:
                counted["not_there"] += 1
                continue
            merge = merged(target, subject, row, overwrite=overwrite)
            counted["conflicts"] += bool(merge.conflicts)
            counted["update" if merge.sent else "settled"] += 1
    return Foreseen(**counted)
