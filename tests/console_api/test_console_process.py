"""`serve` as a process: what it tells, whom it lets in, and how it ends."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.console.access.tokens import add
from tests.console_api.world import rows_of
from tests.crash.processes import Command, shared
from tests.crash.zygote import Start


def start(folder: Path, *words: str) -> Command:
    """Begin `serve`."""
    args = ["serve", *words, "--tokens", str(folder / "console.toml")]
    return shared().start(Start(args=args, env=dict(os.environ), output=str(folder / "said"), small=False))


def ended(command: Command) -> Any:
    """How it ended."""
    return shared().wait(command)


def refused(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """The exit code and the one error of a `serve` that does not come to serve."""
    done = ended(start(folder, *words, "--json"))
    assert done.err.count("\n") == 1
    error: dict[str, Any] = json.loads(done.out)["error"]
    return done.code, error


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[tuple[Command, dict[str, Any]]]:
    """A `serve` that serves, and what it told."""
    command = start(folder, *words, "--port", "0", "--json")
    until = time.monotonic() + 20
    try:
        while not (said := command.output.read_text() if command.output.exists() else "").strip():
            assert time.monotonic() < until, command.output.with_name("said.err").read_text()
            time.sleep(0.02)
        yield command, json.loads(said)
    finally:
        with suppress(ProcessLookupError):
            command.signal(signal.SIGTERM)
            ended(command)


@pytest.fixture
def ledger(history: Path, tmp_path: Path) -> Path:
    """A ledger of one's own."""
    return Path(shutil.copy(history / "ledger.db", tmp_path / "ledger.db"))


def test_two_ledgers_of_one_name_are_told_apart(ledger: Path, tmp_path: Path) -> None:
    """On a free port, told as a document; each ledger has a word of its own."""
    (tmp_path / "other").mkdir()
    other = Path(shutil.copy(ledger, tmp_path / "other" / "ledger.db"))
    with serving(tmp_path, "--ledger", str(ledger), "--also", str(other), "--also", str(ledger)) as (_, told):
        assert set(told) == {"url", "port"}
        assert told["url"] == f"http://127.0.0.1:{told['port']}"
        items = httpx.get(f"{told['url']}/api/v1/ledgers").json()["items"]
        assert [one["ledger"] for one in items] == ["ledger", "ledger-2"]
        assert httpx.get(f"{told['url']}/ledgers/ledger-2/runs").status_code == 200
        assert httpx.get(f"{told['url']}/ledgers/ledger-3/runs").status_code == 404


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_and_well(ledger: Path, tmp_path: Path, number: int) -> None:
    """Also while somebody watches for news; it was asked to end, so that is done: exit 0, without a word."""
    with serving(tmp_path, "--ledger", str(ledger)) as (command, told):
        with httpx.stream("GET", f"{told['url']}/ledgers/ledger/live", timeout=20) as stream:
            assert "head" in next(stream.iter_text())
            began = time.monotonic()
            command.signal(number)
            done = ended(command)
        assert time.monotonic() - began < 6
        assert (done.code, done.err) == (0, "")


@pytest.mark.parametrize("option", ["--ledger", "--also"])
def test_a_ledger_that_is_not_there_is_wrong_use(ledger: Path, tmp_path: Path, option: str) -> None:
    """Exit 2, whichever of them it is, and nothing is made in its place."""
    words = [] if option == "--ledger" else ["--ledger", str(ledger)]
    code, error = refused(tmp_path, *words, option, str(tmp_path / "none.db"))
    assert (code, error["code"]) == (2, "ledger_missing")
    assert not (tmp_path / "none.db").exists()


def test_an_older_ledger_is_told_how_to_be_brought_up_to_date(ledger: Path, tmp_path: Path) -> None:
    """It is not touched: the console only reads."""
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("PRAGMA user_version = 2")
    code, error = refused(tmp_path, "--ledger", str(ledger))
    assert (code, error["code"]) == (2, "ledger_older")
    assert rows_of(ledger, "PRAGMA user_version") == [(2,)]


def test_a_port_in_use_is_wrong_use(ledger: Path, tmp_path: Path) -> None:
    """Told in one line, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, error = refused(tmp_path, "--ledger", str(ledger), "--port", str(port))
    assert (code, error["code"]) == (2, "console_address_refused")
    assert f"127.0.0.1:{port} cannot be served" in error["message"]


def test_who_comes_by_tls_with_a_token_gets_in(ledger: Path, tmp_path: Path) -> None:
    """A certificate made just now, and `--login`: a Bearer token opens the API, and nothing else does."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
               "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
               "-keyout", str(key), "-out", str(certificate)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    token = add(tmp_path / "console.toml", "auditor")
    words = ("--ledger", str(ledger), "--login", "--tls-cert", str(certificate), "--tls-key", str(key))
    with serving(tmp_path, *words) as (_, told):
        assert told["url"].startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=str(certificate))
        with httpx.Client(base_url=told["url"], verify=trusting) as client:
            assert client.get("/api/v1/ledgers").status_code == 401
            assert client.get("/api/v1/ledgers", headers={"Authorization": "Bearer k2t_no"}).status_code == 401
            inside = client.get("/api/v1/ledgers", headers={"Authorization": f"Bearer {token}"})
            assert [one["ledger"] for one in inside.json()["items"]] == ["ledger"]
            page = client.get("/ledgers/ledger")
            assert (page.status_code, page.headers["location"]) == (303, "/login?next=/ledgers/ledger")
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://127.0.0.1:{told['port']}/api/v1/ledgers")
    assert token not in (tmp_path / "said").read_text() + (tmp_path / "said.err").read_text()
