"""What there is to do while a call is under way: calls leave one at a time, and nothing waits for the ledger."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

import anyio

from adapters.twenty import TwentyClient

T = TypeVar("T")


async def while_waiting(
    client: TwentyClient, call: Callable[[], Awaitable[T]], work: Callable[[], Awaitable[None]]
) -> T:
    """Make a call, and do some work once nothing is left of it but to wait; both come to their ends.

    The call has left before the work begins, so that it is never late for it. What either raises is raised when both
    have ended; where both do, the first.
    """
    waiting = anyio.Event()

    async def beside() -> None:
        with anyio.CancelScope(shield=True):
            await waiting.wait()
            await work()

    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(beside)
            with anyio.CancelScope(shield=True), client.told_when_waiting(waiting.set):
                try:
                    answer = await call()
                finally:
                    waiting.set()
    except BaseExceptionGroup as both:
        raise both.exceptions[0] from both
    return answer


def is_stopped() -> bool:
    """Whether this task is to end, although it is in the middle of something that must come to its end."""
    return anyio.current_effective_deadline() == -math.inf


class Ahead(Generic[T]):
    """What comes out of an iterator, at most one taken out before it is asked for."""

    def __init__(self, source: AsyncIterator[T]) -> None:
        self._source = source
        self._taken: T | None = None

    async def look(self) -> None:
        """Take the next one out now."""
        if self._taken is None:
            self._taken = await anext(self._source, None)

    def take(self) -> T | None:
        """The next one, if it was taken out; it is not here any more then."""
        taken, self._taken = self._taken, None
        return taken
