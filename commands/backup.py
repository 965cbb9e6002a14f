"""ledger backup: a copy of the ledger that is proven before it is kept, also while a run writes."""

from pathlib import Path

from commands.errors import WrongUse
from commands.options import Options
from commands.reading import reading
from commands.targets import refuse_taken
from ledger.connections import has_wal
from ledger.copying import verified_copy
from ledger.lock import is_held
from ledger.verifying import Verified


async def backup(options: Options, target: Path, *, force: bool) -> Verified:
    """Copy the ledger as it stands to `target`, and verify the copy; answers what was found in it.

    Raises:
        WrongUse: the place is taken, or a program works on what is there.
        VerificationFailed: the ledger does not add up; no copy is kept, and an older one stays.
    """
    refuse_taken(options, target, force=force)
    _refuse_ledger_at_work(target)
    # What is no ledger of this version is told before any file is made.
    async with reading(options):
        pass
    return await verified_copy(options.ledger, target)


def _refuse_ledger_at_work(target: Path) -> None:
    # A log left beside the place would be taken for the new file's own.
    if is_held(target) or has_wal(target):
        raise WrongUse(f"{target} is a ledger in use, or has a log of one beside it; name another file")
