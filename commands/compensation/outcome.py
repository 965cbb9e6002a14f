"""What a rollback would come to, and what it came to."""

import msgspec

from commands.compensation.forcing import Forced
from commands.compensation.proof import Proof
from commands.compensation.scope import Plan
from ledger.reader import Head


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback would come to by reading Twenty: its plan, the records that would be kept, and why.

    `forced` are those that would go although they were to be kept, or since they tie what goes.
    """

    plan: Plan
    kept: list[dict[str, str]]
    forced: list[dict[str, str]]


class RolledBack(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback came to."""

    run: str
    destroyed: dict[str, int]
    already_gone: dict[str, int]
    restored: dict[str, int]
    traces: dict[str, int]
    fields_kept: list[str]
    forced: list[Forced]
    proof: Proof
    calls: dict[str, int]
    head: Head

    @property
    def undone(self) -> int:
        """Records and elements that stay, or differences found."""
        left = sum(map(len, self.proof.answered.values())) + len(self.fields_kept) + len(self.proof.unexplained)
        return left or (0 if self.proof.exact else 1)
