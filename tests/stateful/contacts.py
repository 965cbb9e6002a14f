"""A contact of the model: its record in Twenty, what the migration knows of it, and the changes we made to it."""

from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]
"""Field → value; `tags` is a frozenset, nothing is None."""

NOTHING: Values = {"email": None, "first": None, "score": None, "tags": frozenset(), "job": None}


@dataclass
class Row:
    """A record in Twenty; `touched` is the moment that it was last."""

    values: Values
    binned: bool = False
    touched: int = 0


@dataclass
class Change:
    """A change we made to a record that was there; `done` and `undone` are moments, `base` what of ours stood below.

    `asked` is where Kartra said another thing than before; `returned` are fields that came back while it stands. Of one
    that took a call, `answered` is the moment of it, `binned` and `touched` are what the record was before.
    """

    run: int
    done: int
    base: Values | None
    asked: Values
    before: Values
    sent: Values
    undone: int | None = None
    returned: set[str] = field(default_factory=set)
    answered: int | None = None
    binned: bool = False
    touched: int = 0


@dataclass
class Stray:
    """A record that a run made and a rollback put into the bin, and what of ours it held then."""

    row: Row
    base: Values
    run: int


@dataclass
class Contact:
    """A contact as the migration knows it: what Kartra said, and what of it was written to which record.

    `row` is the record in Twenty, whosoever's; `ours` the one that was written, which may be gone since. `made` is what
    it was made with, `base` what of ours it should hold by now. `stray` is one of ours that we put into the bin.
    """

    said: Values | None = None
    state: str = "none"
    made: Values | None = None
    base: Values | None = None
    ours: Row | None = None
    adopted: bool = False
    run: int = 0
    row: Row | None = None
    stray: "Stray | None" = None
    changes: list[Change] = field(default_factory=list)
    gone: bool = False
    in_first: bool = False

    @property
    def standing(self) -> list[Change]:
        """The changes that were not undone."""
        return [one for one in self.changes if one.undone is None]

    @property
    def left(self) -> Values:
        """What of ours it should hold, by what stands of its changes."""
        found = dict(NOTHING if self.adopted else self.made or NOTHING)
        for one in self.standing:
            found |= {name: value for name, value in one.asked.items() if name not in one.returned}
        return found

    @property
    def held(self) -> Values:
        """What we put into it and stands: of a record that was there before us, only what was sent."""
        found = {} if self.adopted else dict(self.made or NOTHING)
        for one in self.standing:
            asked = {name: value for name, value in one.asked.items() if name in found}
            found |= {name: value for name, value in {**asked, **one.sent}.items() if name not in one.returned}
        return found

    def mean(self, said: Values) -> None:
        """Take over what Kartra says now; a record that waits or was taken back is tried anew."""
        if said != self.said or self.state in ("none", "held", "deleted"):
            self.said = said
            self.state = "pending" if self.base is None else "written" if self.base == said else "changed"

    def forget(self) -> None:
        """The record is not ours any more."""
        self.state, self.base, self.ours, self.adopted, self.run = "deleted", None, None, False, 0
