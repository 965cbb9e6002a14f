"""A small house behind the guard: a few routes of every kind, as the console has them."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import structlog
import uvicorn
from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State

from adapters.console.access import Access, access_to
from adapters.console.access.guard import Guard
from adapters.console.access.login import log_in, log_out, login_page
from adapters.console.access.tokens import add
from tests.console_access.clock import Clock

BASE = "http://localhost:8020"
SECRET_VALUE = "ann.private@x.example"


@get("/", media_type=MediaType.HTML)
async def front(request: Request[Any, Any, Any]) -> str:
    """The front page: who is in, and by which method the app thinks it was asked."""
    return f"<p>in: {request.state.who}, by {request.method}</p>"


@get("/people", media_type=MediaType.HTML)
async def people() -> str:
    """A page with a query."""
    return "<p>people</p>"


@get("/api/v1/things")
async def things(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What programs ask for."""
    return {"who": request.state.who}


@get("/static/console.css")
async def style() -> Response[str]:
    """A file that may be kept, from an app that says who it is."""
    headers = {"Cache-Control": "max-age=60", "Server": "litestar", "X-Frame-Options": "ALLOWALL"}
    return Response("p {}", media_type="text/css", headers=headers)


@get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@get(["/broken", "/api/v1/broken"])
async def broken() -> None:
    """A defect, whose text quotes a value."""
    raise RuntimeError(SECRET_VALUE)


ROUTES = [front, people, things, style, healthz, broken, login_page, log_in, log_out]


class House:
    """The house, its tokens, and callers of it."""

    def __init__(self, folder: Path, **asked: Any) -> None:
        self.path = folder / "console.toml"
        self.clock = Clock()
        self.token = add(self.path, "ann")
        self.access: Access = access_to(self.path, **{"host": "127.0.0.1", "clock": self.clock, **asked})
        state = State({"access": self.access})
        self.app = Litestar(ROUTES, state=state, openapi_config=None, logging_config=None, debug=False)
        self.guard = Guard(self.app, self.access)

    def caller(self, address: str = "127.0.0.1", base: str = BASE, **settings: Any) -> httpx.AsyncClient:
        """A browser, or a program, at an address; it keeps cookies and follows no redirect."""
        transport = httpx.ASGITransport(app=self.guard, client=(address, 50000))
        return httpx.AsyncClient(transport=transport, base_url=base, **settings)

    async def entered(self, caller: httpx.AsyncClient, **form: str) -> httpx.Response:
        """Log in by the form."""
        return await caller.post("/login", data={"token": self.token, "next": "/", **form})


@contextmanager
def serving(house: House) -> Iterator[int]:
    """The house behind a real server; yields its port."""
    structlog.reset_defaults()
    settings: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False, "proxy_headers": False}
    server = uvicorn.Server(uvicorn.Config(house.guard, http="h11", **settings))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until = time.monotonic() + 10
        while not server.started:
            assert time.monotonic() < until, "the server does not start"
            time.sleep(0.01)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(10)
