"""What undoing some changes of one record means: pure, from the changes' bodies and the record as Twenty holds it.

Part by part: what still is as we sent it gets back what our oldest change found there; what somebody changed since
stays, and is named. So is what a later change of ours, outside the scope, stands upon: that one has to be undone first,
or with these. Choices are sets: what we put in goes, what we took out comes back, what others chose stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Difference, differences
from adapters.twenty.merging import WHOLE, as_sendable, groups
from adapters.twenty.model import SUBFIELDS
from commands.compensation.images import images, standing
from commands.compensation.left import Left, left
from commands.ours import Bodies
from commands.storable import storable
from ledger.projections.changes import Past

Row = Mapping[str, Any]

_ABSENT = object()


class Known(msgspec.Struct, frozen=True):
    """What Twenty calls the ledger's fields and columns today, and their types; `author` is our key there."""

    names: Mapping[str, str]
    types: Mapping[str, str]
    author: str | None = None


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """The undoing of a record's changes. `row` is the record now, None where it is gone.

    `back` is what stands there again, by the names the ledger wrote; `sent` what has to go out for it, by today's
    names, with the old `updatedAt` where nobody else touched the record. `kept` is what stays, and `why`: what people
    edited is told before what later changes stand upon. `undoes` are the changes, undone as a whole or, where
    something is kept, in part; `left` is what of ours it holds then. `rebin`: since when it lay in the bin before us.
    """

    key: str
    id: str
    row: Row | None
    back: Mapping[str, Any]
    sent: Mapping[str, Any]
    kept: tuple[Difference, ...]
    why: str
    undoes: tuple[int, ...]
    left: Left
    touched_at: str
    rebin: str | None

    @property
    def body(self) -> Any:
        """What comes back, as a body holds it."""
        return {
            "fields": storable(dict(self.back)),
            "sent": sorted(self.sent),
            "updatedAt": self.sent.get("updatedAt"),
            "deletedAt": self.rebin,
        }

    @property
    def settles(self) -> bool:
        """Whether anything of the changes is, or will be, as it was before them."""
        return bool(self.back) or self.rebin is not None or not self.kept

    @property
    def releases(self) -> bool:
        """Whether the record is not ours any more then."""
        return not self.kept and self.left.written_hash is None

    @property
    def must_go_alone(self) -> bool:
        """Whether it cannot go in an upsert, which takes records out of the bin."""
        return self.rebin is not None or bool((self.row or {}).get("deletedAt"))


def undoing(
    group: Sequence[Past], history: Sequence[Past], bodies: Bodies, row: Row | None, known: Known, *, force: bool
) -> Undoing:
    """Undo the changes of a `group`, oldest first, of all that the `history` of their record holds."""
    newest = group[-1]
    later = [one for one in history if one.undone is None and one.position > newest.position]
    if why := _barred(group, later, bodies):
        return _nothing(group, row, why)
    before, sent = images(group, bodies)
    later_sent = standing(later, bodies)
    parted = _Parted()
    for name, ours in sent.items():
        if name in known.names:
            theirs = (row or {}).get(known.names[name])
            sides = (before.get(name), ours, theirs, later_sent.get(name, _ABSENT))
            _part(parted, name, known.types.get(name, ""), sides, force)
    untouched = row is not None and _is_untouched(group, row, sent, known)
    rebin = _rebin(group, bodies, row)
    if rebin and not (force or (untouched and not parted.kept)):
        (parted.later if later else parted.edited).append(Difference("deletedAt", rebin, None))
        rebin = None
    remains = left(group, history, bodies, parted.back, whole=not parted.kept)
    return _undoing(group, row, parted, known, remains, rebin, _time_before(group, bodies) if untouched else None)


class _Parted(msgspec.Struct):
    """What comes back, what has to be sent for it, and what stays: edited by people, or stood on by later changes."""

    back: dict[str, Any] = msgspec.field(default_factory=dict)
    sent: dict[str, Any] = msgspec.field(default_factory=dict)
    edited: list[Difference] = msgspec.field(default_factory=list)
    later: list[Difference] = msgspec.field(default_factory=list)

    @property
    def kept(self) -> list[Difference]:
        return self.edited or self.later


def _undoing(
    group: Sequence[Past], row: Row | None, parted: _Parted, known: Known, remains: Left, rebin: str | None,
    time_before: str | None,
) -> Undoing:  # fmt: skip
    today = {known.names[name]: value for name, value in parted.sent.items()}
    if rebin:
        today["deletedAt"] = rebin
    if today and time_before and not parted.kept:
        today["updatedAt"] = time_before
    return Undoing(
        key=group[0].source_key,
        id=group[0].twenty_id,
        row=row,
        back=parted.back,
        sent=today,
        kept=tuple(parted.kept),
        why="edited" if parted.edited else "changed_later",
        undoes=tuple(one.position for one in group),
        left=remains,
        touched_at=group[-1].touched_at or "",
        rebin=rebin,
    )


def _nothing(group: Sequence[Past], row: Row | None, why: str) -> Undoing:
    parted = _Parted(edited=[Difference("", None, None)])
    return msgspec.structs.replace(_undoing(group, row, parted, Known({}, {}), Left(), None, None), why=why)


