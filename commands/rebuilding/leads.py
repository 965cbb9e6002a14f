"""What Kartra's answer about one contact says of sequences, memberships, tags and lists; never who the contact is."""

from collections.abc import Mapping
from typing import Any

import msgspec

RELATIONS = ("sequences", "memberships", "tags", "lists")
"""The columns of a `lead_details` row that are JSON lists (kartra.md section 6.2)."""

ACTIVE, UNSUBSCRIBED, OTHER = "active", "unsubscribed", "other"


class InSequence(msgspec.Struct, frozen=True):
    """A contact's place in a sequence: the step as written, and the status as Kartra words it."""

    name: str
    step: str = ""
    status: str = ""

    @property
    def standing(self) -> str:
        """The status as it is counted: `active`, `unsubscribed`, or `other` for a word not documented."""
        word = self.status.strip().casefold()
        return word if word in (ACTIVE, UNSUBSCRIBED) else OTHER


class InMembership(msgspec.Struct, frozen=True):
    """A membership a contact has or had."""

    name: str
    level: str = ""
    active: str = "0"


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """One contact's newest answer. Of a sequence named twice the last entry counts."""

    sequences: tuple[InSequence, ...] = ()
    memberships: tuple[InMembership, ...] = ()
    tags: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()


def lead_of(cells: Mapping[str, str]) -> Lead:
    """The relations of a `lead_details` row.

    Raises:
        ValueError: a cell is not the JSON list it must be.
    """
    try:
        values: dict[str, Any] = {name: msgspec.json.decode(cells[name]) for name in RELATIONS if name in cells}
        lead = msgspec.convert(values, Lead)
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise ValueError("the answer's relations cannot be read") from error
    sequences = {entry.name: entry for entry in lead.sequences}
    return msgspec.structs.replace(lead, sequences=tuple(sequences.values()))
