"""Serving the console until somebody ends it."""

import asyncio
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from adapters.console.access import Access
from adapters.console.access.guard import Guard
from adapters.console.app import create_app
from adapters.console.defects import tell_defect
from adapters.console.errors import AddressRefused
from adapters.console.pages.rendering import refusal_page
from adapters.console.patience import PatientProtocol
from adapters.console.settings import ConsoleSettings
from adapters.console.shelf import Shelf

STOPPING = (signal.SIGTERM, signal.SIGINT)
_LAST_S = 2
_BACKLOG = 2048
_FILES = 4096
_AT_ONCE = 1024
_TOLD_EVERY_S = 60


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
        AddressRefused: the address cannot be listened on.
        LedgerError: a ledger cannot be read.
    """
    # First of all: nothing is begun where nobody could come.
    with _listener(host, port) as listener, _many_files(), _quiet_loop():
        async with Shelf(settings).at_work() as shelf:
            app = Guard(create_app(shelf, access), access, refusal_page)
            config = _config(app, tls)
            await _Server(config, shelf, lambda: on_ready(listener.getsockname()[1])).serve(sockets=[listener])


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is said, since asyncio sends small parts at once (TCP_NODELAY) where it knows that it is TCP alone.
    try:
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise AddressRefused(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Two may bind an address that nobody listens on yet, and only one may listen.
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise AddressRefused(host, port, error) from error
    return listener


@contextmanager
def _many_files() -> Iterator[None]:
    """As many open files as this user may have, up to some thousand: each who comes is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield


@contextmanager
def _quiet_loop() -> Iterator[None]:
    """What goes wrong outside of any request is told by its kind, and of each kind once a minute at most."""
    loop, told = asyncio.get_running_loop(), dict[str, float]()
    before = loop.get_exception_handler()

    def tell(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        kind = type(error).__name__
        if time.monotonic() - told.get(kind, -_TOLD_EVERY_S) >= _TOLD_EVERY_S:
            told[kind] = time.monotonic()
            # The loop's own words may hold what somebody sent.
            tell_defect("the server's loop met an error", error or RuntimeError())

    loop.set_exception_handler(tell)
    try:
        yield
    finally:
        loop.set_exception_handler(before)


def _config(app: Guard, tls: tuple[Path, Path] | None) -> uvicorn.Config:
    # No address of a request is logged, since what is looked for stands in it; and no other client's word is taken for
    # where one comes from.
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        limit_concurrency=_AT_ONCE,
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
