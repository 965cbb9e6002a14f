"""What to send for a record that is there: a three-way merge, field by field and, in composites, part by part.

*base* is what we wrote last, *ours* what it should hold now, *theirs* what Twenty holds. Only what changed between base
and ours is sent; where theirs changed too, that is a conflict. Choices (tags, lists) are sets: we add what is new, and
take away only what we had put there. Composites are sent so that Twenty blanks nothing (GRAPHQL section 3).
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapters.twenty.compare import blank, differences
from adapters.twenty.model import SUBFIELDS

WHOLE = frozenset({"EMAILS", "LINKS"})
"""Composites that lose what is not sent along."""

ATOMS: Mapping[str, tuple[str, ...]] = {
    "PHONES": ("primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode"),
    "CURRENCY": ("amountMicros", "currencyCode"),
}
"""Parts that say one thing together; without the first there is nothing."""

_CLEARED_BY_NULL = frozenset({"amountMicros", "currencyCode", "primaryEmail"})
_LISTS = frozenset({"additionalEmails", "additionalPhones", "secondaryLinks"})

Values = Mapping[str, Any]


class Merge(msgspec.Struct, frozen=True, kw_only=True):
    """What to send, what stands in the same fields (and parts of them), and the paths where both sides changed."""

    sent: dict[str, Any]
    before: dict[str, Any]
    conflicts: tuple[str, ...]


class _Sides(msgspec.Struct, frozen=True):
    base: Any
    ours: Any
    theirs: Any


def merge_changes(
    types: Mapping[str, str], base: Values, ours: Values, theirs: Values, *, put: Values, overwrite: bool
) -> Merge:
    """Merge a record. `types` are its fields' types; `put` the choices that are there by our hand, by field.

    With `overwrite` ours is sent where both sides changed. A record that was not ours has an empty base.
    """
    sent: dict[str, Any] = {}
    before: dict[str, Any] = {}
    conflicts: list[str] = []
    for name in sorted({*base, *ours}):
        sides = _Sides(base.get(name), ours.get(name), theirs.get(name))
        if types.get(name) == "MULTI_SELECT":
            value = _choices(sides, frozenset(put.get(name) or ()))
            if value is not None:
                sent[name], before[name] = value, sides.theirs
        elif types.get(name, "") in SUBFIELDS:
            parts, barred = _parts(types[name], sides, overwrite=overwrite)
            conflicts += [f"{name}.{part}" for part in barred]
            if parts:
                sent[name], before[name] = _as_sent(types[name], parts, sides.theirs)
        else:
            verdict = _verdict(sides.base, sides.ours, sides.theirs)
            conflicts += [name] if verdict == "conflict" else []
            if verdict == "send" or (verdict == "conflict" and overwrite):
                sent[name], before[name] = sides.ours, sides.theirs
    return Merge(sent=sent, before=before, conflicts=tuple(conflicts))


def _verdict(base: Any, ours: Any, theirs: Any, part: str = "") -> str:
    if _same(base, ours, part) or _same(theirs, ours, part):
        return "keep"
    return "send" if _same(theirs, base, part) else "conflict"


def _same(one: Any, other: Any, part: str) -> bool:
    return not differences({f".{part}": one}, {f".{part}": other})


def _choices(sides: _Sides, put: frozenset[str]) -> list[str] | None:
    """The choices to send, or None where nothing has to be."""
    base, ours, theirs = (list(side or ()) for side in (sides.base, sides.ours, sides.theirs))
    taken = (set(base) - set(ours)) & put
    added = [one for one in ours if one not in base and one not in theirs]
    value = [one for one in theirs if one not in taken] + added
    return None if value == theirs else value


def _parts(kind: str, sides: _Sides, *, overwrite: bool) -> tuple[dict[str, Any], list[str]]:
    """The parts of a composite to send, and those where both sides changed."""
    sent: dict[str, Any] = {}
    barred: list[str] = []
    base, ours, theirs = (side or {} for side in (sides.base, sides.ours, sides.theirs))
    for group in groups(kind, {*base, *ours}):
        verdict = _verdict(_said(group, base), _said(group, ours), _said(group, theirs), group[0])
        barred += [group[0]] if verdict == "conflict" else []
        if verdict == "send" or (verdict == "conflict" and overwrite):
            sent |= {part: as_sendable(part, ours.get(part)) for part in group}
    return sent, barred


def groups(kind: str, named: set[str]) -> Iterator[tuple[str, ...]]:
    atom = ATOMS.get(kind, ())
    if named & set(atom):
        yield atom
    yield from ((part,) for part in SUBFIELDS[kind] if part in named and part not in atom)


def _said(group: tuple[str, ...], side: Values) -> Any:
    values = [side.get(part) for part in group]
    if len(group) == 1:
        return values[0]
    # A calling code without a number, or a currency without an amount, is nothing yet.
    return None if blank(values[0]) else [str(one) for one in values if not blank(one)]


def _as_sent(kind: str, parts: dict[str, Any], theirs: Values | None) -> tuple[dict[str, Any], dict[str, Any]]:
    there = theirs or {}
    names = SUBFIELDS[kind] if kind in WHOLE else tuple(parts)
    whole = {name: parts[name] if name in parts else as_sendable(name, there.get(name)) for name in names}
    return whole, {name: as_sendable(name, there.get(name)) for name in names}


def as_sendable(part: str, value: Any) -> Any:
    """A part as Twenty takes it: cleared ones by what clears them."""
    if not blank(value):
        return value
    if part in _LISTS:
        return []
    return None if part in _CLEARED_BY_NULL else ""
