"""Twenty's token bucket for record calls (FACTS section 13, GRAPHQL section 10).

The refill is rounded down at each accepted call and the clock starts anew there, so fractions are lost: calls a little
faster than window / limit get nothing back. A refused call costs nothing and leaves the clock alone.
"""

import time
from collections.abc import Callable


class Limiter:
    """One workspace's bucket: `limit` calls in `seconds`. Not safe for threads: the workspace's lock guards it."""

    def __init__(self, limit: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with a full bucket; `clock` counts seconds."""
        self.limit, self.seconds = limit, seconds
        self._clock = clock
        self._tokens = limit
        self._since = clock()

    def accepts(self) -> bool:
        """Take a token if there is one."""
        now = self._clock()
        refill = int((now - self._since) * self.limit / self.seconds)
        available = min(self.limit, self._tokens + refill)
        if available < 1:
            return False
        self._tokens, self._since = available - 1, now
        return True
