"""Later exports held against what was extracted before: only what is new or changed becomes events."""

from commands.comparing.compare import Compared, compare
from commands.comparing.kinds import Counted

__all__ = ["Compared", "Counted", "compare"]
