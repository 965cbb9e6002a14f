"""Whether the ledger can be trusted: its head, what was verified on record, and what it was signed off with."""

import msgspec

from adapters.console.opened import At
from ledger.reader import Reader
from ledger.signoff import Reconciliation, SignOff, Verification, last_reconciliation, last_verification, signed_off


class Integrity(msgspec.Struct, frozen=True, kw_only=True):
    """The head to keep elsewhere, the last verification and comparison on record, and the sign-off."""

    head: str
    recorded_at: str
    verified: Verification | None
    reconciled: Reconciliation | None
    closed: SignOff | None


async def tell_integrity(reader: Reader, at: At) -> Integrity:
    """What is on record of the ledger's own proof."""
    return Integrity(
        head=str(at.head),
        recorded_at=at.recorded_at,
        verified=await last_verification(reader),
        reconciled=await last_reconciliation(reader),
        closed=await signed_off(reader),
    )
