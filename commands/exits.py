"""Which exit code each error of a neighbour's ends with."""

from collections.abc import Mapping

from adapters.console.errors import ConsoleError
from adapters.kartra.errors import KartraError
from adapters.mapping.errors import MappingError
from adapters.twenty.errors import BadAddress, OutcomeUnknown, TerminalError, TransientError
from commands.errors import IN_USE, REFUSED, UNREACHABLE, UNVERIFIED, UNWRITABLE, WRONG_USE
from ledger.errors import (
    LedgerDamaged,
    LedgerInUse,
    LedgerMissing,
    LedgerNewer,
    LedgerOlder,
    LedgerUnwritable,
    NotALedger,
    VerificationFailed,
)

EXIT_CODES: Mapping[type[Exception], int] = {
    LedgerInUse: IN_USE,
    LedgerUnwritable: UNWRITABLE,
    LedgerMissing: WRONG_USE,
    NotALedger: WRONG_USE,
    LedgerNewer: WRONG_USE,
    LedgerOlder: WRONG_USE,
    LedgerDamaged: UNVERIFIED,
    VerificationFailed: UNVERIFIED,
    ConsoleError: WRONG_USE,
    KartraError: WRONG_USE,
    MappingError: WRONG_USE,
    BadAddress: WRONG_USE,
    TransientError: UNREACHABLE,
    OutcomeUnknown: UNREACHABLE,
    TerminalError: REFUSED,
}
"""The exit code of every neighbour's errors, the most special class first where classes are related."""
