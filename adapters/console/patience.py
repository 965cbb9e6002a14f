"""How long the console waits for who comes: for a request's head, for its body, and for what is sent to be taken."""

import asyncio
from collections import Counter
from collections.abc import Callable
from weakref import WeakKeyDictionary

import h11
import structlog
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from adapters.console.access.throttle import network_of

HEAD_S = 10.0
"""Within how long the head of a request has to be whole, from its first byte or from the beginning on."""

BODY_S = 10.0
"""Within how long its body has to."""

TAKEN_S = 60.0
"""A client that takes nothing of what is sent for so long is gone."""

PER_CLIENT = 64
"""How many connections one client has at most; what counts as one is the throttle's matter."""

log: structlog.stdlib.BoundLogger = structlog.get_logger()

_clients: WeakKeyDictionary[ServerState, Counter[str]] = WeakKeyDictionary()


class PatientProtocol(H11Protocol):
    """Uvicorn's protocol, with an end to its patience."""

    _client = ""
    _waiting_for = ""
    _timer: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, unless its client has many."""
        super().connection_made(transport)
        client = network_of(self.client[0] if self.client else "")
        there = _clients.setdefault(self.server_state, Counter())
        if there[client] >= PER_CLIENT:
            transport.abort()
            return
        self._client = client
        there[client] += 1
        self._wait("head", HEAD_S, self._end)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._wait("", 0, self._end)
        self.resume_writing()
        if self._client:
            there = _clients[self.server_state]
            there[self._client] -= 1
            if not there[self._client]:
                del there[self._client]
            self._client = ""
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what comes, and wait for what is missing."""
        super().data_received(data)
        self._look(came=True)

    def on_response_complete(self) -> None:
        """Wait for the next request, where some of it is there already."""
        super().on_response_complete()
        self._look(came=False)

    def pause_writing(self) -> None:
        """What was sent is not taken: wait for that for a while."""
        super().pause_writing()
        if self._stalled is None:
            self._watch_taking(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """It is taken again."""
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def _look(self, *, came: bool) -> None:
        state = self.conn.their_state
        # Whatever came ends uvicorn's own patience with who says nothing.
        if state is h11.IDLE and (came or self.conn.trailing_data[0]):
            self._wait("head", HEAD_S, self._end)
        elif state is h11.SEND_BODY:
            self._wait("body", BODY_S, self._refuse)
        elif state is not h11.IDLE or self._waiting_for != "head":
            self._wait("", 0, self._end)

    def _wait(self, what: str, seconds: float, then: Callable[[], None]) -> None:
        # Not once more for what is waited for already: a byte now and then gains no time.
        if what == self._waiting_for:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._waiting_for = what
        self._timer = self.loop.call_later(seconds, then) if what else None

    def _end(self) -> None:
        if not self.transport.is_closing():
            self.transport.abort()

    def _refuse(self) -> None:
        cycle = self.cycle
        if self.transport.is_closing():
            return
        if cycle is None or cycle.response_started:
            self.transport.abort()
            return
        message = b"the body did not come in time"
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        headers.append((b"content-length", str(len(message)).encode()))
        for event in (
            h11.Response(status_code=408, headers=headers, reason=b"Request Timeout"),
            h11.Data(data=message),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
        # The app is told that nobody is there any more.
        cycle.disconnected = True
        cycle.message_event.set()

    def _watch_taking(self, left: int) -> None:
        self._stalled = self.loop.call_later(TAKEN_S, self._look_at_taking, left)

    def _look_at_taking(self, before: int) -> None:
        left = self.transport.get_write_buffer_size()
        if left and left >= before:
            log.info("a client took nothing of what was sent; its connection is ended")
            self.transport.abort()
        else:
            self._watch_taking(left)
