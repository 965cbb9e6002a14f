"""What every load checks first: cheap in calls, and refusing before anything is written."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.settings import Role
from adapters.twenty import KnownKey
from commands.baseline import before_writing
from commands.checks.before_load import check_before_load, check_time
from commands.checks.report import PreflightRefused
from commands.errors import OtherWorkspace, WrongUse, exit_code
from commands.objects import STANDARD
from commands.session import Twenty, reach_twenty, writing
from ledger.store import Ledger
from tests.commands.preflighting import Ground

pytestmark = pytest.mark.anyio


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A new ledger and a new workspace."""
    return Ground(tmp_path, monkeypatch)


@asynccontextmanager
async def at_work(ground: Ground) -> AsyncIterator[tuple[Ledger, Twenty]]:
    """A ledger open for writing, and its Twenty."""
    async with writing(ground.options, "load") as ledger, reach_twenty(ground.options) as twenty:
        yield ledger, twenty


def key_for(**span: float) -> KnownKey:
    """A key that lasts that long."""
    return KnownKey(name="k", role="Admin", expires_at=datetime.now(UTC) + timedelta(**span), certain=True)


async def record_calls(ground: Ground, check: Any) -> int:
    """How many calls on records a check makes."""
    async with at_work(ground) as (ledger, twenty):
        await check(ledger, twenty, STANDARD, beside=False)
        free = {"metadata", "metadata_write"}
        return sum(count for kind, count in twenty.client.calls.items() if kind not in free)


async def test_it_costs_one_record_call(ground: Ground) -> None:
    """One call more than looking for other ledgers takes, for a new ledger and for a bound one."""
    assert await record_calls(ground, check_before_load) == await record_calls(ground, before_writing) + 1
    await ground.load(ground.sample(5))
    assert await record_calls(ground, check_before_load) == await record_calls(ground, before_writing) + 1 == 1


async def test_what_was_found_is_answered(ground: Ground) -> None:
    """Nothing refused: the checks and the key, for the time to be held against it later."""
    async with at_work(ground) as (ledger, twenty):
        report, key = await check_before_load(ledger, twenty, STANDARD, beside=False)
    assert {one.status for one in report.checks} == {"ok"}
    assert (key.role, key.certain) == ("Admin", True)


@pytest.mark.parametrize(
    "settings",
    [
        {"role": Role("Keeper", may_destroy=False)},
        {"key_expires_at": (datetime.now(UTC) + timedelta(minutes=30)).isoformat()},
    ],
    ids=["permission", "expiry"],
)
async def test_a_refusal_comes_before_any_write(ground: Ground, settings: dict[str, Any]) -> None:
    """A missing permission or a key at its end is exit 4 in one line, with all checks that refuse."""
    ground.settings |= settings
    async with at_work(ground) as (ledger, twenty):
        with pytest.raises(PreflightRefused) as refused:
            await check_before_load(ledger, twenty, STANDARD, beside=False)
        assert not any(kind in twenty.client.calls for kind in ("create", "update", "metadata_write"))
    assert (exit_code(refused.value), refused.value.code) == (4, "preflight_refused")
    assert "\n" not in str(refused.value)
    assert refused.value.checks[0].next in str(refused.value)


async def test_the_workspace_is_compared_before_anything_else(ground: Ground) -> None:
    """Another workspace is exit 2 without one call on its records, whatever the key may do there."""
    await ground.load(ground.sample(5))
    ground.options.sandbox_path.unlink()
    ground.settings["role"] = Role("Blind", may_read=False)
    async with at_work(ground) as (ledger, twenty):
        with pytest.raises(OtherWorkspace):
            await check_before_load(ledger, twenty, STANDARD, beside=False)
        assert set(twenty.client.calls) == {"metadata"}


async def test_another_ledger_is_still_refused(ground: Ground) -> None:
    """The look for other ledgers' records is part of it."""
    await ground.load(ground.sample(5))
    ground.options.ledger = ground.options.ledger.with_name("second.db")
    async with at_work(ground) as (ledger, twenty):
        with pytest.raises(WrongUse, match="another ledger"):
            await check_before_load(ledger, twenty, STANDARD, beside=False)
        await check_before_load(ledger, twenty, STANDARD, beside=True)


def test_the_counted_records_decide_whether_the_key_lasts() -> None:
    """A key of two hours is enough for 1,000 people and not for 2,000,000."""
    assert check_time(key_for(hours=2), {"person": 1_000}).status == "warning"
    assert check_time(key_for(days=30), {"person": 2_000_000}).status == "ok"
    with pytest.raises(PreflightRefused, match="expires"):
        check_time(key_for(hours=2), {"person": 2_000_000})
