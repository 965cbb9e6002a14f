"""What undoing some changes of one record means: pure, from the changes' bodies and the record as Twenty holds it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Difference, differences
from commands.storable import as_stored, storable
from ledger.hashing import Envelope
from ledger.projections.changes import Change

Row = Mapping[str, Any]

_WHOLE = frozenset({"primaryEmail", "primaryLinkUrl"})
"""Parts of composites that Twenty blanks where the others are sent without them (GRAPHQL section 3)."""


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """The undoing of a record's changes. `row` is the record now, None where it is gone.

    `back` are the fields that come back, by the names the ledger wrote them under, `sent` the same as Twenty calls them
    today, with the old `updatedAt` where nobody else touched the record; `kept` is what somebody changed since.
    `rebin`: since when it lay in the bin before us.
    """

    key: str
    id: str
    row: Row | None
    back: Mapping[str, Any]
    sent: Mapping[str, Any]
    kept: tuple[Difference, ...]
    undoes: tuple[int, ...]
    base_hash: str | None
    updated_at: str
    rebin: str | None

    @property
    def back_stored(self) -> Any:
        """What comes back, as a body holds it."""
        return storable(dict(self.back))


def undoing(
    group: Sequence[Change], bodies: Mapping[str, Envelope], row: Row | None, names: Mapping[str, str], newest: Change,
    *, force: bool,
) -> Undoing:  # fmt: skip
    """Undo the changes of a record, oldest first in `group`; `newest` is its last change, in the scope or not."""
    first = group[0]
    oldest = bodies.get(first.before_hash or "")
    written = [(_fields(bodies, one.before_hash), _fields(bodies, one.sent_hash)) for one in group]
    before: dict[str, Any] = {}
    sent: dict[str, Any] = {}
    for was, put in written:
        for name, value in put.items():
            before[name] = _over(was.get(name), before[name]) if name in before else was.get(name)
            sent[name] = _over(sent.get(name), value)
    back, kept = _parted(before, sent, row or {}, names, force=force)
    told = oldest.value if oldest else {}
    untouched = newest.position == group[-1].position and not kept
    updated_at = str(told.get("updatedAt") or "")
    today = {names[name]: value for name, value in back.items()}
    if today and untouched and updated_at:
        today["updatedAt"] = updated_at
    return Undoing(
        key=first.source_key,
        id=first.twenty_id,
        row=row,
        back=back,
        sent=today,
        kept=tuple(kept),
        undoes=tuple(one.position for one in group),
        base_hash=first.base_hash,
        updated_at=updated_at,
        rebin=told.get("deletedAt") if row is not None and not row.get("deletedAt") else None,
    )


def _fields(bodies: Mapping[str, Envelope], hash_: str | None) -> dict[str, Any]:
    body = bodies.get(hash_ or "")
    fields: dict[str, Any] = as_stored(body.value["fields"]) if body else {}
    return fields


def _over(below: Any, above: Any) -> Any:
    """A value laid over another: of composites, part by part."""
    return {**below, **above} if isinstance(below, dict) and isinstance(above, dict) else above


def _parted(
    before: Row, sent: Row, row: Row, names: Mapping[str, str], *, force: bool
) -> tuple[dict[str, Any], list[Difference]]:
    """What comes back, and what was changed since and stays (nothing, by force)."""
    back: dict[str, Any] = {}
    kept: list[Difference] = []
    for name, ours in sent.items():
        if name not in names:
            continue
        theirs = row.get(names[name])
        since = [] if force else differences({name: ours}, {name: theirs})
        if not since:
            back[name] = _cleared(before.get(name), ours)
        elif isinstance(ours, list):
            back[name] = _choices(before.get(name), ours, theirs)
        elif isinstance(ours, dict) and isinstance(before.get(name), dict) and not _WHOLE & ours.keys():
            untouched = {part: before[name].get(part) for part in ours if not _touched(name, part, since)}
            kept += since
            if untouched:
                back[name] = untouched
        else:
            kept += since
    return back, kept


def _touched(name: str, part: str, since: Sequence[Difference]) -> bool:
    return any(one.path == f"{name}.{part}" or one.path.startswith(f"{name}.{part}.") for one in since)


def _cleared(before: Any, ours: Any) -> Any:
    return [] if before is None and isinstance(ours, list) else before


def _choices(before: Any, ours: list[Any], theirs: Any) -> list[Any]:
    """What we put in goes, what we took out comes back, what others chose since stays."""
    was, now = list(before or ()), list(theirs or ())
    left = [one for one in now if one in was or one not in ours]
    return left + [one for one in was if one not in ours and one not in left]
