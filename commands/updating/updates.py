"""The records of an object that are not as they should be: read, merged, and sent or left for a person."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import msgspec

from adapters.twenty import Object
from commands.absent import absent
from commands.policies import Policies
from commands.session import Working
from commands.updating.changes import Change, change_of, held, nothing_to_send
from commands.updating.existing import make_way
from commands.updating.sending import Sending
from commands.updating.settling import as_intended
from commands.updating.subjects import READ_A_CALL, Subject, merged, out_of_bin, read_theirs, subjects_of
from ledger import work
from ledger.events import Event, RowReleased
from ledger.hashing import Payload, seal
from ledger.projections import holds
from ledger.store import Draft
from ledger.work import Work

_CHANGED = ("held", "rejected", "changed")
"""States of written records that a delta tries to put right; what stood in the way of the first two may be gone."""


class _Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is to become of a record: a change to send, an outcome without a call, or a reason to hold it."""

    subject: Subject
    change: Change | None = None
    settled: Draft | None = None
    held: str | None = None
    column: str | None = None
    detail: Any = None


async def link_late(working: Working, sending: Sending, object_name: str, keys: frozenset[str] | None) -> None:
    """Link the records that were written before what they point at; what a person linked meanwhile stays."""
    policies = Policies({"default.conflict": "keep-twenty"})
    async for page in _pages(working, object_name, ()):
        some = [one for one in page if keys is None or one.state.source_key in keys]
        subjects = [one for one in await subjects_of(working, some) if _links_more(one)]
        await _put_right(working, sending, object_name, await _linkable(working, subjects), policies)


async def update(
    working: Working, sending: Sending, object_name: str, policies: Policies, but: frozenset[str] = frozenset()
) -> None:
    """Bring every written record of an object to what it should hold; what both sides changed goes by policy.

    Streams in `but` were tried already.
    """
    async for page in _pages(working, object_name, _CHANGED):
        some = [one for one in page if one.state.source_key not in but]
        await _put_right(working, sending, object_name, await subjects_of(working, some), policies)


async def update_some(
    working: Working, sending: Sending, object_name: str, records: Sequence[Work], policies: Policies
) -> None:
    """Bring some written records of an object to what they should hold."""
    await _put_right(working, sending, object_name, await subjects_of(working, records), policies)


async def retry(
    working: Working, sending: Sending, object_name: str, records: Sequence[Work], policies: Policies
) -> None:
    """Make changes anew that were begun and did not land."""
    subjects = [await as_intended(working, one) for one in await subjects_of(working, records)]
    await _put_right(working, sending, object_name, subjects, policies)


def _links_more(subject: Subject) -> bool:
    return set(subject.unlinked) < subject.work.state.unlinked_columns


async def _linkable(working: Working, subjects: Sequence[Subject]) -> list[Subject]:
    """Those whose targets are really there: what somebody destroyed in Twenty is in the ledger all the same."""
    targets = [_targets(one) for one in subjects]
    gone = await absent(working.twenty, [pair for some in targets for pair in some])
    return [one for one, some in zip(subjects, targets, strict=True) if gone.isdisjoint(id_ for _, id_ in some)]


def _targets(subject: Subject) -> list[tuple[str, str]]:
    """What the relations that were left out lead to: object and id."""
    links = subject.work.value["links"]
    late = subject.work.state.unlinked_columns - set(subject.unlinked)
    return [(links[column]["object"], str(subject.ours[column])) for column in late if column in links]


async def _pages(working: Working, object_name: str, states: Sequence[str]) -> AsyncIterator[Sequence[Work]]:
    reader = working.ledger.reader
    seen: set[str] = set()
    for state in states:
        after = 0
        while page := await work.in_state(reader, object_name, state, READ_A_CALL, after):
            after = page[-1].state.position
            # One that was held and is refused now has been tried.
            yield [one for one in page if one.state.written_hash is not None and one.state.source_key not in seen]
            seen.update(one.state.source_key for one in page)
    after = 0
    while not states and (page := await work.unlinked(reader, object_name, READ_A_CALL, after)):
        after = page[-1].state.position
        yield page


async def _put_right(
    working: Working, sending: Sending, object_name: str, subjects: Sequence[Subject], policies: Policies
) -> None:
    if not subjects:
        return
    target = working.twenty.model.object(object_name)
    theirs = await read_theirs(working, target, subjects)
    verdicts = [_verdict(target, one, theirs.get(one.id), policies) for one in subjects]
    await _hold(working, sending, object_name, verdicts)
    going = [one for one in verdicts if one.held is None]
    settled = [one.settled for one in going if one.settled]
    await working.ledger.append(settled)
    sending.updated[object_name] += len(settled)
    changes = [one.change for one in going if one.change]
    await make_way(working, object_name, changes, policies)
    await sending.send(object_name, changes)


def _verdict(target: Object, subject: Subject, theirs: dict[str, Any] | None, policies: Policies) -> _Verdict:
    name = subject.work.state.object
    if theirs is None:
        return _Verdict(subject=subject, held="deleted_in_twenty")
    if theirs["deletedAt"] is not None:
        if policies.of(name, "deleted") != "restore":
            return _Verdict(subject=subject, held="deleted_in_twenty")
        subject = out_of_bin(subject, theirs)
    way = policies.of(name, "conflict")
    merge = merged(target, subject, theirs, overwrite=way == "overwrite")
    if merge.conflicts and way == "hold":
        detail = {"conflicts": list(merge.conflicts)}
        return _Verdict(subject=subject, held="conflict", column=merge.conflicts[0], detail=detail)
    if merge.sent or subject.deleted_at is not None:
        return _Verdict(subject=subject, change=change_of(subject, merge, theirs))
    return _Verdict(subject=subject, settled=nothing_to_send(subject, theirs))


async def _hold(working: Working, sending: Sending, object_name: str, verdicts: Sequence[_Verdict]) -> None:
    """Release what is held for nothing, or for something else by now; hold what is not held for what it is."""
    waiting = await holds.open_on_records(working.ledger.reader, object_name, [one.subject.stream for one in verdicts])
    released: list[Event] = []
    events: list[Event] = []
    payloads: list[Payload] = []
    for one in verdicts:
        body = None if one.detail is None else seal(one.subject.stream, one.detail)
        why = (one.held, one.column, body.hash if body else None)
        there = waiting.get(one.subject.stream, ())
        if one.held is not None and any((hold.reason, hold.column, hold.payload_hash) == why for hold in there):
            continue
        released += [RowReleased(hold=hold.id) for hold in there]
        if one.held is not None:
            events.append(held(one.subject.work.state, one.held, one.column, body))
            payloads += [body] if body else []
    await working.ledger.append([*released, *events], payloads)
    sending.held[object_name] += len(events)
