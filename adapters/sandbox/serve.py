"""The embedded Twenty on a socket.

A batch is one transaction and the database a write-ahead log, so the process may be killed at any moment: what was
answered is there, what was not is there whole or not at all.
"""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from adapters.sandbox.app import ABORT, SandboxApp, create_app
from adapters.sandbox.settings import SandboxSettings

STOPPING = (signal.SIGTERM, signal.SIGINT)
KEEP_ALIVE_S = 65
"""What Twenty keeps an idle connection for (GRAPHQL, opening)."""


async def serve(
    settings: SandboxSettings, host: str = "127.0.0.1", port: int = 0, on_ready: Callable[[int], None] | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered first.

    `port` 0 takes a free one; `on_ready` is told the port once connections are taken. Raises OSError where the address
    cannot be bound.
    """
    app = create_app(settings)
    try:
        with _listener(host, port) as listener:
            server = _Server(_config(app), lambda: on_ready and on_ready(listener.getsockname()[1]))
            await server.serve(sockets=[listener])
    finally:
        app.sandbox.close()


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is said, since asyncio sends small parts at once (TCP_NODELAY) where it knows that it is TCP alone.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def _config(app: SandboxApp) -> uvicorn.Config:
    return uvicorn.Config(
        _with_abort(app),
        http=_Abortable,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=5,
    )


class _Server(uvicorn.Server):
    """Uvicorn's server, telling when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end the serving and no more: uvicorn's own raises them again, and skips our closing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in STOPPING:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in STOPPING:
                loop.remove_signal_handler(number)


class _Abortable(H11Protocol):
    """Uvicorn's HTTP protocol, remembering each connection's transport: ASGI itself cannot close one unanswered."""

    open_: dict[tuple[str, int] | None, asyncio.Transport] = {}  # noqa: RUF012

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.open_[self.client] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.open_.pop(self.client, None)
        super().connection_lost(exc)


def _with_abort(app: SandboxApp) -> Callable[..., Any]:
    """The app with a way to abort the request's connection in its scope."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        client = scope.get("client")
        transport = _Abortable.open_.get(tuple(client) if client else None)
        await app(scope | ({ABORT: transport.abort} if transport else {}), receive, send)

    return application
