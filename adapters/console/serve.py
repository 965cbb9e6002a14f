"""Serving the console until somebody ends it."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from adapters.console.access import Access
from adapters.console.access.guard import Guard
from adapters.console.app import create_app
from adapters.console.pages.rendering import refusal_page
from adapters.console.settings import ConsoleSettings
from adapters.console.shelf import Shelf

STOPPING = (signal.SIGTERM, signal.SIGINT)
_LAST_S = 2


async def serve(
    settings: ConsoleSettings,
    access: Access,
    *,
    host: str,
    port: int,
    tls: tuple[Path, Path] | None = None,
    on_ready: Callable[[int], None],
) -> None:
    """Serve until SIGTERM or SIGINT. `port` 0 takes a free one; `on_ready` is told the port once readers may come.

    Raises:
        OSError: the address cannot be bound.
        LedgerError: a ledger cannot be read.
    """
    # The address first: a task group would hand its error on as one of several.
    with _listener(host, port) as listener:
        async with Shelf(settings).at_work() as shelf:
            config = _config(Guard(create_app(shelf, access), access, refusal_page), tls)
            await _Server(config, shelf, lambda: on_ready(listener.getsockname()[1])).serve(sockets=[listener])


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


def _config(app: Guard, tls: tuple[Path, Path] | None) -> uvicorn.Config:
    # No address of a request is logged, since what is looked for stands in it; and no other client's word is taken for
    # where one comes from.
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_LAST_S,
        ssl_certfile=tls[0] if tls else None,
        ssl_keyfile=tls[1] if tls else None,
    )


class _Server(uvicorn.Server):
    """Uvicorn's server, telling when it is ready, and whoever waits for news that it ends."""

    def __init__(self, config: uvicorn.Config, shelf: Shelf, on_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._shelf = shelf
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._shelf.close()
        await super().shutdown(sockets)

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
