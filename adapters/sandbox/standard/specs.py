"""How a standard object is written down: its fields, and its many-to-one relations.

A relation is written once, on its many side; `building` makes its reverse from it. What a hard delete does to rows
that point at a record (CASCADE, SET_NULL) is FACTS section 7.
"""

from typing import Any

import msgspec

from adapters.sandbox.fieldtypes import capitalised
from adapters.sandbox.model import SET_NULL

SYSTEM_ACTOR = {"name": "'System'", "source": "'MANUAL'", "workspaceMemberId": None}


class Spec(msgspec.Struct, frozen=True):
    """One field of a standard object; `target` and what follows only for many-to-one relations."""

    name: str
    type: str
    label: str
    icon: str = ""
    is_nullable: bool = True
    is_unique: bool = False
    is_system: bool = False
    default: Any = None
    options: tuple[tuple[str, str], ...] = ()
    target: str = ""
    reverse: str = ""
    on_delete: str = SET_NULL


class Standard(msgspec.Struct, frozen=True):
    """One standard object."""

    singular: str
    plural: str
    label: str
    label_plural: str
    icon: str
    specs: tuple[Spec, ...] = ()
    is_system: bool = True


def text(name: str, label: str, icon: str = "") -> Spec:
    """A TEXT field."""
    return Spec(name, "TEXT", label, icon)


def time(name: str, label: str) -> Spec:
    """A DATE_TIME field."""
    return Spec(name, "DATE_TIME", label, "IconCalendar")


def select(name: str, label: str, default: str | None, *options: tuple[str, str]) -> Spec:
    """A SELECT field; with a default it is not nullable."""
    quoted = None if default is None else f"'{default}'"
    return Spec(name, "SELECT", label, is_nullable=default is None, default=quoted, options=options)


def one(name: str, target: str, reverse: str, on_delete: str = SET_NULL, label: str = "") -> Spec:
    """A many-to-one relation, and the name of its reverse."""
    wording = label or words(name)
    return Spec(name, "RELATION", wording, target=target, reverse=reverse, on_delete=on_delete)


def words(name: str) -> str:
    """`pointOfContact` to `Point Of Contact`."""
    return capitalised("".join(f" {letter}" if letter.isupper() else letter for letter in name))


BASE = (
    Spec("id", "UUID", "Id", "Icon123", is_nullable=False, is_system=True, default="uuid"),
    Spec("createdAt", "DATE_TIME", "Creation date", "IconCalendar", False, is_system=True, default="now"),
    Spec("updatedAt", "DATE_TIME", "Last update", "IconCalendarClock", False, is_system=True, default="now"),
    Spec("deletedAt", "DATE_TIME", "Deleted at", "IconCalendarMinus", is_system=True),
    Spec("createdBy", "ACTOR", "Created by", "IconCreativeCommonsSa", False, is_system=True, default=SYSTEM_ACTOR),
    Spec("updatedBy", "ACTOR", "Updated by", "IconUserCircle", False, is_system=True, default=SYSTEM_ACTOR),
    Spec("position", "POSITION", "Position", "IconHierarchy2", False, is_system=True, default=0),
    Spec("searchVector", "TS_VECTOR", "Search vector", "IconUser", is_system=True),
)


def targets(reverse: str, on_delete: dict[str, str]) -> tuple[Spec, ...]:
    """Relations `target<Object>` to each of these objects, with what a hard delete does."""
    return tuple(one(f"target{capitalised(name)}", name, reverse, action) for name, action in on_delete.items())
