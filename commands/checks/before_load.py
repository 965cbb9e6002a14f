"""The part of a preflight that every load makes: what would refuse it half-way is found before its first change.

Automations, unique values and counts are looked at by the load itself, each where it needs them, and not twice.
"""

from collections.abc import Mapping, Sequence

from adapters.twenty import KnownKey
from commands.baseline import before_writing
from commands.checks.key import expiry, key_checks
from commands.checks.report import Check, PreflightRefused, Report
from commands.estimating import estimate
from commands.session import Twenty, check_workspace
from ledger.store import Ledger


async def check_before_load(
    ledger: Ledger, twenty: Twenty, object_names: Sequence[str], *, beside: bool
) -> tuple[Report, KnownKey]:
    """Look at workspace, key, permissions and expiry; one record call more than `before_writing`, which it makes too.

    Answers what was found, and the key, for `check_time` once the records are counted.

    Raises:
        OtherWorkspace, WrongUse: the workspace is not for this ledger; nothing of it was read.
        PreflightRefused: the key ends too soon, or a permission is missing.
    """
    await check_workspace(ledger.reader, twenty)
    access = await key_checks(twenty, object_names)
    _refuse(access.checks)
    await before_writing(ledger, twenty, object_names, beside=beside)
    return Report(checks=access.checks), access.key


def check_time(key: KnownKey, records: Mapping[str, int]) -> Check:
    """Hold the key's end against the time that writing these records (by object) takes; no call is made.

    Raises:
        PreflightRefused: it ends before that, or within the margin.
    """
    check = expiry(key, estimate(records).current.seconds)
    _refuse([check])
    return check


def _refuse(checks: Sequence[Check]) -> None:
    refusing = [one for one in checks if one.status == "refused"]
    if refusing:
        raise PreflightRefused(refusing)
