"""What a rollback would come to, and what it came to."""

import msgspec

from commands.compensation.forcing import Forced
from commands.compensation.proof import Proof
from commands.compensation.scope import Plan
from ledger.reader import Head


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback would come to: its plan, and the records that would be kept, by reading Twenty."""

    plan: Plan
    kept: list[dict[str, str]]


class RolledBack(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback came to.

    `returned` are records of others that had made way for ours, `remade` ours that a delta had taken out.
    """

    run: str
    destroyed: dict[str, int]
    already_gone: dict[str, int]
    restored: dict[str, int]
    traces: dict[str, int]
    returned: dict[str, int]
    remade: dict[str, int]
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
