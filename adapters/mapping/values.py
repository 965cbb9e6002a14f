"""What a normaliser gives back: the value in Twenty's stored form, and what was noticed on the way."""

from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Note(NamedTuple):
    """Something a person may want to know: a stable code, and words that may quote the value."""

    code: str
    detail: str


class Parsed(NamedTuple, Generic[T]):
    """A value, or None where there is nothing to write, and the notes taken."""

    value: T | None
    notes: tuple[Note, ...] = ()


class Refusal(NamedTuple):
    """Why a value that decides identity cannot be used: one of DESIGN section 5's reason codes, and words."""

    reason: str
    detail: str
