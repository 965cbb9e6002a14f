"""Two people at one ledger, and one ledger at two workspaces."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import pytest

from adapters.twenty import Call, OutcomeUnknown
from commands import session
from commands.errors import OtherWorkspace, UnfinishedRun, WrongUse
from commands.history import Asked, history
from commands.status import status
from commands.verify import verify
from ledger.errors import LedgerInUse, LedgerMissing
from tests.journey.world import Journey, to_come, written


@contextmanager
def a_load_at_work(journey: Journey, exports: Path) -> Iterator[int]:
    """A load in a process of its own, stopped in the middle of its work while it holds the lock; its id."""
    arguments = ["load", str(exports), "--accept-defaults", "--automations", "leave", "--sandbox"]
    with subprocess.Popen(journey.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + 30
        while not _has_begun(journey):
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGSTOP)
        try:
            yield process.pid
            assert process.poll() is None
        finally:
            process.kill()


def _has_begun(journey: Journey) -> bool:
    try:
        return bool(anyio.run(status, journey.options).runs)
    except LedgerMissing:
        return False


def test_a_second_operator_is_told_who_is_at_work_and_may_look_on(journey: Journey) -> None:
    """A second load ends with 7 and one line that names the holder; status, history and verify answer meanwhile."""
    exports = journey.sample(300, dirty=False)
    with a_load_at_work(journey, exports) as holder:
        arguments = ("load", str(exports), "--accept-defaults", "--automations", "leave", "--sandbox")
        done = subprocess.run(journey.command(*arguments), capture_output=True, text=True, check=False, timeout=50)
        assert done.returncode == 7
        [line] = [line for line in done.stderr.splitlines() if "error" in line]
        assert line.startswith("error: ")
        assert str(holder) in line
        for use in (journey.resume, journey.roll_back):
            with pytest.raises(LedgerInUse, match=str(holder)):
                anyio.run(use)
        now = anyio.run(status, journey.options)
        assert [(one.command, one.state) for one in now.runs] == [("load", "running")]
        assert "RunStarted" in {one["type"] for one in anyio.run(history, journey.options, Asked(run=now.runs[0].run))}
        assert anyio.run(lambda: verify(journey.options, None, record=False)).head == now.head


async def cut_off(journey: Journey, exports: Path) -> None:
    """A load whose creates of people all fail before anything happens, and that gives up."""

    def refuse(stage: str, body: bytes) -> None:
        if stage == "before" and b"createPeople" in body:
            raise RuntimeError("the server is in trouble")

    journey.settings["on_request"] = refuse
    with pytest.raises(OutcomeUnknown):
        await journey.load(exports, "leave")
    del journey.settings["on_request"]


def put_aside(journey: Journey, name: str) -> None:
    """Take Twenty's database away, so that the next one is another workspace."""
    for path in journey.folder.glob("sandbox.db*"):
        path.rename(journey.folder / path.name.replace("sandbox", name))


def put_back(journey: Journey, name: str) -> None:
    """Put a database that was taken away into its place again."""
    put_aside(journey, "other")
    for path in journey.folder.glob(f"{name}.db*"):
        path.rename(journey.folder / path.name.replace(name, "sandbox"))


@pytest.mark.anyio
async def test_a_ledger_belongs_to_one_workspace(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """With another workspace's key, load and rollback refuse before any record call, and change nothing."""
    await journey.load(journey.sample(30, dirty=False), "leave")
    put_aside(journey, "own")
    calls: list[Call] = []
    monkeypatch.setattr(session, "_log_call", calls.append)
    head = (await status(journey.options)).head
    for use in (journey.load(journey.sample(20, 2, dirty=False)), journey.roll_back()):
        with pytest.raises(OtherWorkspace):
            await use
    assert {call.endpoint for call in calls} == {"/metadata"}
    assert not any("mutation" in call.document for call in calls)
    assert (await status(journey.options)).head == head


@pytest.mark.anyio
async def test_an_interrupted_load_is_not_resumed_elsewhere(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """`resume` against another workspace exits 2 before any record call; with the right one it goes on."""
    exports = journey.sample(250, dirty=False, companies=10)
    await cut_off(journey, exports)
    put_aside(journey, "own")
    journey.run("resume", "--sandbox", code=2)
    calls: list[Call] = []
    monkeypatch.setattr(session, "_log_call", calls.append)
    with pytest.raises(OtherWorkspace):
        await journey.resume()
    assert {call.endpoint for call in calls} == {"/metadata"}
    put_back(journey, "own")
    done = await journey.resume()
    assert written(done) == to_come(exports)
    assert len(await journey.records("person")) == 250


@pytest.mark.anyio
async def test_a_load_that_was_cut_off_comes_first(journey: Journey) -> None:
    """While a load waits to be resumed, another folder's load is refused; the same folder's goes on with it."""
    exports = journey.sample(60, dirty=False)
    await cut_off(journey, exports)
    with pytest.raises(UnfinishedRun):
        await journey.load(journey.sample(20, 2, dirty=False), "leave")
    done = await journey.load(exports, "leave")
    assert done.resumed
    assert len(await journey.records("person")) == 60


@pytest.mark.anyio
async def test_a_load_that_was_cut_off_can_be_taken_back(journey: Journey) -> None:
    """Without a resume, a rollback takes back what landed and what may have landed, and Twenty is as before."""
    before = await journey.settled_dump()
    journey.options.timeout_s = 1
    await cut_off(journey, journey.sample(60, dirty=False, companies=10))
    done = await journey.roll_back(patience_s=5)
    assert done.destroyed["company"] == 10
    assert done.proof.exact
    assert await journey.settled_dump() == before


@pytest.mark.anyio
async def test_a_second_ledger_on_a_workspace_has_to_say_so(journey: Journey) -> None:
    """Records of another ledger are seen by their mark; only `--beside` writes next to them, and takes back its own."""
    await journey.load(journey.sample(40, dirty=False), "leave")
    before = await journey.settled_dump()
    journey.options.ledger = journey.folder / "second.db"
    more = journey.export("more", [{"id": "900", "email": "new@more.example", "first_name": "New"}])
    with pytest.raises(WrongUse, match="beside"):
        await journey.load(more, "leave")
    loaded = await journey.load(more, "leave", beside=True)
    assert {one.object: one.created for one in loaded.books.records} == {"person": 1}
    done = await journey.roll_back()
    assert done.proof.exact
    assert before == await journey.settled_dump()
