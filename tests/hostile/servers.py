"""Twenties that are wrong, on loopback: real sockets, run beside the test in a thread of their own."""

import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import uvicorn

from adapters.sandbox.app import SandboxApp, create_app
from adapters.sandbox.settings import SandboxSettings

KEY = "kartra2twenty-secret-5d41402abc4b2a76b9719d911017c592"
TLS = Path(__file__).with_name("tls")

App = Callable[..., Awaitable[None]]
Act = Callable[[bytes], Awaitable[tuple[int, str, bytes] | None]]
"""What to do about a request's body: the status, content type and body to answer, or None to leave it to Twenty."""


class Bent:
    """An embedded Twenty that answers wrongly for as long as `act` says so; `spoil` bends the answers it gave."""

    def __init__(self, database: Path, **settings: Any) -> None:
        self.act: Act = _leave_it
        self.spoil: Callable[[bytes, bytes], bytes] = _keep
        self.settings = SandboxSettings(db=str(database), api_key=KEY, rate_limit=None, on_request=None, **settings)
        self._app: SandboxApp | None = None

    @property
    def twenty(self) -> SandboxApp:
        """The Twenty behind it."""
        if self._app is None:
            self._app = create_app(self.settings)
        return self._app

    def close(self) -> None:
        """Close its database."""
        if self._app is not None:
            self._app.sandbox.close()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request."""
        body = await _body(receive)
        instead = await self.act(body)
        if instead is not None:
            await answer(send, *instead)
            return
        await self.twenty(scope, _replayed(body), self._spoiling(body, send))

    def _spoiling(self, body: bytes, send: Any) -> Any:
        async def spoiled(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message["headers"] if pair[0] != b"content-length"]
            else:
                message["body"] = self.spoil(body, message["body"])
            await send(message)

        return spoiled


async def answer(send: Any, status: int, media: str, body: bytes, *more: tuple[bytes, bytes]) -> None:
    """Send a whole answer."""
    headers = [(b"content-type", media.encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def always(status: int, media: str, body: str | bytes, *more: tuple[bytes, bytes]) -> App:
    """A server that answers everything like this."""

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await _body(receive)
        await answer(send, status, media, body.encode() if isinstance(body, str) else body, *more)

    return app


async def silent(_scope: Any, receive: Any, _send: Any) -> None:
    """A server that takes every request and never answers."""
    await _body(receive)
    await anyio.sleep(60)


def refusing(message: str, **extensions: Any) -> App:
    """A server that refuses every call in GraphQL's words."""
    body = {"data": None, "errors": [{"message": message, "extensions": extensions}]}
    return always(200, "application/json", json.dumps(body))


@contextmanager
def serving(app: App, *, tls: bool = False) -> Iterator[str]:
    """Serve an application on a free port of 127.0.0.1; yields its address."""
    secure = {"ssl_certfile": str(TLS / "certificate.pem"), "ssl_keyfile": str(TLS / "key.pem")} if tls else {}
    config = uvicorn.Config(
        app, port=0, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=0, **secure
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


async def _leave_it(_body: bytes) -> None:
    return None


def _keep(_body: bytes, answered: bytes) -> bytes:
    return answered


async def _body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def _replayed(body: bytes) -> Callable[[], Awaitable[dict[str, Any]]]:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
