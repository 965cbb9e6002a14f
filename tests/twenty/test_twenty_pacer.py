"""The pacer against a model of Twenty's bucket, on a clock of its own."""

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twenty import LimitReached, Pacer


class Clock:
    """A clock that only moves when told to."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        """The time, in seconds."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self.time += seconds


class Bucket:
    """Twenty's token bucket: refilled by whole tokens a call, the clock restarting at each accepted call."""

    def __init__(self, clock: Clock, *, left: int, limit: int = 100, window_s: float = 60.0) -> None:
        self.clock = clock
        self.left = left
        self.limit = limit
        self.refill_s = window_s / limit
        self.restarted = clock.time
        self.sent: list[float] = []
        self.refused = 0

    async def call(self) -> str:
        """Take a token or refuse."""
        self.sent.append(self.clock.time)
        self.left = min(self.limit, self.left + int((self.clock.time - self.restarted) / self.refill_s + 1e-9))
        if self.left < 1:
            self.refused += 1
            raise LimitReached(self.limit, round(self.limit * self.refill_s * 1_000))
        self.left -= 1
        self.restarted = self.clock.time
        return "done"


def make_pacer(clock: Clock, patience_s: float = 300.0) -> Pacer:
    """A pacer on a clock of its own."""
    return Pacer(patience_s=patience_s, now=clock.now, sleep=clock.sleep)


async def send(pacer: Pacer, bucket: Bucket, calls: int) -> None:
    """Send calls one after another."""
    for _ in range(calls):
        assert await pacer.run(bucket.call) == "done"


@given(left=st.integers(0, 100), calls=st.integers(1, 250))
def test_every_call_passes_with_at_most_one_refusal(left: int, calls: int) -> None:
    """However full the bucket was, every call passes, refused once at most, and none waits before that refusal."""
    clock = Clock()
    bucket = Bucket(clock, left=left)
    anyio.run(send, make_pacer(clock), bucket, calls)
    assert bucket.refused == (1 if calls > left else 0)
    if calls <= left:
        assert clock.time == 0.0
    else:
        assert clock.time == pytest.approx(0.615 * (calls - left))


@given(latency_s=st.floats(0.0, 0.2))
def test_sends_are_a_pace_apart_whatever_a_call_takes(latency_s: float) -> None:
    """After a refusal the pace is counted from send to send, not from answer to send."""
    clock = Clock()
    bucket = Bucket(clock, left=0)

    async def slow() -> str:
        try:
            return await bucket.call()
        finally:
            clock.time += latency_s

    async def run() -> None:
        pacer = make_pacer(clock)
        for _ in range(5):
            await pacer.run(slow)

    anyio.run(run)
    gaps = [after - before for before, after in zip(bucket.sent, bucket.sent[1:], strict=False)]
    assert all(gap == pytest.approx(0.615) for gap in gaps)


@pytest.mark.anyio
async def test_pace_widens_by_each_refusal_up_to_650_ms() -> None:
    """The first refusal sets 615 ms, each further one adds 5 ms, and 650 ms is the end."""
    clock = Clock()
    pacer = make_pacer(clock)
    paces: list[float] = []

    async def refused_ten_times() -> str:
        paces.append(pacer.pace_s)
        if len(paces) <= 10:
            raise LimitReached(100, 60_000)
        return "done"

    await pacer.run(refused_ten_times)
    expected = [0, 0.615, 0.62, 0.625, 0.63, 0.635, 0.64, 0.645, 0.65, 0.65, 0.65]
    assert paces == pytest.approx(expected)
    assert pacer.refusals == 10


@pytest.mark.anyio
async def test_patience_ends() -> None:
    """A limit that never gives way ends as LimitReached, within the patience."""
    clock = Clock()

    async def refused() -> str:
        raise LimitReached

    with pytest.raises(LimitReached):
        await make_pacer(clock, patience_s=10.0).run(refused)
    assert 9.0 < clock.time <= 10.0


@pytest.mark.anyio
async def test_one_call_at_a_time() -> None:
    """Two tasks with one pacer never have two calls under way."""
    pacer = Pacer()
    under_way = most = 0

    async def call() -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await anyio.sleep(0.001)
        under_way -= 1

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(pacer.run, call)
    assert most == 1


@pytest.mark.anyio
async def test_other_errors_pass_through() -> None:
    """An error that is no refusal is the caller's at once."""

    async def broken() -> None:
        raise ValueError("broken")

    pacer = Pacer()
    with pytest.raises(ValueError, match="broken"):
        await pacer.run(broken)
    assert pacer.refusals == 0
