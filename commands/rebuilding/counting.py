"""Counting contacts by sequence, step and membership, and the tags and lists that stand out among a sequence's."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from commands.rebuilding.leads import ACTIVE, OTHER, UNSUBSCRIBED, InSequence, Lead

LEAST_CONTACTS = 5
"""A tag or list stands out only if so many of a sequence's contacts carry it,"""

LEAST_SHARE = 0.2
"""and this share of them,"""

LEAST_LIFT = 2.0
"""and so many times more often than contacts overall."""

MOST_HINTS = 5

_NUMBERED = re.compile(r"\s*(\d{1,9})(?!\d)")


class Hint(msgspec.Struct, frozen=True, kw_only=True):
    """A guess at what starts a sequence: `members` of its contacts carry this tag or list, `overall` of all contacts.

    `lift` is how many times more often that is than among all contacts.
    """

    kind: str
    name: str
    members: int
    overall: int
    lift: float


class Step(msgspec.Struct, frozen=True):
    """How many active contacts wait at a step; the step is Kartra's text, empty where the answer had none."""

    step: str
    active: int


class Sequence(msgspec.Struct, frozen=True, kw_only=True):
    """One sequence. `highest_step` is the highest number seen at anybody: a lower bound for its length."""

    name: str
    active: int
    unsubscribed: int
    other: int
    steps: tuple[Step, ...]
    highest_step: int | None
    hints: tuple[Hint, ...]


class Membership(msgspec.Struct, frozen=True, kw_only=True):
    """One level of a membership, by contacts that have it and contacts that had it."""

    name: str
    level: str
    active: int
    ended: int


def step_number(step: str) -> int | None:
    """The number a step begins with (steps are boxes of an editor, `12` or `12b`), or None."""
    found = _NUMBERED.match(step)
    return int(found[1]) if found else None


def step_place(step: str) -> tuple[bool, int, str]:
    """Steps in the order of their numbers; those without one come last."""
    number = step_number(step)
    return (number is None, number or 0, step)


def sequences(leads: Iterable[Lead], declared: Iterable[str] = ()) -> list[Sequence]:
    """Every sequence of these contacts and those declared, the busiest first."""
    contacts = list(leads)
    members: dict[str, list[tuple[InSequence, Lead]]] = defaultdict(list)
    for name in declared:
        members[name] = []
    for lead in contacts:
        for entry in lead.sequences:
            members[entry.name].append((entry, lead))
    overall = {"tag": _carried(contacts, "tags"), "list": _carried(contacts, "lists")}
    found = [_sequence(name, inside, overall, len(contacts)) for name, inside in members.items()]
    return sorted(found, key=lambda one: (-one.active, -one.unsubscribed, one.name))


def memberships(leads: Iterable[Lead]) -> list[Membership]:
    """Every level of a membership, the fullest first."""
    active: Counter[tuple[str, str]] = Counter()
    ended: Counter[tuple[str, str]] = Counter()
    for lead in leads:
        has = {(one.name, one.level): one.active == "1" for one in lead.memberships}
        active.update(level for level, on in has.items() if on)
        ended.update(level for level, on in has.items() if not on)
    levels = sorted({*active, *ended}, key=lambda level: (-active[level], -ended[level], level))
    return [Membership(name=at[0], level=at[1], active=active[at], ended=ended[at]) for at in levels]


def _sequence(
    name: str, inside: list[tuple[InSequence, Lead]], overall: dict[str, Counter[str]], contacts: int
) -> Sequence:
    standing = Counter(entry.standing for entry, _ in inside)
    numbers = [number for entry, _ in inside if (number := step_number(entry.step)) is not None]
    hints = sorted(_hints([lead for _, lead in inside], overall, contacts), key=_strength)
    return Sequence(
        name=name,
        active=standing[ACTIVE],
        unsubscribed=standing[UNSUBSCRIBED],
        other=standing[OTHER],
        steps=_histogram(entry.step for entry, _ in inside if entry.standing == ACTIVE),
        highest_step=max(numbers, default=None),
        hints=tuple(hints[:MOST_HINTS]),
    )


def _histogram(steps: Iterable[str]) -> tuple[Step, ...]:
    counted = Counter(step.strip() for step in steps)
    return tuple(Step(step, counted[step]) for step in sorted(counted, key=step_place))


def _hints(inside: list[Lead], overall: dict[str, Counter[str]], contacts: int) -> Iterator[Hint]:
    for kind, attribute in (("tag", "tags"), ("list", "lists")):
        for name, members in _carried(inside, attribute).items():
            share = members / len(inside)
            lift = share / (overall[kind][name] / contacts)
            if members >= LEAST_CONTACTS and share >= LEAST_SHARE and lift >= LEAST_LIFT:
                yield Hint(kind=kind, name=name, members=members, overall=overall[kind][name], lift=round(lift, 1))


def _strength(hint: Hint) -> tuple[float, int, str, str]:
    """What most of the contacts carry, and few others, comes first."""
    return (-hint.lift * hint.members, -hint.members, hint.kind, hint.name)


def _carried(leads: Iterable[Lead], attribute: str) -> Counter[str]:
    return Counter(name for lead in leads for name in getattr(lead, attribute))
