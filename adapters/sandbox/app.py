"""The HTTP edge of the embedded Twenty: an ASGI application.

    app = create_app(SandboxSettings(db="var/sandbox.db", api_key=...))
    httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://sandbox")    # in process
    uvicorn, through `serve`                                                                # over a socket

It needs no lifespan. `app.sandbox` is the engine, for tests and tools. A dropped connection closes the socket without
an answer where `serve` runs it; in process it reaches the client as a ConnectionResetError.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import anyio
import msgspec
from anyio import to_thread
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.types import Message, Receive, Scope, Send

from adapters.sandbox.bodies import BodyRefusal, NoQuery, call_of
from adapters.sandbox.engine import Sandbox
from adapters.sandbox.faults import BAD_GATEWAY
from adapters.sandbox.protocol import Answer, Call
from adapters.sandbox.settings import SandboxSettings, Stage

SANDBOX = "sandbox.engine"
DROPPED = "sandbox.dropped"
ABORT = "sandbox.abort"
"""Scope key under which a server puts the function that closes the connection at once."""

Endpoint = Callable[[Call, str | None], Answer]
Plain = Request[Any, Any, Any]


class SandboxApp:
    """The ASGI application, with the engine it serves."""

    def __init__(self, sandbox: Sandbox) -> None:
        """Serve `sandbox`."""
        self.sandbox = sandbox

    def close(self) -> None:
        """Close the database."""
        self.sandbox.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or drop its connection."""

        async def send_unless_dropped(message: Message) -> None:
            if not scope.get(DROPPED):
                await send(message)

        scope[SANDBOX] = self.sandbox  # type: ignore[literal-required]
        await _routes()(scope, receive, send_unless_dropped)
        if scope.get(DROPPED):
            await _drop(scope)


def create_app(settings: SandboxSettings) -> SandboxApp:
    """An embedded Twenty as an ASGI application; opens or creates its database at once."""
    return SandboxApp(Sandbox(settings))


@cache
def _routes() -> Litestar:
    """What serves every sandbox, each request bringing its own: to lay routes takes longer than to open a database."""
    handlers = [_records, _metadata, _healthz]
    return Litestar(handlers, openapi_config=None, logging_config=None, request_max_body_size=None)


@post("/graphql", status_code=200)
async def _records(request: Plain) -> Response[bytes]:
    sandbox = _sandbox_of(request)
    return await _Exchange(request, sandbox).run(sandbox.records)


@post("/metadata", status_code=200)
async def _metadata(request: Plain) -> Response[bytes]:
    sandbox = _sandbox_of(request)
    return await _Exchange(request, sandbox).run(sandbox.metadata)


@get("/healthz")
async def _healthz() -> dict[str, Any]:
    return {"status": "ok", "info": {}, "error": {}, "details": {}}


def _sandbox_of(request: Plain) -> Sandbox:
    sandbox: Sandbox = request.scope[SANDBOX]  # type: ignore[literal-required]
    return sandbox


class _Exchange:
    """One POST on its way: hooks, faults, body, answer."""

    _INSTEAD: ClassVar[dict[str, tuple[int, str, str]]] = {
        "http-500": (500, '"Internal Server Error"', MediaType.JSON),
        "http-502": (502, BAD_GATEWAY, MediaType.HTML),
    }

    def __init__(self, request: Plain, sandbox: Sandbox) -> None:
        self._request, self._sandbox = request, sandbox

    async def run(self, endpoint: Endpoint) -> Response[bytes]:
        body = await self._body()
        await anyio.sleep(self._sandbox.faults.delay_s)
        await self._hook("before", body)
        fault = self._sandbox.faults.draw()
        if fault in self._INSTEAD:
            status, text, media = self._INSTEAD[fault]
            return Response(text.encode(), status_code=status, media_type=media)
        if fault == "drop-before":
            return self._dropped()
        # Only calls on records are limited (GRAPHQL section 10).
        limited = fault == "limit" and endpoint == self._sandbox.records
        response = await self._answered(body, self._over_limit if limited else endpoint)
        await self._hook("committed", body)
        return self._dropped() if fault == "drop-after" else response

    async def _body(self) -> bytes:
        """The whole body, or just more of it than is taken; the rest is read and let go."""
        limit, chunks, size = self._sandbox.settings.body_limit_bytes, [], 0
        async for chunk in self._request.stream():
            if size <= limit:
                chunks.append(chunk)
            size += len(chunk)
        return b"".join(chunks)

    async def _answered(self, body: bytes, endpoint: Endpoint) -> Response[bytes]:
        headers, settings = self._request.headers, self._sandbox.settings
        media, encoding = headers.get("content-type", ""), headers.get("content-encoding", "")
        try:
            call = call_of(body, media, encoding, settings.body_limit_bytes)
        except BodyRefusal as refusal:
            return _response(refusal.answer)
        except NoQuery:
            await anyio.sleep(settings.hang_s)
            return self._dropped()
        # off the event loop: a call may take long, and the engine's lock must not stop it
        return _response(await to_thread.run_sync(endpoint, call, headers.get("authorization")))

    def _over_limit(self, call: Call, _authorization: str | None) -> Answer:
        return self._sandbox.over_limit(call)

    def _dropped(self) -> Response[bytes]:
        self._request.scope[DROPPED] = True  # type: ignore[literal-required]
        return Response(b"")

    async def _hook(self, stage: Stage, body: bytes) -> None:
        hook = self._sandbox.settings.on_request
        outcome = hook(stage, body) if hook else None
        if inspect.isawaitable(outcome):
            await outcome


def _response(answer: Answer) -> Response[bytes]:
    content = b"" if answer.body == "" else msgspec.json.encode(answer.body)
    return Response(content, status_code=answer.status, media_type=MediaType.JSON)


async def _drop(scope: Scope) -> None:
    abort = scope.get(ABORT)
    if abort is None:
        raise ConnectionResetError("Server disconnected without sending a response.")
    abort()  # type: ignore[operator]
    await anyio.sleep(0.01)
