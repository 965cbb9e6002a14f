"""What somebody else suggests for unmapped columns: taken only as far as the values and the mapping allow."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

import msgspec

from adapters.mapping.config import MappingConfig
from adapters.mapping.homes import FOUND_BY, homes
from adapters.mapping.profile import Profile
from adapters.mapping.proposal import BY_GUESS, Proposed, Seen, plain
from adapters.mapping.similarity import Aliases, missing_columns
from adapters.mapping.text import clean, one_line

CAP = 0.5
"""The most confidence a suggestion gets: it was made without the values."""

_MOST_OPTIONS = 50
_LONGEST_REASON = 80

Suggestible = Literal["text", "option", "options", "boolean", "integer", "date", "date_time"]
"""The transforms that can be suggested for a column of the account's own."""

SUGGESTIBLE: tuple[Suggestible, ...] = get_args(Suggestible)


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A known column that `column` seems to be (`like`), or how it is to be read (`as`), and why."""

    kind: str
    column: str
    like: str | None = None
    transform: Suggestible | None = msgspec.field(name="as", default=None)
    confidence: float = CAP
    why: str = ""


def open_questions(proposals: Iterable[Proposed], columns: Iterable[Seen]) -> tuple[Seen, ...]:
    """The columns that nothing speaks for: in the ledger only, or text for want of anything better."""
    seen = {(one.kind, one.column): one for one in columns}
    asked = (seen[one.kind, one.column] for one in proposals if _is_open(one))
    return tuple(one for one in asked if one.profile.filled)


def with_suggestions(
    proposals: Iterable[Proposed],
    columns: Iterable[Seen],
    suggestions: Iterable[Suggestion],
    config: MappingConfig,
    aliases: Aliases,
) -> tuple[Proposed, ...]:
    """The proposals with what can be taken of the suggestions, each marked as `assist`; all else is passed over."""
    every, proposed = tuple(columns), tuple(proposals)
    asked = {(one.kind, one.column): one.profile for one in open_questions(proposed, every)}
    told = {(one.kind, one.column): one for one in suggestions if (one.kind, one.column) in asked}
    present = {(one.kind, plain(one.column)) for one in every}
    present |= {(one.kind, one.stands_for) for one in proposed if one.stands_for}
    settled: list[Proposed] = []
    for one in proposed:
        suggestion = told.get((one.kind, one.column))
        taken = _taken(one, suggestion, asked[one.kind, one.column], config, aliases, present) if suggestion else one
        if taken.stands_for:
            present.add((taken.kind, taken.stands_for))
        settled.append(taken)
    return tuple(settled)


def _is_open(one: Proposed) -> bool:
    return one.by == "none" or (one.by == "values" and one.transform == "text")


def _taken(
    one: Proposed,
    suggestion: Suggestion,
    profile: Profile,
    config: MappingConfig,
    aliases: Aliases,
    present: set[tuple[str, str]],
) -> Proposed:
    confidence = round(min(max(suggestion.confidence, 0.0), CAP), 2)
    reason = one_line(clean(suggestion.why).value or "suggested")[:_LONGEST_REASON]
    marked: Mapping[str, Any] = {"by": "assist", "confidence": confidence, "reason": f"assist: {reason}"}
    like = suggestion.like
    if like and like in missing_columns(one.kind, config, aliases, present) and like not in FOUND_BY.get(one.kind, ()):
        fields = homes(config)[one.kind, like]
        return msgspec.structs.replace(one, **marked, fields=fields, stands_for=like, transform=None)
    if suggestion.transform is not None and one.transform is not None and _fits(suggestion.transform, profile):
        return msgspec.structs.replace(one, **marked, transform=suggestion.transform)
    return one


def _fits(transform: Suggestible, profile: Profile) -> bool:
    """Whether every value seen survives: of text all do, of a few names too, of other kinds those that are of it."""
    if transform in ("option", "options"):
        return not profile.distinct_is_least and profile.distinct <= _MOST_OPTIONS
    if transform in ("date", "date_time") and profile.ambiguous:
        return False
    return transform == "text" or BY_GUESS.get(profile.guess) == transform
