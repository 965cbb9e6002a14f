"""By what a client knows that it has an answer already: never by less than what the answer depends on."""

import email.utils
import gc
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from adapters.console.slow import Kept, Slow
from ledger.events import RunResumed, RunStarted
from ledger.lock import writer_lock
from ledger.reader import Head
from ledger.store import Ledger
from tests.console_api.world import Shown, copied, showing

pytestmark = pytest.mark.anyio

RUNS = "/api/v1/ledgers/ledger/runs"


@pytest.fixture
def growing(history: Path, tmp_path: Path) -> Iterator[Shown]:
    """A console over a ledger that a test may write to."""
    with showing(copied(history, tmp_path).options.ledger, tokens=tmp_path / "console.toml") as console:
        yield console


def ask(shown: Shown, **headers: str) -> httpx.Response:
    """The runs, as a client asks that has something already."""
    return shown.client.get(RUNS, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_new_event_makes_a_new_stamp(growing: Shown) -> None:
    """And nothing but a new event does."""
    first = ask(growing)
    tag = first.headers["etag"]
    assert ask(growing).headers["etag"] == tag
    unchanged = ask(growing, if_none_match=tag)
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", tag)
    async with Ledger.open(growing.ledger, command="test") as ledger:
        await ledger.append([RunResumed()])
    fresh = ask(growing, if_none_match=tag)
    assert fresh.status_code == 200
    assert fresh.headers["etag"] != tag


async def test_whether_a_run_is_at_work_is_part_of_the_stamp(growing: Shown) -> None:
    """A run's state depends on it, so that a stamp of before is none any more; another command's work changes none."""
    async with Ledger.open(growing.ledger, command="load") as ledger:
        await ledger.append([RunStarted(command="load")])
    tag = ask(growing).headers["etag"]
    states = [one["state"] for one in growing.api("/runs")["items"][:2]]
    with writer_lock(growing.ledger, "load"):
        held = ask(growing, if_none_match=tag)
        assert held.status_code == 200
        assert held.headers["etag"] != tag
        assert "last-modified" not in held.headers
        assert [one["state"] for one in held.json()["items"][:2]] == ["running", states[1]]
    assert states == ["interrupted", "completed"]
    assert ask(growing, if_none_match=tag).status_code == 304
    with writer_lock(growing.ledger, "verify"):
        assert ask(growing, if_none_match=tag).status_code == 304


def test_projections_that_changed_without_an_event_make_a_new_stamp(growing: Shown) -> None:
    """Somebody altered them, or they were made anew: no client is told that it has the answer already."""
    first = ask(growing)
    with closing(sqlite3.connect(growing.ledger)) as altering, altering:
        altering.execute("UPDATE run SET actor = 'somebody else'")
    fresh = ask(growing, if_none_match=first.headers["etag"])
    assert fresh.status_code == 200
    assert {one["actor"] for one in fresh.json()["items"]} == {"somebody else"}
    assert fresh.headers["etag"] != first.headers["etag"]


def test_a_masked_answer_has_another_stamp(shown: Shown, tmp_path: Path) -> None:
    """Whoever has one does not have the other."""
    with showing(shown.ledger, tokens=tmp_path / "console.toml", mask=True) as masked:
        assert ask(masked).headers["etag"] != ask(shown).headers["etag"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("*", 304),
        ('"a", {tag}', 304),
        ('{tag}, "a"', 304),
        ('"a","b"', 200),
        ("", 200),
        ("garbage", 200),
        ("{strong}", 304),
    ],
)
def test_a_client_may_know_several(shown: Shown, said: str, status: int) -> None:
    """Lists, a star, and a tag without its weakness; any of them is enough, and a wrong one is none."""
    tag = ask(shown).headers["etag"]
    assert tag.startswith('W/"')
    known = said.format(tag=tag, strong=tag.removeprefix("W/"))
    assert ask(shown, if_none_match=known).status_code == status


def test_a_tag_counts_before_a_day(shown: Shown) -> None:
    """If-Modified-Since is for clients that have no tag."""
    late = email.utils.format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    assert ask(shown, if_none_match='"other"', if_modified_since=late).status_code == 200


@pytest.mark.parametrize("said", ["", "yesterday", "Sat, 99 Nov 2026 00:00:00 GMT", "0", "Sat, 28 Nov 2026 02:00:00"])
def test_a_day_that_is_none_is_no_condition(shown: Shown, said: str) -> None:
    """Then everything is sent."""
    assert ask(shown, if_modified_since=said).status_code == 200


async def test_within_a_second_the_clock_tells_nothing(growing: Shown) -> None:
    """What was recorded just now is sent, though a client has an answer of the same second."""
    async with Ledger.open(growing.ledger, command="test") as ledger:
        await ledger.append([RunResumed()])
        assert "last-modified" not in ask(growing).headers
        since = email.utils.format_datetime(datetime.now(UTC), usegmt=True)
        await ledger.append([RunResumed()])
    again = ask(growing, if_modified_since=since)
    assert again.status_code == 200
    await anyio.sleep(3.1)
    settled = ask(growing)
    assert ask(growing, if_modified_since=settled.headers["last-modified"]).status_code == 304
    for seconds in (-1, 1):
        other = email.utils.parsedate_to_datetime(settled.headers["last-modified"]) + timedelta(seconds=seconds)
        assert ask(growing, if_modified_since=email.utils.format_datetime(other, usegmt=True)).status_code == 200


def test_books_of_an_older_head_bear_no_stamp(growing: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    """They say to which event they go; of the newest one they are stamped, so no client takes the older for known."""
    path = "/api/v1/ledgers/ledger"
    until = time.monotonic() + 10
    while "etag" not in (answer := growing.client.get(path)).headers:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert answer.json()["books"]["upto"] == answer.json()["position"]

    async def older(_self: Any, head: Head) -> Any:
        return Kept(Head(head.position - 1, "0" * 64), kept.value)

    monkeypatch.setattr("adapters.console.slow.Slow.get", older)
    kept = next(one._kept for one in gc.get_objects() if isinstance(one, Slow) and one._kept is not None)
    late = growing.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert late.status_code == 200
    assert not {"etag", "last-modified"} & set(late.headers)
    assert late.json()["books"]["upto"] == late.json()["position"] - 1
