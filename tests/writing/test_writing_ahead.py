"""Calls that nothing waits for: what is done while one is under way, and what is not."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

import anyio
import pytest

import commands.delivery
from adapters.twenty import BatchTooLarge, Stored, TwentyError, Unreachable
from tests.delta.accounts import export
from tests.journey.world import Journey
from tests.writing.served import BATCH, Watch, served

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

PEOPLE = 7 * BATCH + 2


def account(journey: Journey) -> Any:
    """A folder with people."""
    rows = [{"id": str(index), "email": f"one{index}@kartra.example"} for index in range(1, PEOPLE + 1)]
    return export(journey, 1, rows)


def states(journey: Journey) -> Counter[str]:
    """How many people are in each state."""
    return Counter(state for (state,) in journey.ledger_rows("SELECT state FROM record WHERE object = 'person'"))


def in_twenty(journey: Journey) -> int:
    """How many people Twenty holds."""
    with closing(sqlite3.connect(journey.options.sandbox_path)) as connection:
        return int(connection.execute("SELECT count(*) FROM person").fetchone()[0])


def troubled(patch: pytest.MonkeyPatch, trouble: Callable[[int, int], TwentyError | None]) -> list[int]:
    """Let creates of people fail as `trouble` says of a call's number and size; the sizes of those that did not."""
    create, calls, sizes = commands.delivery.create, [0], []

    async def create_or_fail(client: Any, kind: Any, rows: Sequence[Any]) -> list[Stored]:
        calls[0] += 1
        if error := trouble(calls[0], len(rows)):
            raise error
        sizes.append(len(rows))
        return await create(client, kind, rows)

    patch.setattr(commands.delivery, "create", create_or_fail)
    return sizes


async def test_a_batch_comes_when_its_intent_is_on_the_disk_and_one_is_ready_behind_it(journey: Journey) -> None:
    """Every batch that arrives is intended in the file; two at most have no outcome yet, and two it is for most."""
    watch = Watch(journey)
    journey.settings["faults"] = {"slow": 60}
    async with served(journey):
        loaded = await journey.load(account(journey), "leave")
    assert loaded.undone == 0
    assert [len(one.ids) for one in watch.arrived] == [BATCH] * 7 + [2]
    assert all(one.intended == len(one.ids) for one in watch.moments)
    assert max(one.open_batches for one in watch.moments) == 2
    assert states(journey) == {"written": PEOPLE}


async def test_outcomes_and_intents_are_on_record_in_the_order_of_the_calls(journey: Journey) -> None:
    """The outcome of each batch stands behind its own intent and before the intent of the batch after the next."""
    async with served(journey):
        await journey.load(account(journey), "leave")
    intents = {one.position: at for at, one in enumerate(await journey.events("BatchIntended"))}
    order = [intents[one.position] for one in await journey.events("BatchIntended")]
    assert order == sorted(order)
    for one in await journey.events("RecordCreated"):
        assert one.cause is not None
        at = intents[one.cause]
        later = [position for position, number in intents.items() if number >= at + 2]
        assert one.cause < one.position < min([*later, one.position + 1])


async def test_a_lower_maximum_cuts_what_was_made_ready_before_it_was_named(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch that is refused and the one behind it are cut, each record is sent once, and all are written."""
    sizes = troubled(monkeypatch, lambda _call, size: BatchTooLarge(3) if size > 3 else None)
    watch = Watch(journey)
    async with served(journey):
        assert (await journey.load(account(journey), "leave")).undone == 0
    assert max(sizes) == 3
    sent = [id_ for one in watch.arrived for id_ in one.ids]
    assert len(sent) == len(set(sent)) == in_twenty(journey) == PEOPLE
    assert states(journey) == {"written": PEOPLE}


async def test_what_was_ready_behind_a_call_that_failed_is_sent_by_the_resume(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third call never leaves: two batches are written, two have no outcome, and resume sends each of them once."""
    with monkeypatch.context() as patch:
        troubled(patch, lambda call, _size: Unreachable("nobody answers") if call == 3 else None)
        watch = Watch(journey)
        async with served(journey):
            with pytest.raises(Unreachable):
                await journey.load(account(journey), "leave")
    assert states(journey) == {"written": 2 * BATCH, "intended": 2 * BATCH, "pending": PEOPLE - 4 * BATCH}
    assert in_twenty(journey) == 2 * BATCH
    async with served(journey):
        assert (await journey.resume()).undone == 0
    sent = [id_ for one in watch.arrived for id_ in one.ids]
    assert len(sent) == len(set(sent)) == in_twenty(journey) == PEOPLE
    assert states(journey) == {"written": PEOPLE}


async def test_a_stop_leaves_no_batch_without_its_outcome(journey: Journey) -> None:
    """Stopped while the second batch is under way: that one and the one ready behind it are sent and on record."""
    watch = Watch(journey)
    scope = anyio.CancelScope()

    def stop(stage: str, body: bytes) -> None:
        watch.look(stage, body)
        if len(watch.arrived) == 2 and stage == "before":
            scope.cancel()

    journey.settings |= {"on_request": stop, "faults": {"slow": 40}}
    async with served(journey):
        with scope:
            await journey.load(account(journey), "leave")
    assert scope.cancelled_caught
    written = states(journey)["written"]
    assert written == in_twenty(journey) == sum(len(one.ids) for one in watch.arrived)
    assert 2 * BATCH <= written <= 3 * BATCH
    assert states(journey)["intended"] == 0
    assert [one.event.code for one in await journey.events("RunFailed")] == ["interrupted"]  # type: ignore[attr-defined]
    async with served(journey):
        assert (await journey.resume()).undone == 0
    assert in_twenty(journey) == PEOPLE
