"""The one way into the console: an ASGI middleware around the whole app, which no route can forget."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, cast

import structlog
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from adapters.console.access import Access, TooManyAttempts
from adapters.console.access.checks import checked, headers_of, prefers_json
from adapters.console.access.pages import RefusalPage, refusal_page
from adapters.console.access.paths import is_api, is_open, login_for
from adapters.console.access.refusals import Header, Refusal, defect, not_heard, not_logged_in
from adapters.console.access.tokens import Token
from adapters.console.defects import tell_defect
from adapters.console.errors import TokensUnreadable

log: structlog.stdlib.BoundLogger = structlog.get_logger()

HEADERS: tuple[Header, ...] = (
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        b" form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    # Not no-referrer: under it browsers send our own forms with `Origin: null`, which is how a foreign one may come.
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
"""What every answer carries, whatever the app says."""

_NO_STORE: Header = (b"cache-control", b"no-store")
_OURS = frozenset({name for name, _ in HEADERS} | {b"server"})


class Guard:
    """Lets through to `app` only what may come in, and dresses every answer.

    Who is in stands in `request.state.who`: the name of the token, or None where none is asked for. A HEAD comes to
    the app as a GET, with `request.state.head`, and its answer goes without a body.
    """

    def __init__(self, app: ASGIApp, access: Access, refusal_page: RefusalPage = refusal_page) -> None:
        """Guard `app`; `refusal_page` makes the page of a refusal (status, title, message)."""
        self._app = app
        self._access = access
        self._page = refusal_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let the app answer it."""
        kind: str = scope["type"]
        if kind == "http":
            asked = cast("HTTPScope", scope)
            await self._http(asked, receive, _Dressed(send, bodiless=asked["method"] == "HEAD"))
        elif kind == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": None})
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: HTTPScope, receive: Receive, send: "_Dressed") -> None:
        try:
            refusal = checked(scope, self._access.hosts) or self._asked_for_token(scope, send)
            if refusal is None:
                await self._app(_as_get(scope), receive, send)
                return
        except Exception as error:  # noqa: BLE001  # in the face of a browser: told in our log, and there alone
            if send.ended:
                log.warning("an answer was ended, since who reads it may not come in any more")
                return
            tell_defect("a defect in the console", error)
            refusal = defect()
        if not send.started:
            await _answer(refusal, send, None if prefers_json(scope) else self._page)

    def _asked_for_token(self, scope: HTTPScope, send: "_Dressed") -> Refusal | None:
        cast("dict[str, Any]", scope).setdefault("state", {})["who"] = None
        if not self._access.required or is_open(scope["path"]):
            return None
        try:
            who, send.may_read = _who(scope, self._access)
        except (TooManyAttempts, TokensUnreadable) as why:
            return not_heard(why)
        scope["state"]["who"] = who
        return None if who else not_logged_in(None if is_api(scope["path"]) else login_for(scope))


def cookies_named(scope: HTTPScope, name: str) -> Iterable[str]:
    """The values of every cookie of a name."""
    for header in headers_of(scope, b"cookie"):
        for pair in header.split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                yield value


def client_of(scope: HTTPScope) -> str:
    """The address a request comes from."""
    client = scope["client"]
    return client[0] if client else ""


def port_of(scope: HTTPScope | Scope) -> int | None:
    """The port that a request came to."""
    server = scope["server"]
    return server[1] if server else None


def _anybody() -> bool:
    return True


def _stands(access: Access, token: Token) -> bool:
    return token in access.tokens.tokens()


def _who(scope: HTTPScope, access: Access) -> tuple[str | None, Callable[[], bool]]:
    """Who comes, and whether that one may still read, at any time later."""
    for session_id in cookies_named(scope, access.cookie(port_of(scope))):
        who = access.sessions.who(session_id)
        if who is not None:
            return who, partial(access.sessions.stands, session_id)
    for said in headers_of(scope, b"authorization"):
        scheme, _, token = said.partition(" ")
        if scheme.lower() == "bearer":
            found = access.admitted(client_of(scope), token.strip())
            return (found.name, partial(_stands, access, found)) if found else (None, _anybody)
    return None, _anybody


def _as_get(scope: HTTPScope) -> HTTPScope:
    if scope["method"] != "HEAD":
        return scope
    return cast("HTTPScope", {**scope, "method": "GET", "state": {**scope.get("state", {}), "head": True}})


async def _answer(refusal: Refusal, send: "_Dressed", page: RefusalPage | None) -> None:
    body = refusal.body(page)
    kind = b"application/json" if page is None else b"text/html; charset=utf-8"
    headers = [*refusal.headers, (b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


class _EndedError(Exception):
    """Who reads may not come in any more."""


class _Dressed:
    """A `send` that puts our headers on, and leaves the body out where none is wanted.

    What is sent in parts ends, in the middle, once its reader may not read any more (`may_read`).
    """

    def __init__(self, send: Send, *, bodiless: bool) -> None:
        self._send = send
        self._bodiless = bodiless
        self.started = False
        self.ended = False
        self._parts = 0
        self.may_read: Callable[[], bool] = _anybody

    async def __call__(self, message: Message | dict[str, Any]) -> None:
        said = cast("dict[str, Any]", message)
        if said["type"] == "http.response.start":
            self.started = True
            said = {**said, "headers": _with_ours(said.get("headers", ()))}
        elif said["type"] == "http.response.body":
            self._check()
            self._parts += 1
            said = {**said, "body": b""} if self._bodiless else said
        await self._send(cast("Message", said))

    def _check(self) -> None:
        if not self._parts:
            return  # whether it may come in was asked just now, and a log-out ends its own session
        try:
            self.ended = self.ended or not self.may_read()
        except TokensUnreadable:
            self.ended = True
        if self.ended:
            raise _EndedError


def _with_ours(headers: Iterable[Header]) -> list[Header]:
    kept = [(name, value) for name, value in headers if name.lower() not in _OURS]
    cached = any(name.lower() == b"cache-control" for name, _ in kept)
    return [*kept, *HEADERS, *(() if cached else (_NO_STORE,))]
