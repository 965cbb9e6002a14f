"""What Twenty has already: held, left to stand for ours, or adopted, as the policies say."""

from collections.abc import Iterable, Sequence

from adapters.twenty import Object
from commands.collisions import Barred, Conflict, collisions, hold_events
from commands.policies import Policies
from commands.session import Working
from commands.updating.changes import change_of, nothing_to_send
from commands.updating.displacing import displace
from commands.updating.sending import Sending
from commands.updating.settling import intended_change, lay_in_bin
from commands.updating.subjects import READ_A_CALL, Subject, linked_ids, merged, read_theirs, with_links
from ledger.events import RecordSkipped
from ledger.work import Work


async def meet_existing(
    working: Working,
    sending: Sending,
    object_name: str,
    policies: Policies,
    keys: Iterable[str] | None = None,
) -> None:
    """Settle every pending record of an object that Twenty has already; what is left pending can be created.

    To destroy is only ever needed for a value that no two records may share: a company of the same name in the bin is
    left there, and ours is created beside it.
    """
    async for barred in collisions(working, object_name, keys):
        ways: dict[str, list[tuple[Work, Conflict]]] = {}
        for one, conflict in barred:
            ways.setdefault(_way(conflict, object_name, policies), []).append((one, conflict))
        await _hold(working, sending, object_name, ways.get("hold", []))
        await _skip(working, sending, object_name, ways.get("skip", []))
        spared = await displace(working, object_name, ways.get("destroy", []))
        adopted = [*ways.get("adopt", []), *ways.get("restore", [])]
        await adopt(working, sending, object_name, adopted, overwrite=overwrites(policies, object_name))
        if spared:
            # What somebody took out of the bin meanwhile bars the way as a live record does.
            await meet_existing(working, sending, object_name, policies, spared)


def overwrites(policies: Policies, object_name: str) -> bool:
    """Whether an adopted record of an object gets all that ours holds, and not only what is empty there."""
    return policies.of(object_name, "adoption") == "overwrite"


def _way(conflict: Conflict, object_name: str, policies: Policies) -> str:
    if conflict.ours:
        return "hold"
    way = policies.of(object_name, "existing" if conflict.deleted_at is None else "deleted")
    return "beside" if way == "destroy" and not conflict.is_unique else way


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
