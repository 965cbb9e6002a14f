"""Work beside a call: it begins once the call is on its way, and both come to their ends."""

import asyncio
from functools import partial

import anyio
import pytest

from adapters.twenty import OutcomeUnknown, TwentyClient, Unreachable
from commands.ahead import Ahead, is_stopped, while_waiting
from tests.twenty.loopback import Loopback, answer, connect, reset

pytestmark = pytest.mark.anyio

CREATE = "mutation{createPeople(data:[]){id}}"


@pytest.fixture
async def loopback() -> Loopback:
    """A server that answers at once."""
    made = Loopback()
    await made.start()
    return made


def call(client: TwentyClient) -> partial[object]:
    """A call that is sent once."""
    return partial(client.write, CREATE, {}, kind="create")


async def test_work_begins_when_the_request_has_left_and_before_it_is_answered(loopback: Loopback) -> None:
    """The server has the whole request and answers only when the work is done."""
    done = anyio.Event()

    async def answer_when_done(writer: asyncio.StreamWriter) -> None:
        with anyio.fail_after(5):
            await done.wait()
        await answer({"data": {"people": {"totalCount": 7}}})(writer)

    async def work() -> None:
        with anyio.fail_after(5):
            while not loopback.requests:  # noqa: ASYNC110  # a list tells nobody that it grew
                await anyio.sleep(0.01)
        done.set()

    loopback.script = [answer_when_done]
    async with connect(loopback, timeout_s=10) as client:
        assert await while_waiting(client, call(client), work) == {"people": {"totalCount": 7}}
    await loopback.stop()


async def test_work_is_done_when_the_call_fails(loopback: Loopback) -> None:
    """A call that is lost does not break off what is done beside it, and is told as it is."""
    loopback.script = [reset]
    done: list[int] = []

    async def work() -> None:
        await anyio.sleep(0.05)
        done.append(1)

    async with connect(loopback) as client:
        with pytest.raises(OutcomeUnknown):
            await while_waiting(client, call(client), work)
    assert done == [1]
    await loopback.stop()


async def test_a_call_comes_to_its_end_when_the_work_fails(loopback: Loopback) -> None:
    """What the work raised is raised as it is, once the call was answered."""

    async def work() -> None:
        raise Unreachable("the disk is full")

    async with connect(loopback) as client:
        with pytest.raises(Unreachable, match="the disk is full"):
            await while_waiting(client, call(client), work)
        assert client.calls["create"] == 1
    assert len(loopback.requests) == 1
    await loopback.stop()


async def test_a_stop_is_seen_from_outside_of_what_must_come_to_its_end() -> None:
    """A task that was cancelled knows it, and one that was not does not."""
    assert not is_stopped()
    with anyio.CancelScope() as scope:
        scope.cancel()
        assert is_stopped()
        await anyio.lowlevel.checkpoint()
    assert scope.cancelled_caught


async def test_no_more_than_one_is_taken_out_ahead() -> None:
    """Looking twice takes one out; at the end there is none."""
    taken: list[int] = []

    async def numbers() -> object:
        for number in range(2):
            taken.append(number)
            yield number + 10

    ahead = Ahead(numbers())  # type: ignore[arg-type,var-annotated]
    await ahead.look()
    await ahead.look()
    assert taken == [0]
    assert (ahead.take(), ahead.take()) == (10, None)
    await ahead.look()
    assert ahead.take() == 11
    await ahead.look()
    assert ahead.take() is None
