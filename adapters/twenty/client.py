"""The way to Twenty: the one module that speaks HTTP.

A read may be sent again after any transient failure. A write is sent once, and again only where nothing can have
happened: the connection never opened, or the rate limit refused it. Every other lost answer to a write is
`OutcomeUnknown`: time-outs, resets, 5xx, web pages, cut JSON. Every call has a time-out, since Twenty never answers
some bodies (GRAPHQL section 4), and answers are read up to a bound.
"""

import ssl
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from http import HTTPStatus
from typing import Any, NoReturn

import anyio
import httpx
import msgspec
import stamina

from adapters.twenty.address import base_of, without_secrets
from adapters.twenty.claims import Claims, claims_of
from adapters.twenty.classification import classify, is_sound
from adapters.twenty.errors import (
    BadAddress,
    InvalidValue,
    LimitReached,
    NoToken,
    NotTwenty,
    OutcomeUnknown,
    Redirected,
    ServerTrouble,
    TlsFailed,
    TransientError,
    TwentyError,
    Unauthenticated,
    Unreachable,
)
from adapters.twenty.pacer import Pacer

GRAPHQL = "/graphql"
METADATA = "/metadata"

DEFAULT_TIMEOUT_S = 60.0
DEFAULT_PATIENCE_S = 60.0
MAX_ANSWER_BYTES = 64_000_000

# Below Twenty's 65 s, so that we never write into a connection it is just closing.
_KEEPALIVE_S = 30.0
_CONNECT_S = 10.0
_SENT = "http11.send_request_body.complete"
"""What httpx says when the last byte of a request is on its way."""

Data = dict[str, Any]
Variables = Mapping[str, Any]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call as it went: `kind` (create, read, …), endpoint, document (it holds no values), seconds, error code."""

    kind: str
    endpoint: str
    document: str
    seconds: float
    error: str | None


class TwentyClient:
    """An open connection to one workspace. Made by `open`; the key lives in the HTTP client's headers only.

    `claims` is what the key says of itself, `calls` counts calls by kind.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        pacer: Pacer,
        *,
        timeout_s: float,
        patience_s: float,
        on_call: Callable[[Call], None] | None,
        claims: Claims,
    ) -> None:
        self._http = http
        self._addresses = {name: httpx.URL(f"{str(http.base_url).rstrip('/')}{name}") for name in (GRAPHQL, METADATA)}
        self._pacer = pacer
        self._timeout_s = timeout_s
        self._patience_s = patience_s
        self._on_call = on_call
        self._on_waiting: Callable[[], None] = _nothing
        self.claims = claims
        self.calls: Counter[str] = Counter()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        base_url: str,
        api_key: str,
        *,
        app: Callable[..., Awaitable[None]] | None = None,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        patience_s: float = DEFAULT_PATIENCE_S,
        pacer: Pacer | None = None,
        on_call: Callable[[Call], None] | None = None,
    ) -> "AsyncIterator[TwentyClient]":
        """Open a client for `base_url` with `api_key`; `app`, an ASGI application, is called in process instead.

        `timeout_s` bounds each call as a whole, `patience_s` the repeating of reads, the pacer's own patience the
        waiting for the rate limit. Raises BadAddress, NoToken or Unauthenticated for arguments that cannot work.
        """
        limits = httpx.Limits(max_connections=4, max_keepalive_connections=2, keepalive_expiry=_KEEPALIVE_S)
        address = base_of(base_url)
        http = httpx.AsyncClient(
            base_url=address,
            headers={"Authorization": f"Bearer {_usable_key(api_key)}", "Content-Type": "application/json"},
            transport=httpx.ASGITransport(app) if app else None,
            verify=_trusted(address),
            timeout=httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
            limits=limits,
            follow_redirects=False,
            http2=False,
        )
        async with http:
            yield cls(
                http,
                pacer or Pacer(),
                timeout_s=timeout_s,
                patience_s=patience_s,
                on_call=on_call,
                claims=claims_of(api_key),
            )

    @property
    def timeout_s(self) -> float:
        """Seconds after which a call without an answer is given up."""
        return self._timeout_s

    @contextmanager
    def told_when_waiting(self, tell: Callable[[], None]) -> Iterator[None]:
        """Have `tell` called whenever nothing is left of a call but to wait: for its turn, or, sent, for its answer."""
        before, self._on_waiting = self._on_waiting, tell
        try:
            yield
        finally:
            self._on_waiting = before

    async def _trace(self, event: str, _details: object) -> None:
        if event == _SENT:
            self._on_waiting()

    async def read(self, document: str, variables: Variables | None = None, *, kind: str = "read") -> Data:
        """Read records: paced, and repeated after transient failures. Returns the answer's `data`."""
        return await self._repeat(TransientError, partial(self._paced, kind, document, variables or {}))

    async def write(self, document: str, variables: Variables, *, kind: str) -> Data:
        """Write records: paced and sent once. Raises OutcomeUnknown where it may have happened."""
        return await self._repeat(Unreachable, partial(self._written, self._paced, kind, document, variables))

    async def metadata_read(self, document: str, variables: Variables | None = None) -> Data:
        """Read from `/metadata`, which is not rate limited; repeated after transient failures."""
        return await self._repeat(TransientError, partial(self._metadata, "metadata", document, variables or {}))

    async def metadata_write(self, document: str, variables: Variables) -> Data:
        """Change the data model: sent once. Raises OutcomeUnknown where it may have happened."""
        call = partial(self._written, self._metadata, "metadata_write", document, variables)
        return await self._repeat(Unreachable, call)

    async def _repeat(self, on: type[TransientError], call: Callable[[], Awaitable[Data]]) -> Data:
        def worth_repeating(error: Exception) -> bool:
            # The pacer has been patient with the limit already.
            return isinstance(error, on) and not isinstance(error, LimitReached)

        retries = stamina.retry_context(
            on=worth_repeating, attempts=None, timeout=self._patience_s, wait_initial=0.2, wait_max=8.0, wait_jitter=0.5
        )
        async for attempt in retries:
            with attempt:
                return await call()
        raise AssertionError("stamina ends by returning or raising")

    async def _written(self, send: Callable[..., Awaitable[Data]], kind: str, document: str, values: Variables) -> Data:
        try:
            return await send(kind, document, values)
        except (NotTwenty, ServerTrouble) as lost:
            raise OutcomeUnknown(_why(lost), said=lost.said) from lost

    async def _paced(self, kind: str, document: str, variables: Variables) -> Data:
        return await self._pacer.run(partial(self._counted, kind, GRAPHQL, document, variables), self._on_waiting)

    async def _metadata(self, kind: str, document: str, variables: Variables) -> Data:
        return await self._counted(kind, METADATA, document, variables)

    async def _counted(self, kind: str, endpoint: str, document: str, variables: Variables) -> Data:
        started = anyio.current_time()
        error: str | None = "interrupted"
        try:
            data = await self._exchange(endpoint, document, variables, is_write=document.startswith("mutation"))
            error = None
        except TwentyError as refused:
            error = refused.code
            raise
        else:
            return data
        finally:
            self._note(kind, endpoint, document, anyio.current_time() - started, error)

    def _note(self, kind: str, endpoint: str, document: str, seconds: float, error: str | None) -> None:
        self.calls["refused" if error == LimitReached.code else kind] += 1
        if self._on_call:
            self._on_call(Call(kind=kind, endpoint=endpoint, document=document, seconds=seconds, error=error))

    async def _exchange(self, endpoint: str, document: str, variables: Variables, *, is_write: bool) -> Data:
        body = _encode(document, variables)
        try:
            with anyio.fail_after(self._timeout_s):
                status, answer = await self._post(endpoint, body)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as failure:
            _raise_lost(failure, str(self._http.base_url).rstrip("/"), is_write=is_write)
        decoded = _decode(status, answer)
        if not is_sound(status, decoded):
            raise classify(status, decoded)
        data: Data = decoded["data"]
        return data

    async def _post(self, endpoint: str, body: bytes) -> tuple[int, bytes]:
        address, extensions = self._addresses[endpoint], {"trace": self._trace}
        async with self._http.stream("POST", address, content=body, extensions=extensions) as response:
            if response.is_redirect:
                raise Redirected(response.status_code, without_secrets(response.headers.get("location", "")))
            received = bytearray()
            async for piece in response.aiter_bytes():
                received += piece
                if len(received) > MAX_ANSWER_BYTES:
                    raise NotTwenty(response.status_code, f"over {MAX_ANSWER_BYTES} bytes")
            return response.status_code, bytes(received)


