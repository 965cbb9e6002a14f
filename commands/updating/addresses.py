"""Unique values that one record gives up and another takes: changed in an order that works, before all others.

Where several records want each other's, one of them is emptied first, by an intent of its own: what it then holds is on
record like any other change, so that a run that stops there goes on, and a rollback takes it back.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping

import msgspec

from adapters.twenty import BatchSize
from commands.collisions import KEYS, KEYS_A_READ
from commands.policies import Policies
from commands.session import Working
from commands.updating.changes import change_of
from commands.updating.sending import Sending
from commands.updating.subjects import READ_A_CALL, Subject, merged, read_theirs, subjects_of
from commands.updating.updates import update_some
from ledger import work
from ledger.hashing import seal
from ledger.work import Work

_OPEN = ("held", "rejected", "changed")
_EMPTY = {"primaryEmail": "", "additionalEmails": []}
_PEOPLE = "person"
_FIELD, _PART = KEYS[_PEOPLE].split(".")


class _Move(msgspec.Struct, frozen=True):
    """A record's address in Twenty, and the one it should have."""

    had: str
    wanted: str


async def move_addresses(working: Working, sending: Sending, object_name: str, policies: Policies) -> frozenset[str]:
    """Change the people whose e-mails others of ours want, and those who want them; answers who was tried."""
    moves = await _moves(working) if object_name == _PEOPLE else {}
    holders = {move.had: stream for stream, move in moves.items() if move.had}
    waits = {stream: holders[move.wanted] for stream, move in moves.items() if move.wanted in holders}
    left = {*waits, *waits.values(), *await _wanted_by_new(working, holders)}
    tried = frozenset(left)
    while left:
        ready = {stream for stream in left if waits.get(stream) not in left}
        if not ready:
            waits = await _open_ring(working, sending, policies, _ring(waits, left), waits)
            continue
        await update_some(working, sending, _PEOPLE, await _works(working, ready), policies)
        left -= ready
    return tried


def _ring(waits: Mapping[str, str], left: Collection[str]) -> list[str]:
    """Records that wait for one another in a ring, among some that all wait."""
    stream = min(left)
    for _ in left:
        stream = waits[stream]
    ring = [stream]
    while waits[ring[-1]] != stream:
        ring.append(waits[ring[-1]])
    return ring


async def _open_ring(
    working: Working, sending: Sending, policies: Policies, ring: list[str], waits: Mapping[str, str]
) -> dict[str, str]:
    """Empty the first of a ring, if all of it can go on then; nobody waits for it any more, whatever came of it."""
    subjects = await subjects_of(working, await _works(working, ring))
    target = working.twenty.model.object(_PEOPLE)
    theirs = await read_theirs(working, target, subjects)
    if len(subjects) == len(ring) and all(_can_go(working, one, theirs, policies) for one in subjects):
        await _empty(working, sending, next(one for one in subjects if one.stream == ring[0]), theirs)
    return {stream: holder for stream, holder in waits.items() if holder != ring[0]}


def _can_go(working: Working, subject: Subject, theirs: Mapping[str, Mapping[str, object]], policies: Policies) -> bool:
    row = theirs.get(subject.id)
    if row is None or row["deletedAt"] is not None:
        return False
    way = policies.of(_PEOPLE, "conflict")
    merge = merged(working.twenty.model.object(_PEOPLE), subject, row, overwrite=way == "overwrite")
    return _FIELD in merge.sent and not (merge.conflicts and way == "hold")


async def _empty(
    working: Working, sending: Sending, subject: Subject, theirs: Mapping[str, Mapping[str, object]]
) -> None:
    """Take a record's address out of Twenty; what it should hold is as it was, and is sent later."""
    envelope = await working.ledger.reader.envelope(subject.base_hash or "")
    if envelope is None:
        return
    value = {**envelope.value, "fields": {**envelope.value["fields"], _FIELD: _EMPTY}}
    body = seal(subject.stream, value)
    emptied = msgspec.structs.replace(
        subject,
        work=Work(msgspec.structs.replace(subject.work.state, payload_hash=body.hash), value),
        base={_FIELD: subject.base[_FIELD]},
        ours={_FIELD: _EMPTY},
        unlinked=tuple(sorted(subject.work.state.unlinked_columns)),
    )
    row = theirs[subject.id]
    merge = merged(working.twenty.model.object(_PEOPLE), emptied, row, overwrite=True)
    aside = Sending(working, BatchSize())
    await aside.send(_PEOPLE, [msgspec.structs.replace(change_of(emptied, merge, row), target=body)])
    # It is half of a change: what is counted is the whole, unless nothing comes of it.
    sending.held += aside.held
    sending.rejected += aside.rejected


async def _moves(working: Working) -> dict[str, _Move]:
    """Everybody of ours whose e-mail is to be another one."""
    reader = working.ledger.reader
    found: dict[str, _Move] = {}
    async for page in _pages(working):
        bases = await reader.envelopes([one.state.written_hash for one in page if one.state.written_hash])
        for one in page:
            if one.value and one.state.written_hash in bases:
                had, wanted = _address(bases[one.state.written_hash].value), _address(one.value)
                if had != wanted:
                    found[one.state.source_key] = _Move(had, wanted)
    return found


async def _pages(working: Working) -> AsyncIterator[list[Work]]:
    for state in _OPEN:
        after = 0
        while page := await work.in_state(working.ledger.reader, _PEOPLE, state, READ_A_CALL, after):
            after = page[-1].state.position
            yield page


async def _wanted_by_new(working: Working, holders: Mapping[str, str]) -> set[str]:
    """Those whose addresses people want who are to be created."""
    found: set[str] = set()
    after = 0
    while holders and (page := await work.pending(working.ledger.reader, _PEOPLE, KEYS_A_READ, after)):
        after = page[-1].state.position
        found |= {holders[wanted] for one in page if (wanted := _address(one.value)) in holders}
    return found


async def _works(working: Working, streams: Iterable[str]) -> list[Work]:
    """Records as they stand now."""
    reader = working.ledger.reader
    states = await work.states_of(reader, _PEOPLE, sorted(streams))
    bodies = await reader.envelopes([one.payload_hash for one in states.values()])
    return [Work(one, bodies[one.payload_hash].value) for one in states.values() if one.payload_hash in bodies]


def _address(value: Mapping[str, Mapping[str, object]]) -> str:
    emails = value["fields"].get(_FIELD)
    return str(emails.get(_PART) or "") if isinstance(emails, Mapping) else ""
