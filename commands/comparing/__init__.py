"""Later exports held against what was extracted before: only what is new or changed becomes events."""

from commands.comparing.compare import Compared, Counted, compare

__all__ = ["Compared", "Counted", "compare"]
