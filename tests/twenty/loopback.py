"""A loopback server that misbehaves on request, for the tests of the way to Twenty."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from adapters.twenty import Pacer, TwentyClient

TLS_HELLO = b"\x16"

KEY = "secret-key-5d41402abc4b2a76b9719d911017c592"


class Loopback:
    """A real HTTP server on 127.0.0.1 that answers each request with the next of `script`, then with `otherwise`."""

    def __init__(self) -> None:
        self.script: list[Callable[[asyncio.StreamWriter], Any]] = []
        self.otherwise = answer({"data": {"people": {"totalCount": 0}}})
        self.requests: list[dict[str, Any]] = []
        self.headers: list[str] = []
        self.port = 0
        self.tasks: set[asyncio.Task[Any]] = set()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen on `port`, or on a free one."""
        self._server = await asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop all connections."""
        self._server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read requests of one connection and act the script out."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        try:
            while first := await reader.read(1):
                if first == TLS_HELLO:
                    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    return
                text = (first + await reader.readuntil(b"\r\n\r\n")).decode()
                length = int(text.lower().split("content-length: ")[1].split("\r\n")[0])
                self.headers.append(text)
                self.requests.append(json.loads(await reader.readexactly(length)))
                act = self.script.pop(0) if self.script else self.otherwise
                await act(writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            writer.close()


def raw(head: str, body: bytes, length: int | None = None) -> Callable[[asyncio.StreamWriter], Any]:
    """Answer with these bytes, saying a length that may be a lie."""

    async def act(writer: asyncio.StreamWriter) -> None:
        said = len(body) if length is None else length
        writer.write(f"{head}\r\nContent-Length: {said}\r\n\r\n".encode() + body)

    return act


def answer(body: Any, status: int = 200) -> Callable[[asyncio.StreamWriter], Any]:
    """Answer JSON."""
    return raw(f"HTTP/1.1 {status} X\r\nContent-Type: application/json", json.dumps(body).encode())


def page(status: int) -> Callable[[asyncio.StreamWriter], Any]:
    """Answer a web page."""
    return raw(f"HTTP/1.1 {status} X\r\nContent-Type: text/html", b"<html>jane@example.com</html>")


def refused(message: str, **extensions: Any) -> Callable[[asyncio.StreamWriter], Any]:
    """Answer a GraphQL error."""
    return answer({"data": {"x": None}, "errors": [{"message": message, "extensions": extensions}]})


LIMIT = refused("Limit reached (100 tokens per 1000 ms)", subCode="LIMIT_REACHED", code="BAD_USER_INPUT")


async def reset(writer: asyncio.StreamWriter) -> None:
    """Reset the connection without an answer."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def truncate(writer: asyncio.StreamWriter) -> None:
    """Send half an answer and close."""
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"data":{"createPeo')
    await writer.drain()
    writer.close()


async def hang(writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.sleep(30)


async def drip(writer: asyncio.StreamWriter) -> None:
    """Answer for ever, one blank at a time."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@asynccontextmanager
async def connect(loopback: Loopback, **options: Any) -> AsyncIterator[TwentyClient]:
    """A client of a Loopback that loses patience soon."""
    options = {"timeout_s": 0.3, "patience_s": 2.0, "pacer": Pacer(patience_s=1.0)} | options
    async with TwentyClient.open(loopback.url, KEY, **options) as client:
        yield client