def _nothing() -> None:
    """Nobody wants to know."""


def _trusted(address: str) -> ssl.SSLContext | bool:
    """Whose certificates are believed: over plain HTTP nobody's, for none is shown, and to read them takes its time."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if address.startswith("http://") else True


def _usable_key(api_key: str) -> str:
    key = api_key.strip()
    if not key:
        raise NoToken
    if not (key.isascii() and key.isprintable() and " " not in key):
        raise Unauthenticated
    return key


def _encode(document: str, variables: Variables) -> bytes:
    try:
        return msgspec.json.encode({"query": document, "variables": variables})
    except UnicodeEncodeError as half:
        # A lone surrogate is no text; Twenty would store U+FFFD in its place (FACTS section 5). The chain is cut
        # because the original quotes the value.
        raise InvalidValue(None, None, f"not Unicode text: {half.reason}") from None


def _decode(status: int, answer: bytes) -> Any:
    try:
        return msgspec.json.decode(answer)
    except (msgspec.DecodeError, RecursionError) as unreadable:
        text = answer[:2_000].decode("utf-8", "replace")
        if status == HTTPStatus.OK:
            raise NotTwenty(status, "not JSON", said=text) from unreadable
        return text


def _raise_lost(failure: Exception, where: str, *, is_write: bool) -> NoReturn:
    """Tell apart what certainly never left from what may have arrived; messages of drivers stay in the cause."""
    if isinstance(failure, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
        raise BadAddress("Twenty's address cannot be used; give it as https://host[:port][/path]") from failure
    if tls := _tls_cause(failure):
        raise TlsFailed(tls.reason or type(tls).__name__) from failure
    why = type(failure).__name__
    if isinstance(failure, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)):
        raise Unreachable(
            f"Twenty at {where} cannot be reached ({why}); check the address and the network, then run it again"
            " (`resume` goes on with what was begun)"
        ) from failure
    if is_write:
        raise OutcomeUnknown(why) from failure
    raise Unreachable(
        f"Twenty's answer was lost ({why}) on the way from {where}; try again later"
        " (`resume` goes on with what was begun)"
    ) from failure


def _tls_cause(failure: BaseException) -> ssl.SSLError | None:
    """Find the TLS error a connection failed of; one in an established connection is an ordinary loss."""
    cause: BaseException | None = failure if isinstance(failure, httpx.ConnectError) else None
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return cause


def _why(lost: NotTwenty | ServerTrouble) -> str:
    return f"HTTP {lost.status}"
