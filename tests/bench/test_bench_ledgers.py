"""The ledgers that benchmarks are run on: whole by the program's own verification, and their books balance."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from ledger.books import books
from ledger.reader import Reader
from ledger.verifying import verify
from tests.bench.ledgers import build
from tests.ledger.plain import query

pytestmark = pytest.mark.anyio
_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of about six thousand events."""
    path = tmp_path_factory.mktemp("bench") / "built.db"
    build(path, 6_000)
    return path


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from commands.main import main; main()", *arguments]


def test_it_passes_the_programs_own_verify(built: Path) -> None:
    """`verify` finds it whole: chain, bodies, projections, indexes."""
    done = subprocess.run(
        _command("--json", "--ledger", str(built), "verify"), capture_output=True, text=True, check=True, cwd=_ROOT
    )
    assert json.loads(done.stdout)["events"] == query(built, "SELECT count(*) FROM event")[0][0]


async def test_its_books_balance_and_hold_every_outcome(built: Path) -> None:
    """Every sum agrees, and there are records held, rejected, changed and taken back among those written."""
    async with Reader.open(built) as reader:
        found = await books(reader)
    assert found.imbalances == ()
    people = next(one for one in found.records if one.object == "person")
    assert people.created > 1000
    assert min(people.held, people.rejected, people.deleted, found.rows.held, found.rows.set_aside) > 0
    assert {one.object for one in found.records} == {"company", "person", "opportunity", "note", "noteTarget"}


def test_it_is_about_as_large_as_asked(built: Path) -> None:
    """Within a tenth of the events asked for."""
    assert query(built, "SELECT count(*) FROM event")[0][0] == pytest.approx(6_000, rel=0.1)


def test_a_seed_says_who_is_in_it(built: Path, tmp_path: Path) -> None:
    """The same seed makes the same people of the same rows, another one makes others."""
    people = "SELECT label, source_ref FROM record WHERE object = 'person' ORDER BY source_ref"
    for name, seed in (("same", 1), ("other", 2)):
        build(tmp_path / name, 1_000, seed)
    build(tmp_path / "again", 1_000, 1)
    assert query(tmp_path / "same", people) == query(tmp_path / "again", people)
    assert query(tmp_path / "same", people) != query(tmp_path / "other", people)


@pytest.fixture
def appending(built: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that goes on loading into it."""
    command = [sys.executable, "-m", "tests.bench", "append", str(built), "--seconds", "30"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


async def test_a_load_goes_on_until_it_is_told_to_stop(built: Path, appending: subprocess.Popen[str]) -> None:
    """It ends its batch and its run, says how much it appended, and leaves a ledger that is whole."""
    before = query(built, "SELECT max(position) FROM event")[0][0]
    while query(built, "SELECT count(*) FROM event WHERE type = 'RecordCreated' AND position > ?", before) == [(0,)]:
        assert appending.poll() is None
        await anyio.sleep(0.05)
    appending.send_signal(signal.SIGTERM)
    said, _ = appending.communicate(timeout=10)
    assert appending.returncode == 0
    assert int(said) == query(built, "SELECT max(position) FROM event")[0][0] - before
    assert query(built, "SELECT DISTINCT state FROM run") == [("completed",)]
    await verify(built)
    async with Reader.open(built) as reader:
        assert (await books(reader)).balanced
