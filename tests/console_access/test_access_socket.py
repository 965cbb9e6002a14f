"""The guard behind a real server, asked byte by byte: what no well-behaved client sends."""

import socket
from collections.abc import Iterator

import pytest

from tests.console_access.house import House, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, int]]:
    """A house that asks for a token, on a port of its own."""
    house = House(tmp_path_factory.mktemp("house"), login=True)
    with serving(house) as port:
        yield house, port


def ask(port: int, lines: str, body: bytes = b"") -> tuple[int, str]:
    """What is answered to these bytes: the status, and all of it."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(lines.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return int(answer.split()[1]), answer.decode("latin-1")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("GET / HTTP/1.0", 421),
        ("GET / HTTP/1.1\nConnection: close", 400),
        ("GET / HTTP/1.1\nHost: localhost\nHost: localhost\nConnection: close", 400),
        ("GET / HTTP/1.1\nHost: evil.example\nConnection: close", 421),
        ("GET http://localhost/ HTTP/1.1\nHost: evil.example\nConnection: close", 421),
        ("GET / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\nConnection: close", 400),
        ("GET / HTTP/1.1\nHost: localhost\nContent-Length: 5\nConnection: close", 400),
        (
            "POST /login HTTP/1.1\nHost: localhost\nContent-Length: 5\nTransfer-Encoding: chunked",
            400,
        ),
        ("DELETE /api/v1/things HTTP/1.1\nHost: localhost\nConnection: close", 405),
        ("OPTIONS * HTTP/1.1\nHost: localhost\nConnection: close", 405),
        ("get /healthz HTTP/1.1\nHost: localhost\nConnection: close", 405),
        ("GET /static/../people HTTP/1.1\nHost: localhost\nConnection: close", 303),
        ("GET /static/%2e%2e/people HTTP/1.1\nHost: localhost\nConnection: close", 303),
        ("GET //evil.example/x HTTP/1.1\nHost: localhost\nConnection: close", 303),
        ("GET /api%2Fv1%2Fthings HTTP/1.1\nHost: localhost\nConnection: close", 401),
        ("GET /%ff%00%0d%0aSet-Cookie:%20x=1 HTTP/1.1\nHost: localhost\nConnection: close", 303),
        ("GET /healthz HTTP/1.1\nHost: localhost\nConnection: close", 200),
    ],
    ids=lambda value: value.replace("\n", " | ") if isinstance(value, str) else "",
)
def test_what_no_browser_sends_is_refused(served: tuple[House, int], lines: str, status: int) -> None:
    """Whatever the bytes, nothing behind the guard answers, no address leads elsewhere, nothing of ours is told."""
    answered, text = ask(served[1], lines)
    assert answered == status
    assert "Traceback" not in text
    head = text.split("\r\n\r\n")[0].lower()
    assert "\nserver:" not in head
    assert "\r\nset-cookie:" not in head
    assert "location: //" not in head


def test_an_upgrade_to_a_websocket_is_refused(served: tuple[House, int]) -> None:
    """It is answered as the question for a page that it also is, or closed; it is never taken."""
    upgrade = "Upgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    status, _ = ask(served[1], f"GET / HTTP/1.1\nHost: localhost\nConnection: Upgrade, close\n{upgrade}")
    assert status in {303, 403}


def test_a_head_has_no_body(served: tuple[House, int]) -> None:
    """Over a real connection, too."""
    status, text = ask(served[1], "HEAD /login HTTP/1.1\nHost: localhost\nConnection: close")
    assert (status, text.split("\r\n\r\n", 1)[1]) == (200, "")


def test_a_log_in_over_a_connection(served: tuple[House, int]) -> None:
    """A right token opens, and its cookie reads; one byte over the limit is not read."""
    house, port = served
    head = "POST /login HTTP/1.1\nHost: localhost\nConnection: close\nContent-Type: application/x-www-form-urlencoded"
    body = f"token={house.token}&next=/people".encode()
    status, text = ask(port, f"{head}\nContent-Length: {len(body)}", body)
    assert (status, "\r\nlocation: /people" in text) == (303, True)
    [cookie] = [line for line in text.split("\r\n") if line.startswith("set-cookie: ")]
    pair = cookie.removeprefix("set-cookie: ").split(";")[0]
    assert ask(port, f"GET / HTTP/1.1\nHost: localhost\nCookie: {pair}\nConnection: close")[0] == 200
    assert ask(port, f"{head}\nContent-Length: 4097", b"a" * 4097)[0] == 413
