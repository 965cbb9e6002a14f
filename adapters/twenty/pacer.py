"""When the next call may leave: one at a time, as fast as Twenty lets us, and never faster.

Twenty's token bucket refills only between calls at least window/limit apart (600 ms by default) and forgets fractions
(FACTS section 13). How full it is when we start nobody tells. So calls leave at once until the first refusal; from
then on they are window/limit + 15 ms apart (615 by default), 5 ms more after each further refusal, 50 at most (650).
A refused call costs nothing: it waits one pace and leaves again.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from adapters.twenty.errors import LimitReached

T = TypeVar("T")

_DEFAULT_REFILL_S = 0.600
_MARGIN_S = 0.015
_STEP_S = 0.005
_WIDEST_S = 0.050


def _nothing() -> None:
    """Nobody wants to know."""


class Pacer:
    """Paces the calls of one workspace. `patience_s` bounds how long one call keeps being refused before it raises.

    `now` and `sleep` are the clock, in seconds; tests pass their own.
    """

    def __init__(
        self,
        *,
        patience_s: float = 300.0,
        now: Callable[[], float] = anyio.current_time,
        sleep: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._patience_s = patience_s
        self._now = now
        self._sleep = sleep
        self._one_at_a_time = anyio.Lock()
        self._last_sent: float | None = None
        self._refill_s = 0.0
        self._margin_s = 0.0
        self.refusals = 0

    @property
    def pace_s(self) -> float:
        """Seconds between two sends; 0 until the first refusal."""
        return self._refill_s + self._margin_s

    async def run(self, call: Callable[[], Awaitable[T]], on_waiting: Callable[[], None] = _nothing) -> T:
        """Send `call` when its turn comes, again after each refusal; raise LimitReached when patience is over.

        `on_waiting` is called before its turn is waited for.
        """
        async with self._one_at_a_time:
            until = self._now() + self._patience_s
            while True:
                await self._turn(on_waiting)
                try:
                    return await call()
                except LimitReached as refusal:
                    self._widen(refusal)
                    if self._now() + self.pace_s > until:
                        raise

    async def _turn(self, on_waiting: Callable[[], None]) -> None:
        if self._last_sent is not None and self.pace_s:
            left = self._last_sent + self.pace_s - self._now()
            if left > 0:
                on_waiting()
                await self._sleep(left)
        self._last_sent = self._now()

    def _widen(self, refusal: LimitReached) -> None:
        self.refusals += 1
        self._refill_s = max(self._refill_s, _refill_of(refusal))
        self._margin_s = min(self._margin_s + _STEP_S, _WIDEST_S) if self._margin_s else _MARGIN_S


def _refill_of(refusal: LimitReached) -> float:
    """Seconds in which one token comes back, as the refusal tells, else Twenty's default."""
    if not refusal.tokens or not refusal.window_ms:
        return _DEFAULT_REFILL_S
    return refusal.window_ms / refusal.tokens / 1_000
