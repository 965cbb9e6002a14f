"""The inventory as one document: what must be rebuilt by hand, and how sure the numbers are."""

import msgspec

from commands.rebuilding.counting import Membership, Sequence, memberships, sequences
from commands.rebuilding.listed import Listed
from commands.rebuilding.sources import Answers


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """Everything counted. Nothing in it is about one person.

    `contacts` had an answer that counts; `left_out` answers were about nobody who can be told apart, `unreadable` ones
    could not be read. `as_of` is the clock of the newest file (RFC 3339), None where there is none.
    """

    as_of: str | None
    answers: tuple[str, ...]
    contacts: int
    left_out: int
    unreadable: int
    sequences: list[Sequence]
    memberships: list[Membership]
    listed: list[Listed]


def inventory_of(answers: Answers, listed: list[Listed]) -> Inventory:
    """Count the answers."""
    leads = list(answers.leads.values())
    return Inventory(
        as_of=answers.as_of,
        answers=answers.files,
        contacts=len(leads),
        left_out=answers.left_out,
        unreadable=answers.unreadable,
        sequences=sequences(leads, answers.declared),
        memberships=memberships(leads),
        listed=listed,
    )
