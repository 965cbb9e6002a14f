"""A record to change: what we wrote last, what it should hold now, and what Twenty holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Ask, Ids, Merge, Object, merge_changes, read_many
from commands.session import Working
from commands.updating.given_up import let_stand
from ledger import work
from ledger.projections.changes import Change, of_record
from ledger.work import Work

READ_A_CALL = 2_000
_ALWAYS_READ = ("createdAt", "updatedAt")
_OUR_RECORDS_ALONE = frozenset({"createdAt"})
"""Fields that are told by us when a record is made, and are its own where it was there before."""

_NOTHING: Mapping[str, Any] = {"fields": {}, "links": {}}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A record to change under its id in Twenty, with links as ids. `base_hash` is empty where it was not ours.

    `deleted_at` is set where it lay in the bin and was, or is to be, taken out of it; `touched_at` says when it was
    touched last before that. In the fields `let_stand` a conflict was given up: Twenty's value stays.
    """

    work: Work
    id: str
    base: Mapping[str, Any]
    ours: Mapping[str, Any]
    put: Mapping[str, Any]
    base_hash: str | None
    unlinked: tuple[str, ...] = ()
    deleted_at: str | None = None
    touched_at: str | None = None
    let_stand: frozenset[str] = frozenset()

    @property
    def stream(self) -> str:
        """The record's stream."""
        return self.work.state.source_key

    @property
    def columns(self) -> set[str]:
        """Every field and column that is compared."""
        return {*self.base, *self.ours}


async def subjects_of(working: Working, records: Sequence[Work]) -> list[Subject]:
    """Records of ours that are to be changed; one that nobody knows what it should hold is left out.

    Of one whose written body was erased nothing is known to be ours: like a record that was there before us.
    """
    reader = working.ledger.reader
    bases = await reader.envelopes([one.state.written_hash for one in records if one.state.written_hash])
    pairs = [
        (one, bases[hash_].value if (hash_ := one.state.written_hash) in bases else _NOTHING)
        for one in records
        if one.state.written_hash and one.value
    ]
    linked = await linked_ids(working, [value for one, base in pairs for value in (one.value, base)])
    kept = await let_stand(working, [one for one, _ in pairs])
    subjects = [await _subject(working, one, base, linked) for one, base in pairs]
    return [msgspec.structs.replace(one, let_stand=kept.get(one.stream, frozenset())) for one in subjects]


async def _subject(working: Working, one: Work, base: Any, linked: Mapping[tuple[str, str], str]) -> Subject:
    state = one.state
    was, now = with_links(base, linked), with_links(one.value, linked)
    absent = {column for column in one.value["links"] if column not in now}
    # A relation that was left out is not there, whatever it leads to by now.
    known = {name: None if name in state.unlinked_columns else value for name, value in was.items()}
    # One whose target is not there (yet) leads nowhere, and no longer to what it led to before.
    emptied = {name for name in absent if known.get(name) is not None}
    return Subject(
        work=one,
        id=str(state.twenty_id),
        base={name: value for name, value in known.items() if name not in absent or name in emptied},
        ours={**now, **dict.fromkeys(emptied)},
        put=await _put_by_us(working, one, was, now),
        base_hash=state.written_hash,
        unlinked=tuple(sorted(absent)),
    )


async def _put_by_us(working: Working, one: Work, was: Mapping[str, Any], now: Mapping[str, Any]) -> Mapping[str, Any]:
    """The choices that are in Twenty by our hand, by field, where some of them are to be taken away."""
    lists = {name: value for name, value in was.items() if isinstance(value, list)}
    if all(set(map(str, value)) <= set(map(str, now.get(name) or ())) for name, value in lists.items()):
        return lists
    reader = working.ledger.reader
    changes = await of_record(reader, one.state.object, str(one.state.twenty_id))
    put = await _first_written(working, one, changes)
    bodies = await reader.envelopes([hash_ for change in changes for hash_ in _hashes(change)])
    for change in changes:
        if change.sent_hash in bodies and change.before_hash in bodies:
            _follow(put, bodies[change.before_hash].value["fields"], bodies[change.sent_hash].value["fields"])
    return put


