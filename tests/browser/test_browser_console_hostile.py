"""What Kartra's rows hold is only text on every page: nothing is run, nothing is obeyed, nothing grows too big."""

import re
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.browser.console_ledgers import (
    FORMULA,
    HOSTILE,
    HOSTILE_FILE,
    IMAGE,
    LATER_FILE,
    MARKUP,
    OVERRIDE,
    QUOTE,
    SCHEME,
    SCRIPT,
    STYLE,
)
from tests.browser.console_pages import file_of
from tests.browser.console_world import Console
from tests.browser.looking import DESK, PHONE, asked_for, going_on, look, overflow, said, told, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

_LARGEST, _SLOWEST_S = 2_000_000, 5.0
_MADE = (
    "img, iframe, object, embed, body svg:not(.chart), style, [onload], [onerror], a[href^='javascript' i], base,"
    " meta[http-equiv]"
)
"""Elements that no template of ours makes."""
_HOSTILE = re.compile(r"window\.hit|cmd\|'|egnp\.exe|evil\.example|zero.{0,20}width|m{50}")
_STEERING = ("\u202e", "\x1b", "\x07", "\u200b", "\ufeff", "\u2028")


def _record(at: int) -> Callable[[Console], str]:
    return lambda console: console.at("record", ledger=HOSTILE, key=f"contact:{7000 + at}", object="person")


def _company(console: Console) -> str:
    return console.at("record", ledger=HOSTILE, key=str(_items(console, "records", q="evil")[0]["source_key"]))


def _items(console: Console, *parts: str, **query: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = console.api(*parts, ledger=HOSTILE, **query)["items"]
    return found


def _event(kind: str, at: int = 0) -> Callable[[Console], str]:
    return lambda console: console.at(
        "events", str(_items(console, "events", type=kind)[at]["position"]), ledger=HOSTILE
    )


def _search(text: str) -> Callable[[Console], str]:
    return lambda console: console.at("records", ledger=HOSTILE, q=text)


def _hold(console: Console) -> str:
    return console.at("events", str(_items(console, "holds")[0]["id"]), ledger=HOSTILE)


PAGES: dict[str, Callable[[Console], str]] = {
    "overview": lambda console: console.at(ledger=HOSTILE),
    "records": lambda console: console.at("records", ledger=HOSTILE),
    **{f"record {at}": _record(at) for at in range(len(MARKUP))},
    "record of odd characters": _record(90),
    "record of a megabyte": _record(91),
    "company": _company,
    "rows": lambda console: console.at("files", file_of(console, HOSTILE_FILE, HOSTILE), ledger=HOSTILE),
    "later rows": lambda console: console.at("files", file_of(console, LATER_FILE, HOSTILE), ledger=HOSTILE),
    "files": lambda console: console.at("files", ledger=HOSTILE),
    "holds": lambda console: console.at("holds", ledger=HOSTILE),
    "hold": _hold,
    "events": lambda console: console.at("events", ledger=HOSTILE),
    "row's event": _event("RowExtracted"),
    "megabyte's event": _event("RowExtracted", 3),
    "record's event": _event("RowTransformed"),
    "change's event": _event("RecordUpdated"),
    "file's event": _event("ExportRegistered", 1),
    "runs": lambda console: console.at("runs", ledger=HOSTILE),
    "report of a hostile actor": lambda console: console.at("reports", ledger=HOSTILE),
    **{f"search for {at}": _search(text) for at, text in enumerate((*MARKUP, f"{HOSTILE_FILE}:2"))},
    "no such ledger": lambda console: console.at(ledger=quote(IMAGE, safe="")),
    "no such record": lambda console: console.at("record", ledger=HOSTILE, key=f"{IMAGE}{QUOTE}"),
    "no such state": lambda console: console.at("holds", ledger=HOSTILE, state=QUOTE),
    "no such reason": lambda console: console.at("holds", ledger=HOSTILE, reason=f"{QUOTE}{STYLE}"[:80]),
    "no such event type": lambda console: console.at("events", ledger=HOSTILE, type=SCRIPT, stream=OVERRIDE),
    "no such position": lambda console: console.at("rollback-plan", ledger=HOSTILE, since=SCRIPT, object=IMAGE),
}  # fmt: skip


@pytest.mark.parametrize("at", PAGES.values(), ids=PAGES)
def test_hostile_text_is_only_text(browser: Chrome, console: Console, at: Callable[[Console], str]) -> None:
    """Nothing ran, no element was made, nobody was asked, what steers is escaped; and the page is small and quick."""
    look(browser)
    address = at(console)
    began = time.monotonic()
    visit(browser, address)
    assert time.monotonic() - began < _SLOWEST_S
    assert told(browser, "window.hit") is None
    assert told(browser, f"document.querySelectorAll(`{_MADE}`).length") == 0
    assert told(browser, "document.scripts.length") == 1
    source = browser.page_source
    assert _HOSTILE.search(source), "nothing hostile is on this page: it tests nothing"
    assert len(source) < _LARGEST
    assert not [character for character in _STEERING if character in source or character in browser.title]
    assert [url for url in asked_for(browser) if not url.startswith(f"{console.url}/")] == []
    assert [one for one in said(browser) if "Failed to load resource: the server responded with" not in one] == []
    assert told(browser, "getComputedStyle(document.body).display") != "none"
    for width in (PHONE, DESK):
        look(browser, width=width)
        assert overflow(browser) <= 0, width


def test_hostile_text_is_there_to_be_read(browser: Chrome, console: Console) -> None:
    """What a row says is not lost on the way to the eye: mark-up as it stands, what steers as its escape."""
    browser.get(PAGES["rows"](console))
    seen = browser.find_element(By.TAG_NAME, "main").text
    for text in (SCRIPT, IMAGE, STYLE, SCHEME, FORMULA, QUOTE):
        assert text in seen
    assert "Form \\u202egnp.exe" in seen
    assert "\\x1b[31mred" in seen
    assert "… (1,000,000 characters)" in seen


@pytest.mark.parametrize("text", [SCRIPT, QUOTE, STYLE, SCHEME])
def test_what_is_typed_is_only_text(browser: Chrome, console: Console, text: str) -> None:
    """A hostile search comes back in its box and its heading, and does nothing."""
    browser.get(console.at(ledger=HOSTILE))
    with going_on(browser):
        browser.find_element(By.ID, "q").send_keys(text, Keys.ENTER)
    assert browser.find_element(By.ID, "q").get_attribute("value") == text
    assert browser.find_element(By.TAG_NAME, "h1").text == f"Found for “{text}”"
    assert told(browser, "window.hit") is None
