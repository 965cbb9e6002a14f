"""How often a wrong token may be tried: a token bucket for each client, and one for all of them."""

import ipaddress
from collections.abc import Callable

import msgspec

from adapters.console.access.sessions import clock

CLIENT_AT_ONCE, CLIENT_EVERY_S = 5, 12.0
ALL_AT_ONCE, ALL_EVERY_S = 60, 1.0
LIMIT = 4096


class _Bucket(msgspec.Struct):
    """`left` tries at the time `at`; one more every `every_s`, up to `at_once`."""

    at_once: int
    every_s: float
    left: float
    at: float

    def take(self, now: float) -> None:
        """One try less."""
        self.left, self.at = max(0.0, self._at(now) - 1), now

    def wait(self, now: float) -> float:
        """Seconds until there is a whole try."""
        return max(0.0, (1 - self._at(now)) * self.every_s)

    def _at(self, now: float) -> float:
        return min(self.at_once, self.left + (now - self.at) / self.every_s)


class Throttle:
    """Counts failed log-ins. An address of IPv6 counts as its /64, which is what one client has."""

    def __init__(self, clock: Callable[[], float] = clock) -> None:
        """Begin with nothing failed."""
        self._clock = clock
        self._all = _Bucket(ALL_AT_ONCE, ALL_EVERY_S, ALL_AT_ONCE, clock())
        self._clients: dict[str, _Bucket] = {}

    def seconds_to_wait(self, client: str) -> float:
        """How long a client must wait before its next try; 0 where it need not."""
        now = self._clock()
        own = self._clients.get(network_of(client))
        return max(self._all.wait(now), own.wait(now) if own else 0.0)

    def failed(self, client: str) -> None:
        """Count a failed log-in against a client, and against all."""
        now, key = self._clock(), network_of(client)
        # Put back at the end: what stands first failed longest ago, and is the first that may be forgotten.
        own = self._clients.pop(key, None) or _Bucket(CLIENT_AT_ONCE, CLIENT_EVERY_S, CLIENT_AT_ONCE, now)
        self._clients[key] = own
        own.take(now)
        self._all.take(now)
        if len(self._clients) > LIMIT:
            del self._clients[next(iter(self._clients))]


def network_of(client: str) -> str:
    """What counts as one client: an IPv4 address, the /64 of an IPv6 one, else the text itself."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address), 64), strict=False))
