"""What undoing changes of a contact comes to: what comes back, and what stays."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.stateful.contacts import Change, Values


def images(changes: Iterable[Change]) -> tuple[Values, Values]:
    """What the oldest change of each field found there, and what the newest sent."""
    before: Values = {}
    sent: Values = {}
    for one in changes:
        before = one.before | before
        sent |= one.sent
    return before, sent


def undone(before: Values, sent: Values, theirs: Values, later: Values, *, force: bool) -> tuple[Values, bool]:
    """What comes back, and whether something stays since it was changed meanwhile."""
    back: Values = {}
    kept = False
    for name, ours in sent.items():
        was, now = before[name], theirs[name]
        altered = was ^ ours if name == "tags" else was != ours
        if name in later and _stands(name, altered, now, later[name], force=force):
            kept = True
        elif name == "tags":
            taken = frozenset(one for one in now if one in was or one not in ours) | (was - ours)
            back[name] = now if name in later else was if force else taken
        elif was == ours:
            continue
        elif force or now == was or (name not in later and now == ours):
            back[name] = was
        else:
            kept = True
    return back, kept


def _stands(name: str, altered: Any, now: Any, later: Any, *, force: bool) -> bool:
    """Whether a later change of ours stands upon what we altered: a field, or any of the tags."""
    if name == "tags":
        return any(force or (one in now) == (one in later) for one in altered)
    return bool(altered) and (force or now == later)


def touched_before(calls: Sequence[Change]) -> int:
    """When a record was touched last before our calls, or by somebody in between them."""
    time = calls[-1].answered
    for one in reversed(calls):
        if one.answered != time:
            break
        time = one.touched
    assert time is not None
    return time
