"""What can be wrong with a mapping file.

    MappingError                     mapping_error: terminal, the file must be edited; nothing has been read or written
    ├── MappingUnreadable            mapping_unreadable: missing, or not readable by this user
    ├── MappingSyntaxError           mapping_syntax: not TOML; the message has line and column
    └── MappingInvalid               mapping_invalid: TOML, but a key is unknown, missing or of no use; names the key

There is no transient branch: a mapping that is wrong stays wrong until a person edits it.
"""

from pathlib import Path
from typing import ClassVar


class MappingError(Exception):
    """The mapping in `path` (None: the shipped one) is wrong at `place`, a line or a key."""

    code: ClassVar[str] = "mapping_error"

    def __init__(self, path: Path | None, place: str, problem: str) -> None:
        shown = path.name if path else "the shipped mapping"
        super().__init__(f"{shown}, {place}: {problem}; correct it and run again")
        self.path = path
        self.place = place
        self.problem = problem


class MappingUnreadable(MappingError):
    """Missing, or not readable by this user."""

    code = "mapping_unreadable"


class MappingSyntaxError(MappingError):
    """Not TOML."""

    code = "mapping_syntax"


class MappingInvalid(MappingError):
    """TOML, but a key is unknown, missing or of no use."""

    code = "mapping_invalid"
