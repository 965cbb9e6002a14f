"""Answers that are remembered: the cells of a column repeat, and several fields are made of one cell."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")

_SIZE = 1 << 12
_LONGEST = 100
"""Characters of a text that is kept: a cell may hold very many, and such do not repeat."""
_KNOWN: list[Any] = []


def forget() -> None:
    """Have everything read again, as if for the first time."""
    for known in _KNOWN:
        known.cache_clear()


def remembered(read: Callable[Concatenate[str, P], T]) -> Callable[Concatenate[str, P], T]:
    """A pure function of a text, that answers from memory what it was asked before, as far as that is bounded."""
    known = lru_cache(maxsize=_SIZE)(read)
    _KNOWN.append(known)

    @wraps(read)
    def recall(text: str, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if len(text) > _LONGEST:
            return read(text, *args, **kwargs)
        return known(text, *args, **kwargs)  # type: ignore[arg-type]

    return recall
