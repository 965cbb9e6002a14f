"""Asking a console for its pages: real values, real HTTP, links followed, and every wrong answer told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import httpx
import pytest

from tests.bench.asking import Times, first_round, next_of, rounds, summed
from tests.bench.console import Measured, told
from tests.bench.ledgers import build
from tests.bench.pages import Page, pages, values_of
from tests.ledger.plain import query


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ledger."""
    path = tmp_path_factory.mktemp("bench") / "built.db"
    build(path, 1_000)
    return path


class _Lists(BaseHTTPRequestHandler):
    """Pages with a link to the next one, three in all, and one that is missing."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        """Answer."""
        at = int(self.path.rpartition("=")[2]) if "=" in self.path else 1
        text = f'<a class="x" rel="next" href="/list?a=1&amp;page={at + 1}">more</a>' if at < 3 else "the end"
        body = text.encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def _serving() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Lists) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_every_page_can_be_filled_from_a_ledger(built: Path) -> None:
    """A ledger made here has values for all that the pages name, and no brace is left in an address."""
    values, dice = values_of(built, Random(1)), Random(2)
    for page in pages("built"):
        assert page.can_be_asked(values), page
        assert "{" not in page.url(values, dice)
        assert page.path.startswith(("/ledgers/built", "/api/v1/ledgers/built"))


def test_values_are_the_ledgers_own(built: Path) -> None:
    """What is searched for is there: people, rows, runs, reports."""
    values = values_of(built, Random(1))
    people = dict(query(built, "SELECT source_key, label FROM record WHERE object = 'person'"))
    assert all(people[key] == name for key, name in zip(values["key"], values["name"], strict=True))
    assert set(values["run"]) == {row[0] for row in query(built, "SELECT run_id FROM run")}
    lines = {f"{file}:{line}" for file, line in query(built, "SELECT file, line FROM source_row")}
    assert lines.issuperset(values["ref"])
    assert lines.issuperset(map(":".join, zip(values["file"], values["line"], strict=True)))
    assert len(values["report"]) == 2


def test_pages_are_followed_and_wrong_answers_are_told() -> None:
    """A walk goes to the list's end, over and over; what is not there is counted as wrong, and ends nothing."""
    asked = [Page("list", "/list", walk=True), Page("missing", "/missing")]
    with _serving() as url:
        first = first_round(url, asked, {})
        times = rounds(url, asked, {}, seconds=0.3, clients=2)
    assert {kind: len(some) for kind, some in first.of.items()} == {"list (first)": 1, "list": 1, "missing": 1}
    assert len(times.of["list"]) == 2 * len(times.of["list (first)"]) > 0
    assert first.wrong == ["missing: /missing answered 404"]
    assert len(times.wrong) == len(times.of["missing"])


@pytest.mark.parametrize(
    ("headers", "text", "found"),
    [
        ({"content-type": "text/html"}, '<a href="?p=2" rel="next">', "http://host/a?p=2"),
        ({"content-type": "text/html"}, "<a rel=next href='/b?x=1&amp;p=2'>", "http://host/b?x=1&p=2"),
        ({"content-type": "text/html"}, '<a rel="prev" href="/b">', None),
        ({"content-type": "application/json"}, '{"next": "WzEsOV0"}', "http://host/a?p=1&cursor=WzEsOV0"),
        ({"content-type": "application/json"}, '{"next": null}', None),
        ({"content-type": "application/json", "link": '</a?after=9>; rel="next"'}, "{}", "http://host/a?after=9"),
    ],
)
def test_the_next_page_is_found(headers: dict[str, str], text: str, found: str | None) -> None:
    """In HTML whatever the order of its attributes, in a Link header, or in JSON."""
    answer = httpx.Response(200, headers=headers, text=text, request=httpx.Request("GET", "http://host/a?p=1"))
    assert next_of(answer) == found


def test_a_percentile_is_what_95_of_100_do_not_exceed() -> None:
    """Of one to a hundred milliseconds."""
    found = summed([float(ms) for ms in range(1, 101)])
    assert (found.count, found.median, found.max) == (100, 50.5, 100)
    assert 95 <= found.p95 <= 96


def test_faults_are_named() -> None:
    """Slow pages, wrong answers, much memory and what was never answered; nothing else."""
    first, times = Times(), Times()
    for kind, ms in (("quick", 3.0), ("slow", 250.0)):
        times.note(kind, ms, None)
    times.note("quick", 3.0, "/x answered 500")
    found = Measured(
        first=first, times=times, peak_mb=201, last_mb=100, before=1, appended=2, seconds=1, left=["events"]
    )
    assert [fault.split(":")[0] for fault in found.faults] == [
        "1 answers were not 200, among them quick", "slow", "events", "the server held 201 MB",
    ]  # fmt: skip
    assert "| quick | 2 | 3.0 | 3.0 | 3.0 |  |" in told(found)
