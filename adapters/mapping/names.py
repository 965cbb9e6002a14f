"""API names that Twenty takes."""

from collections.abc import Iterator
from itertools import count

LONGEST = 63
"""Characters of a name (FACTS section 10)."""

_RESERVED = """
event events field fields index indexes link links object objects relation relations role roles search searches type
types user users workspace workspaces
"""

RESERVED = frozenset(_RESERVED.split())
"""Words Twenty refuses as names (FACTS section 10)."""


def numbered(name: str) -> Iterator[str]:
    """`name` with 2, 3, … behind it, cut so that it stays a name."""
    for number in count(2):
        yield f"{name[: LONGEST - len(str(number))]}{number}"
