"""What Twenty has already: held, left to stand for ours, or adopted, as the policies say."""

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.twenty import Ids, Object, destroy, read_many
from adapters.twenty.reading import Ask
from commands.collisions import Barred, Conflict, collisions, hold_events
from commands.policies import Policies
from commands.session import Working
from commands.storable import storable
from commands.updating.changes import change_of, nothing_to_send
from commands.updating.sending import Sending
from commands.updating.settling import intended_change, lay_in_bin
from commands.updating.subjects import READ_A_CALL, Subject, linked_ids, merged, read_theirs, with_links
from ledger.events import DisplacementIntended, RecordDisplaced, RecordSkipped
from ledger.hashing import seal
from ledger.work import Work


async def meet_existing(
    working: Working,
    sending: Sending,
    object_name: str,
    policies: Policies,
    keys: Iterable[str] | None = None,
) -> None:
    """Settle every pending record of an object that Twenty has already; what is left pending can be created."""
    async for barred in collisions(working, object_name, keys):
        ways: dict[str, list[tuple[Work, Conflict]]] = {}
        for one, conflict in barred:
            ways.setdefault(_way(conflict, object_name, policies), []).append((one, conflict))
        await _hold(working, sending, object_name, ways.get("hold", []))
        await _skip(working, sending, object_name, ways.get("skip", []))
        await _displace(working, object_name, ways.get("destroy", []))
        adopted = [*ways.get("adopt", []), *ways.get("restore", [])]
        await adopt(working, sending, object_name, adopted, overwrite=overwrites(policies, object_name))


def overwrites(policies: Policies, object_name: str) -> bool:
    """Whether an adopted record of an object gets all that ours holds, and not only what is empty there."""
    return policies.of(object_name, "adoption") == "overwrite"


def _way(conflict: Conflict, object_name: str, policies: Policies) -> str:
    if conflict.ours or conflict.several:
        return "hold"
    return policies.of(object_name, "existing" if conflict.deleted_at is None else "deleted")


async def _hold(working: Working, sending: Sending, object_name: str, barred: Barred) -> None:
    await working.ledger.append(*hold_events(barred))
    sending.held[object_name] += len(barred)


async def _skip(working: Working, sending: Sending, object_name: str, barred: Barred) -> None:
    skipped = [
        RecordSkipped(object=object_name, source_key=one.state.source_key, twenty_id=conflict.holder)
        for one, conflict in barred
    ]
    await working.ledger.append(skipped)
    sending.skipped[object_name] += len(skipped)


async def _displace(working: Working, object_name: str, barred: Barred) -> None:
    """Destroy what lies in the bin under a value of ours, after all that can be read of it is stored."""
    target = working.twenty.model.object(object_name)
    for start in range(0, len(barred), READ_A_CALL):
        some = barred[start : start + READ_A_CALL]
        rows = await _whole(working, target, [conflict.holder for _, conflict in some])
        # One that somebody took out of the bin meanwhile bars the way as a live one, and is found as such.
        binned = {one: row for one, row in rows.items() if row["deletedAt"] is not None}
        going = [(one, binned[conflict.holder]) for one, conflict in some if conflict.holder in binned]
        if not going:
            continue
        stored = [seal(one.state.source_key, {"record": storable(row)}) for one, row in going]
        intents = [
            DisplacementIntended(
                object=object_name, source_key=one.state.source_key, twenty_id=row["id"], payload_hash=body.hash
            )
            for (one, row), body in zip(going, stored, strict=True)
        ]
        await working.ledger.append(intents, stored)
        await destroy(working.twenty.client, target, Ids([row["id"] for _, row in going]), None)
        await working.ledger.append(
            [
                RecordDisplaced(object=object_name, source_key=one.state.source_key, twenty_id=row["id"])
                for one, row in going
            ]
        )


async def _whole(working: Working, target: Object, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    ask = Ask(target.singular, Ids(ids), target.readable)
    answer = await read_many(working.twenty.client, working.twenty.model, [ask])
    return {row["id"]: row for row in answer[target.singular]}


async def adopt(working: Working, sending: Sending, object_name: str, barred: Barred, *, overwrite: bool) -> None:
    """Take records that are there for ours: fill in what is empty, or overwrite; what stood there is kept first."""
    target = working.twenty.model.object(object_name)
    for start in range(0, len(barred), READ_A_CALL):
        some = barred[start : start + READ_A_CALL]
        linked = await linked_ids(working, [one.value for one, _ in some])
        subjects = [_subject(one, conflict.holder, conflict.deleted_at, linked) for one, conflict in some]
        await send_adoptions(working, sending, target, object_name, subjects, overwrite=overwrite)


async def send_adoptions(
    working: Working,
    sending: Sending,
    target: Object,
    object_name: str,
    subjects: Sequence[Subject],
    *,
    overwrite: bool,
) -> None:
    """Adopt records known by their ids, after reading what they hold; one that is gone is left to a later write."""
    theirs = await read_theirs(working, target, subjects)
    drafts, changes = [], []
    for subject in subjects:
        row = theirs.get(subject.id)
        if row is None:
            continue
        merge = merged(target, subject, row, overwrite=overwrite)
        if merge.sent or subject.deleted_at is not None:
            changes.append(change_of(subject, merge, row))
        else:
            drafts.append(nothing_to_send(subject, row))
    await working.ledger.append(drafts)
    sending.adopted[object_name] += len(drafts)
    await sending.send(object_name, changes)


def _subject(one: Work, holder: str, deleted_at: str | None, linked: dict[tuple[str, str], str]) -> Subject:
    ours = with_links(one.value, linked)
    absent = tuple(sorted(column for column in one.value["links"] if column not in ours))
    return Subject(
        work=one, id=holder, base={}, ours=ours, put={}, base_hash=None, unlinked=absent, deleted_at=deleted_at
    )


async def adopt_again(
    working: Working, sending: Sending, object_name: str, records: Sequence[Work], policies: Policies
) -> None:
    """Adopt records whose adoption was begun and did not land; those out of the bin are known from the intent."""
    found = []
    for one in records:
        item = await intended_change(working, one)
        found.append((one, Conflict("", item.id, await lay_in_bin(working, item))))
    await adopt(working, sending, object_name, found, overwrite=overwrites(policies, object_name))
