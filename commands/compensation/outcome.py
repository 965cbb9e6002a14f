"""What a rollback would come to, and what it came to."""

import msgspec

from commands.compensation.forcing import Forced
from commands.compensation.kept import Kept
from commands.compensation.leaving import Stay
from commands.compensation.proof import Proof
from commands.compensation.scope import Plan
from ledger.reader import Head


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback would come to by reading Twenty: its plan, and what of records and the data model would stay.

    `forced` are records that would go although they were to be kept, or since they tie what goes. `not_back` made way
    for ours, and something that stays holds their value.
    """

    plan: Plan
    kept: list[Kept]
    schema: list[Stay]
    forced: list[dict[str, str]]
    not_back: list[Kept] = []


class RolledBack(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback came to.

    `returned` are records that had made way for ours, `remade` ours that a delta had taken out,
    `superseded` those of them that are not made again, for a later record of their stream. Of the data model,
    `fields_kept` stay for what others' records hold, `fields_in_bin` for what is in the bin.
    """

    run: str
    destroyed: dict[str, int]
    already_gone: dict[str, int]
    restored: dict[str, int]
    restored_in_part: dict[str, int]
    traces: dict[str, int]
    returned: dict[str, int]
    remade: dict[str, int]
    superseded: dict[str, int]
    fields_kept: list[str]
    fields_in_bin: list[str]
    forced: list[Forced]
    proof: Proof
    calls: dict[str, int]
    head: Head

    @property
    def undone(self) -> int:
        """Records and elements that stay, or differences found."""
        left = sum(map(len, self.proof.answered.values())) + len(self.fields_kept) + len(self.proof.unexplained)
        return left or (0 if self.proof.exact else 1)
