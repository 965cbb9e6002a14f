"""Nothing can be written through the console, and nothing read that is not meant to be."""

import hashlib
import http.client
from pathlib import Path

import pytest

from tests.console_api.routes import LOGIN, PATHS, filled
from tests.console_api.world import Shown, showing

METHODS = ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
UP = (
    "..",
    "%2e%2e",
    "%2E%2E",
    "..%2f",
    "%2e%2e%2f",
    "..%5c",
    "..\\",
    "%2e%2e%5c",
    "....//",
    "%252e%252e%252f",
    "%c0%ae%c0%ae%2f",
)
SECRET = "/etc/passwd"


def raw(shown: Shown, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """An answer to an address just as it is written: no client makes it harmless."""
    connection = http.client.HTTPConnection("127.0.0.1", shown.port, timeout=20)
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("method", METHODS)
def test_no_route_takes_a_method_that_writes(shown: Shown, method: str) -> None:
    """On every path of the table of routes: 405, and which methods there are."""
    for path in [one for one in PATHS if one not in LOGIN]:
        status, headers, body = raw(shown, filled(path, shown), method)
        assert (path, status, headers["allow"]) == (path, 405, "GET, HEAD")
        assert b"method_not_allowed" in body or not path.startswith("/api/")


def test_a_log_in_is_all_that_may_be_sent(shown: Shown) -> None:
    """Both of its paths say so, and no other route of the table takes more than GET."""
    assert raw(shown, "/login", "DELETE")[1]["allow"] == "GET, HEAD, POST"
    assert raw(shown, "/logout", "DELETE")[1]["allow"] == "POST"


def _ways_up() -> list[str]:
    ways = [f"/static/{(up if up.endswith(('/', '%2f')) else up + '/') * 8}etc/passwd" for up in UP]
    ways += [f"/static/000000000000/{up * 8}{SECRET}" for up in UP]
    ways += ["/static/%2fetc%2fpasswd/console.css", "/static//etc/passwd", "//etc/passwd", "/%2fetc%2fpasswd"]
    ways += ["/static/../../templates/page.html", "/static/000000000000/..%2f__init__.py", "/static/"]
    return ways


def test_no_address_leads_out_of_the_static_files(shown: Shown) -> None:
    """Up, encoded or not, absolute, with backslashes: nothing is there."""
    for way in _ways_up():
        status, _, body = raw(shown, way)
        assert (way, status in (400, 404)) == (way, True)
        assert b"root:" not in body and b"import" not in body


@pytest.mark.parametrize("path", [one for one in PATHS if "{" in one and "{stamp}" not in one])
def test_no_part_of_an_address_is_a_path_of_files(shown: Shown, path: str) -> None:
    """In every parameter of every path: what leads up leads to nothing."""
    for place in [one for one in ("ledger", "run", "file", "position", "name") if f"{{{one}}}" in path]:
        for value in (
            f"{UP[4] * 6}etc%2fpasswd",
            "%2fetc%2fpasswd",
            "..",
            "..%5c..%5cledger.db",
            "%2e%2e",
            "ledger.db",
        ):
            status, _, body = raw(shown, filled(path, shown, **{place: value}))
            assert (value, status in (400, 404)) == (value, True)
            assert b"root:" not in body and b"SQLite format" not in body


def test_the_ledger_is_as_it_was_after_everything_was_read(history: Path, tmp_path: Path) -> None:
    """Not a byte of it changes, and no log is left beside it, whatever the console is asked."""
    ledger = tmp_path / "ledger.db"
    ledger.write_bytes((history / "ledger.db").read_bytes())
    before = hashlib.sha256(ledger.read_bytes()).hexdigest()
    with showing(ledger, tokens=tmp_path / "console.toml") as shown:
        for path in [one for one in PATHS if not one.endswith("/live")]:
            shown.client.get(filled(path, shown), params={"key": "contact:901", "q": "a"})
        wal = ledger.with_name("ledger.db-wal")
        assert not wal.exists() or wal.stat().st_size == 0
    assert hashlib.sha256(ledger.read_bytes()).hexdigest() == before
    assert not wal.exists() or wal.stat().st_size == 0
