"""Clients that are slow, many, or take nothing: asked byte by byte over real sockets."""

import json
import resource
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from adapters.console import patience
from tests.console_api.world import Shown, showing
from tests.journey.world import CLI

POST = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture
def impatient(history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shown]:
    """A console that waits for half a second."""
    for name in ("HEAD_S", "BODY_S", "TAKEN_S"):
        monkeypatch.setattr(patience, name, 0.5)
    with showing(history / "ledger.db", tokens=tmp_path / "console.toml") as shown:
        yield shown


def connected(shown: Shown) -> socket.socket:
    """A connection of one's own."""
    return socket.create_connection(("127.0.0.1", shown.port), timeout=5)


def rest(connection: socket.socket) -> bytes:
    """What is answered until the connection ends."""
    answer = b""
    try:
        while chunk := connection.recv(65536):
            answer += chunk
    except ConnectionResetError:
        pass
    return answer


def is_alive(shown: Shown) -> bool:
    """Whether others are answered."""
    return httpx.get(f"{shown.url}/api/v1/ledgers", timeout=5).status_code == 200


@pytest.mark.parametrize(
    "sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\n"], ids=["nothing", "half a line", "no end"]
)
def test_a_head_that_is_never_whole_ends_the_connection(impatient: Shown, sent: bytes) -> None:
    """In time, without an answer."""
    with connected(impatient) as connection:
        began = time.monotonic()
        connection.sendall(sent)
        assert rest(connection) == b""
        assert 0.3 < time.monotonic() - began < 3
    assert is_alive(impatient)


def test_a_byte_now_and_then_gains_no_time(impatient: Shown) -> None:
    """The head has its time as a whole; on a connection that was used before, too."""
    with connected(impatient) as connection:
        connection.sendall(b"GET /api/v1/ledgers HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        with pytest.raises(OSError):  # broken or reset, as the system tells it
            while time.monotonic() - began < 4:
                connection.sendall(b"G")
                time.sleep(0.1)
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 9\r\n\r\ntoken", b"Transfer-Encoding: chunked\r\n\r\n5\r\ntoken"]
)
def test_a_body_that_does_not_come_is_answered_408(impatient: Shown, framing: bytes) -> None:
    """And the connection ends."""
    with connected(impatient) as connection:
        connection.sendall(POST + framing)
        assert rest(connection).startswith(b"HTTP/1.1 408 ")
    assert is_alive(impatient)


def test_one_client_has_only_so_many_connections(impatient: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is closed at once; with one less, one more may come."""
    monkeypatch.setattr(patience, "HEAD_S", 20.0)
    monkeypatch.setattr(patience, "PER_CLIENT", 5)
    with ExitStack() as many:
        there = [many.enter_context(connected(impatient)) for _ in range(5)]
        time.sleep(0.2)
        with connected(impatient) as one_more:
            began = time.monotonic()
            assert rest(one_more) == b""
            assert time.monotonic() - began < 2
        there[0].close()
        time.sleep(0.2)
        assert is_alive(impatient)


def test_who_takes_nothing_is_let_go(impatient: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent is not kept for ever."""
    monkeypatch.setattr("adapters.console.downloads._as_json_lines", lambda _: b"x" * 8_000_000)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", impatient.port))
        connection.sendall(b"GET /ledgers/ledger/download/events.jsonl HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(2.5)
        connection.settimeout(5)
        assert len(rest(connection)) < 8_000_000
    assert is_alive(impatient)


def test_a_console_without_files_left_says_so_once(history: Path, tmp_path: Path) -> None:
    """While no more connections can be had it does not flood its log; and it answers again once there are."""

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))

    command = [CLI, "serve", "--ledger", history / "ledger.db", "--port", "0", "--json"]
    said = tmp_path / "said"
    with said.open("w") as errors:
        console = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, preexec_fn=few)
    try:
        url = _url(console)
        port = int(url.rpartition(":")[2])
        with ExitStack() as many:
            for _ in range(60):
                many.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            time.sleep(2.5)
        until = time.monotonic() + 10
        while _status(url) != 200:
            assert time.monotonic() < until
            time.sleep(0.2)
        # Whom asyncio could not accept it tries again a second later, and minds that its socket is closed by then.
        time.sleep(1.2)
        console.terminate()
        assert console.wait(20) in (0, 130)
    finally:
        console.kill()
        console.communicate()
    assert "Traceback" not in said.read_text()
    assert said.read_text().count('"error": "OSError"') == 1
    assert len(said.read_text().splitlines()) <= 2


def _url(console: "subprocess.Popen[str]") -> str:
    assert console.stdout is not None
    text = ""
    while not text.rstrip().endswith("}"):
        line = console.stdout.readline()
        assert line
        text += line
    url: str = json.loads(text)["url"]
    return url


def _status(url: str) -> int:
    try:
        return httpx.get(f"{url}/api/v1/ledgers", timeout=2).status_code
    except httpx.HTTPError:
        return 0
