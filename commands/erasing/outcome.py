"""What an erasure comes to."""

import msgspec

from commands.erasing.person import Traced


class Stays(msgspec.Struct, frozen=True, kw_only=True):
    """A record of hers that stays in Twenty though it was asked to go, and why."""

    object: str
    id: str
    why: str


class Erased(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of a person, and whether it was taken away.

    `destroyed` counts her records taken out of Twenty (or that would be), `stays` names those that had to be left;
    both are empty unless that was asked for.
    """

    traced: Traced
    done: bool
    destroyed: dict[str, int] = {}
    stays: tuple[Stays, ...] = ()

    @property
    def undone(self) -> int:
        """What was asked to go and had to be left: records in Twenty, and bodies that quote her."""
        return len(self.stays) + self.traced.untouched
