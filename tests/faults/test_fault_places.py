"""What changes round a run that was cut off: its key, its clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from ledger.events import RunCompleted, RunStarted
from ledger.reader import Reader
from ledger.store import Ledger
from ledger.verifying import verify
from tests.crash.processes import Zygote
from tests.delta.accounts import ACCOUNT
from tests.faults.conftest import Place

EVERYBODY = sorted(one["email"] for one in ACCOUNT)


@pytest.fixture
def cut_off(tmp_path: Path, states: Mapping[str, Place], zygote: Zygote) -> Place:
    """A load that was killed behind a batch whose outcome it does not know."""
    return Place(tmp_path / "place", states["new"].template, zygote, "leave").copied(states["cut off"])


def _goes_on(place: Place) -> None:
    assert place.told_by("resume").code == 0
    assert place.told_by("reconcile").code == 0
    assert place.told_by("verify").code == 0
    assert place.emails() == EVERYBODY


def test_a_key_revoked_half_way(cut_off: Place, tmp_path: Path) -> None:
    """The key opens nothing any more: exit 4 in one line; with one that does, the load goes on."""
    revoked = tmp_path / "key"
    revoked.write_text("revoked")
    revoked.chmod(0o600)
    with cut_off.twenty():
        ended = cut_off.told_by("--api-key-file", str(revoked), "resume")
        assert (ended.code, ended.err.count("error: "), "revoked" in ended.err) == (4, 1, False), ended.err
        assert cut_off.told_by("verify").code == 0
        _goes_on(cut_off)


@pytest.mark.anyio
async def test_a_clock_set_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times go back, positions do not: the order is theirs, and the chain holds."""
    path = tmp_path / "ledger.db"
    monkeypatch.setattr("ledger.appending.datetime", Ahead)
    await _append(path, "first")
    monkeypatch.undo()
    await _append(path, "second")
    async with Reader.open(path) as reader:
        told = await reader.rows("SELECT actor, recorded_at FROM event WHERE type = 'RunStarted' ORDER BY position")
    assert [row["actor"] for row in told] == ["first", "second"]
    assert told[0]["recorded_at"] > told[1]["recorded_at"]
    assert (await verify(path)).events == 5


class Ahead(datetime):
    """A clock that is ten years ahead."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Ahead":
        """Ten years from now."""
        return super().now(tz) + timedelta(days=3_650)


async def _append(path: Path, actor: str) -> None:
    async with Ledger.open(path, command="load", actor=actor) as ledger:
        await ledger.append([RunStarted(command="load"), RunCompleted(counts={})])
