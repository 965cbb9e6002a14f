"""API names that Twenty takes."""

from collections.abc import Container

LONGEST = 63
"""Characters of a name (FACTS section 10)."""

_RESERVED = """
event events field fields index indexes link links object objects relation relations role roles search searches type
types user users workspace workspaces
"""

RESERVED = frozenset(_RESERVED.split())
"""Words Twenty refuses as names (FACTS section 10)."""


def free_name(name: str, taken: Container[str]) -> str:
    """`name` with the lowest number from 2 behind it that is not taken, cut so that it stays a name."""
    numbers = range(2, 10_000)
    candidates = (f"{name[: LONGEST - len(str(number))]}{number}" for number in numbers)
    return next(candidate for candidate in candidates if candidate not in taken)
