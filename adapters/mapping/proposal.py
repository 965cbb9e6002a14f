"""What each column becomes, proposed from its header, a description, or its values, with a confidence and a reason.

Order of evidence: a header the mapping knows; the account's own description of a custom field; a header much like a
known one that no file has; the values. What nothing speaks for stays text (contacts) or in the ledger (other kinds).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from adapters.mapping.config import MappingConfig, Transform
from adapters.mapping.dates import SlashDates
from adapters.mapping.homes import FOUND_BY, homes
from adapters.mapping.profile import Guess, Profile
from adapters.mapping.similarity import Aliases, likeness, missing_columns
from adapters.mapping.targets import PERSON

By = Literal["header", "description", "likeness", "values", "assist", "skip", "none"]

SURE = 0.8
"""Confidence from which a guess from values makes a field of another type than text."""

BY_GUESS: Mapping[Guess, Transform] = MappingProxyType(
    {
        "boolean": "boolean",
        "integer": "integer",
        "date": "date",
        "date_time": "date_time",
        "choice": "option",
        "choices": "options",
    }
)
"""The transform of a field made of such values; all others make text."""

_BY_TYPE: Mapping[str, Transform] = MappingProxyType(
    {
        "input_field": "text",
        "text_area": "text",
        "drop_down": "option",
        "radio_button": "option",
        "checkbox": "options",
    }
)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A column of the files of one kind, and what its cells look like."""

    kind: str
    column: str
    profile: Profile


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A custom field as the account describes it (kartra.md section 7): one of five types, and its choices."""

    type: str
    options: tuple[str, ...] = ()


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a column.

    `fields` are the fields made of it (`person.phones`), none where it stays in the ledger. `transform` is of a field
    of its own; `stands_for` names the known column in whose place it is read.
    """

    kind: str
    column: str
    fields: tuple[str, ...] = ()
    by: By
    confidence: float
    reason: str
    transform: Transform | None = None
    stands_for: str | None = None


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known beside the columns: aliases, described fields, the order of dates, own columns' fields."""

    aliases: Aliases
    described: Mapping[str, Described]
    order: SlashDates
    names: Mapping[str, str]


def propose(columns: Iterable[Seen], config: MappingConfig, known: Known) -> tuple[Proposed, ...]:
    """A proposal for every column, in the order given."""
    every = tuple(columns)
    proposer = _Proposer(config, known, {(seen.kind, plain(seen.column)) for seen in every})
    return tuple(proposer.of(seen) for seen in every)


def plain(column: str) -> str:
    """A column without the currency its header names."""
    return column.partition(":")[0]


def fitting(profile: Profile, order: SlashDates) -> tuple[Transform, str]:
    """The transform for a guess one may be sure of, else text; and why."""
    if profile.guess in ("date", "date_time") and profile.ambiguous and order == "unambiguous":
        return "text", f"{profile.reason}, but {profile.ambiguous:,} do not tell day from month: text"
    transform = BY_GUESS.get(profile.guess)
    if transform is None:
        return "text", profile.reason
    if profile.confidence < SURE:
        return "text", f"{profile.reason}: too few to be sure, text"
    return transform, profile.reason


class _Proposer:
    """Settles one column after the other; a known column is stood in for once, and is present from then on."""

    def __init__(self, config: MappingConfig, known: Known, present: set[tuple[str, str]]) -> None:
        self._config = config
        self._known = known
        self._homes = homes(config)
        self._present = present

    def of(self, seen: Seen) -> Proposed:
        kind, column = seen.kind, seen.column
        home = self._homes.get((kind, plain(column)))
        if home is not None:
            return Proposed(kind=kind, column=column, fields=home, by="header", confidence=1.0, reason="known header")
        if kind == "contacts" and column in self._config.contact_columns:
            told = "no home in Twenty; kept in the ledger"
            return Proposed(kind=kind, column=column, by="skip", confidence=1.0, reason=told)
        return self._described(seen) or self._alike(seen) or self._of_values(seen)

    def _described(self, seen: Seen) -> Proposed | None:
        described = self._known.described.get(seen.column) if seen.kind == "contacts" else None
        if described is None:
            return None
        transform = _BY_TYPE.get(described.type, "text")
        told = f"Kartra says {described.type.replace('_', ' ') or 'nothing of its type'}"
        if transform == "options" and len(described.options) == 1 and seen.profile.guess == "boolean":
            transform, told = "boolean", f"{told} of one choice, and {seen.profile.reason}"
        return self._own_field(seen, "description", 1.0, told, transform)

    def _alike(self, seen: Seen) -> Proposed | None:
        kind, column = seen.kind, seen.column
        found = likeness(column, missing_columns(kind, self._config, self._known.aliases, self._present))
        if found is None:
            return self._like_present(seen)
        if found.column in FOUND_BY.get(kind, ()):
            told = f"like `{found.column}`, by which records are found: rename that header in the file"
            return self._own_field(seen, "likeness", found.score, told, "text")
        self._present.add((kind, found.column))
        return Proposed(
            kind=kind,
            column=column,
            fields=self._homes[kind, found.column],
            by="likeness",
            confidence=found.score,
            reason=f"like `{found.word}`, and no file has `{found.column}`",
            stands_for=found.column,
        )

    def _like_present(self, seen: Seen) -> Proposed | None:
        found = likeness(seen.column, missing_columns(seen.kind, self._config, self._known.aliases, frozenset()))
        if found is None:
            return None
        told = f"like `{found.word}`, but files have `{found.column}`: rename that header to join them"
        return self._own_field(seen, "likeness", found.score, told, "text")

    def _of_values(self, seen: Seen) -> Proposed:
        transform, told = fitting(seen.profile, self._known.order)
        return self._own_field(seen, "values", seen.profile.confidence, told, transform)

    def _own_field(self, seen: Seen, by: By, confidence: float, reason: str, transform: Transform) -> Proposed:
        """A field of its own for a contact's column; columns of other kinds, and empty ones, have none."""
        kind, column = seen.kind, seen.column
        name = self._known.names.get(column) if kind == "contacts" and seen.profile.filled else None
        if name is None:
            told = "kept in the ledger" if seen.profile.filled else "no cell is filled"
            told = f"{reason}; {told}" if by == "likeness" else told
            return Proposed(kind=kind, column=column, by="none", confidence=confidence, reason=told)
        return Proposed(
            kind=kind,
            column=column,
            fields=(f"{PERSON}.{name}",),
            by=by,
            confidence=confidence,
            reason=reason,
            transform=transform,
        )