def _barred(group: Sequence[Past], later: Sequence[Past], bodies: Bodies) -> str | None:
    """Why these changes cannot be undone at all."""
    if any(hash_ not in bodies for one in group for hash_ in hashes_of(one)):
        return "erased"
    # The later change stands on the record being ours: it has to be undone first, or with this one.
    return "changed_later" if later and any(one.kind == "adopted" for one in group) else None


def hashes_of(change: Past) -> list[str]:
    """The bodies of a change."""
    return [hash_ for hash_ in (change.before_hash, change.sent_hash) if hash_]


def _part(parted: _Parted, name: str, kind: str, sides: tuple[Any, Any, Any, Any], force: bool) -> None:
    was, ours, theirs, later = sides
    if kind in SUBFIELDS and isinstance(ours, dict):
        parts = {} if later is _ABSENT else later
        _part_composite(parted, name, kind, (was or {}, ours, theirs or {}, parts or {}), force)
    elif isinstance(ours, list):
        _part_choices(parted, name, sides, force)
    elif not _same(name, was, ours):
        if later is not _ABSENT and (force or _same(name, theirs, later)):
            parted.later.append(Difference(name, ours, theirs))
        elif force or _same(name, theirs, was) or (later is _ABSENT and _same(name, theirs, ours)):
            _settle(parted, name, was, theirs)
        else:
            parted.edited.append(Difference(name, ours, theirs))


def _part_choices(parted: _Parted, name: str, sides: tuple[Any, Sequence[Any], Any, Any], force: bool) -> None:
    was, ours, theirs, later = sides
    if later is _ABSENT:
        _settle(parted, name, list(was or ()) if force else _choices(was, ours, theirs), theirs)
    elif any(force or (one in (theirs or ())) == (one in (later or ())) for one in set(was or ()) ^ set(ours)):
        parted.later.append(Difference(name, ours, theirs))
    else:
        # Of what we put in or took out, people decided otherwise since.
        _settle(parted, name, list(theirs or ()), theirs)


def _settle(parted: _Parted, name: str, value: Any, theirs: Any) -> None:
    parted.back[name] = value
    if not _same(name, value, theirs):
        parted.sent[name] = value


def _part_composite(parted: _Parted, name: str, kind: str, sides: tuple[Row, Row, Row, Row], force: bool) -> None:
    _, ours, theirs, later = sides
    back: dict[str, Any] = {}
    sent: dict[str, Any] = {}
    for parts in groups(kind, set(ours)):
        before, put, now = (_of(parts, side) for side in sides[:3])
        if _same(name, before, put):
            continue
        stands = {part: later[part] for part in parts if part in later}
        if stands and (force or _same(name, _of(list(stands), theirs), stands)):
            parted.later += differences({name: put}, {name: before})
        elif force or _same(name, now, before) or (not stands and _same(name, now, put)):
            back |= before
            sent |= {} if _same(name, before, now) else before
        else:
            parted.edited += differences({name: put}, {name: theirs})
    if back:
        parted.back[name] = back
    if sent:
        whole = {**_of(SUBFIELDS[kind], theirs), **sent} if kind in WHOLE else sent
        parted.sent[name] = {part: as_sendable(part, value) for part, value in whole.items()}


def _of(parts: Sequence[str], side: Row) -> dict[str, Any]:
    return {part: side.get(part) for part in parts}


def _same(name: str, one: Any, other: Any) -> bool:
    return not differences({name: one}, {name: other})


def _choices(before: Any, ours: Sequence[Any], theirs: Any) -> list[Any]:
    was, now = list(before or ()), list(theirs or ())
    left = [one for one in now if one in was or one not in ours]
    return left + [one for one in was if one not in ours and one not in left]


def _rebin(group: Sequence[Past], bodies: Bodies, row: Row | None) -> str | None:
    oldest = next((one for one in group if one.before_hash), None)
    if oldest is None or row is None or row.get("deletedAt"):
        return None
    deleted_at = bodies[oldest.before_hash or ""].value.get("deletedAt")
    return None if deleted_at is None else str(deleted_at)


def _is_untouched(group: Sequence[Past], row: Row, sent: Row, known: Known) -> bool:
    """Whether nobody touched the record since our last call, as far as that can be told."""
    last = next(_calls(group), None)
    if last is None or last.answered_at:
        return last is not None and row.get("updatedAt") == last.answered_at
    # The answer was lost, so Twenty's time proves nothing: who wrote last has to be us, and all of it has to be there.
    author = row.get("updatedBy") or {}
    ours = known.author is not None and (author.get("source"), author.get("name")) == ("API", known.author)
    return ours and not differences({known.names[name]: one for name, one in sent.items() if name in known.names}, row)


def _calls(group: Sequence[Past]) -> Iterator[Past]:
    """The changes that took a call, newest first."""
    return (one for one in reversed(group) if one.sent_hash)


def _time_before(group: Sequence[Past], bodies: Bodies) -> str | None:
    """When the record was touched last before our changes, or by somebody in between them."""
    time = None
    for one in _calls(group):
        if time is not None and one.answered_at != time:
            break
        time = bodies[one.before_hash or ""].value.get("updatedAt")
    return None if time is None else str(time)
