"""What a delta came to, and what one would come to."""

import msgspec

from commands.comparing.compare import Compared
from commands.loading import Loaded
from commands.updating.foreseeing import Foreseen
from commands.updating.removing import Departed


class Delta(msgspec.Struct, frozen=True, kw_only=True):
    """What a delta came to: the files compared, and all that was written since."""

    compared: Compared
    loaded: Loaded

    @property
    def undone(self) -> int:
        """Rows and records that are left for a person, those among them that were to be deleted and stay.

        What is gone in Kartra, and what became obsolete, is told.
        """
        return self.loaded.undone - self.loaded.obsolete + len(self.loaded.kept)


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """What a delta would come to, by object: records to create, what is not as it should be, and what would go."""

    compared: Compared
    create: dict[str, int]
    change: dict[str, Foreseen]
    obsolete: dict[str, int]
    departed: Departed
    open_holds: int

    @property
    def undone(self) -> int:
        """Rows and records that would be left for a person, as far as reading tells."""
        return self.open_holds + len(self.departed.kept)