async def _first_written(working: Working, one: Work, changes: Sequence[Change]) -> dict[str, set[str]]:
    if one.state.origin == "adopted":
        return {}
    first = next((change.base_hash for change in changes), one.state.written_hash)
    envelope = await working.ledger.reader.envelope(str(first))
    fields = envelope.value["fields"] if envelope else {}
    return {name: set(value) for name, value in fields.items() if _is_choices(value)}


def _hashes(change: Change) -> list[str]:
    return [hash_ for hash_ in (change.before_hash, change.sent_hash) if hash_]


def _follow(put: dict[str, set[str]], before: Mapping[str, Any], sent: Mapping[str, Any]) -> None:
    for name, value in sent.items():
        if _is_choices(value):
            # What was not there any more somebody had taken away; put back since, it is that person's.
            was, now = set(before.get(name) or ()), set(value)
            put[name] = (put.get(name, set()) & was & now) | (now - was)


def _is_choices(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


async def linked_ids(working: Working, values: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The Twenty ids of all that these records' links lead to: object and stream → id."""
    wanted: dict[str, set[str]] = {}
    for value in values:
        for link in value["links"].values():
            wanted.setdefault(link["object"], set()).add(link["source_key"])
    found: dict[tuple[str, str], str] = {}
    for name, keys in wanted.items():
        ids = await work.twenty_ids(working.ledger.reader, name, keys)
        found |= {(name, key): one for key, one in ids.items()}
    return found


def with_links(value: Mapping[str, Any], linked: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """A payload's fields, and its links as ids, where what they lead to is in Twenty."""
    links = {
        column: linked[target]
        for column, link in value["links"].items()
        if (target := (link["object"], link["source_key"])) in linked
    }
    return {**value["fields"], **links}


def out_of_bin(subject: Subject, theirs: Mapping[str, Any]) -> Subject:
    """A subject that lies in the bin, and is to be taken out of it."""
    return msgspec.structs.replace(subject, deleted_at=theirs["deletedAt"], touched_at=theirs["updatedAt"])


async def read_theirs(working: Working, target: Object, subjects: Sequence[Subject]) -> dict[str, dict[str, Any]]:
    """What Twenty holds of these records, the bin included: id → row. 2,000 a call."""
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(subjects), READ_A_CALL):
        some = subjects[start : start + READ_A_CALL]
        fields = tuple(sorted({name for one in some for name in one.columns} | set(_ALWAYS_READ)))
        ask = Ask(target.singular, Ids([one.id for one in some]), fields)
        answer = await read_many(working.twenty.client, working.twenty.model, [ask])
        found |= {row["id"]: row for row in answer[target.singular]}
    return found


def merged(target: Object, subject: Subject, theirs: Mapping[str, Any], *, overwrite: bool) -> Merge:
    """What is to be sent for a subject; a conflict that was given up is none any more.

    A relation that is to be emptied is let be once somebody led it elsewhere.
    """
    elsewhere = {name for name in subject.unlinked if name in subject.base and theirs[name] != subject.base[name]}
    skipped = elsewhere if subject.base_hash else _OUR_RECORDS_ALONE
    types = {name: target.fields[name].type if name in target.fields else "ID" for name in subject.columns}
    merge = merge_changes(
        types,
        {name: value for name, value in subject.base.items() if name not in skipped},
        {name: value for name, value in subject.ours.items() if name not in skipped},
        theirs,
        put=subject.put,
        overwrite=overwrite,
    )
    conflicts = tuple(path for path in merge.conflicts if path.partition(".")[0] not in subject.let_stand)
    return msgspec.structs.replace(merge, conflicts=conflicts)
