"""Faults on request: what a network or a server may do to a call, at set probabilities, from a seeded generator."""

import random
from collections.abc import Mapping

from adapters.sandbox.settings import FaultKind

ORDER: tuple[FaultKind, ...] = ("drop-before", "drop-after", "http-500", "http-502", "limit")

BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n"
    "<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)


class Faults:
    """Draws at most one fault a request; the same seed draws the same row of faults."""

    def __init__(self, probabilities: Mapping[FaultKind, float], seed: int) -> None:
        """`probabilities` by kind; "slow" is no probability but milliseconds."""
        self._probabilities = probabilities
        self._random = random.Random(seed)  # noqa: S311

    @property
    def delay_s(self) -> float:
        """Seconds each request waits before anything else."""
        return self._probabilities.get("slow", 0.0) / 1000

    def draw(self) -> FaultKind | None:
        """The fault of this request. Kinds are drawn in a fixed order, the first that hits counts."""
        drawn = {kind: self._random.random() for kind in ORDER}
        return next((kind for kind in ORDER if drawn[kind] < self._probabilities.get(kind, 0.0)), None)
