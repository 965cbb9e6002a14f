"""Every page of the console in a real browser: it has a name, fits, asks nobody else, and is there for everybody."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.browser.console_ledgers import STORY, Place
from tests.browser.console_pages import PAGES, Page, kind
from tests.browser.console_world import Console, serving
from tests.browser.looking import (
    DARK,
    DESK,
    LIGHT,
    PAPER,
    PHONE,
    asked_for,
    barriers,
    going_on,
    look,
    overflow,
    said,
    told,
    visit,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

_REFUSED = "Failed to load resource: the server responded with a status of 4"
_COLOURS, _SIZES = ("color-contrast",), ("target-size", "scrollable-region-focusable")


@pytest.fixture(autouse=True)
def desk(browser: Chrome) -> Iterator[None]:
    """Each test begins, and leaves the browser, at a desk's width and by day."""
    look(browser)
    yield
    look(browser)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_is_named_fits_and_has_no_barriers(browser: Chrome, console: Console, page: Page) -> None:
    """A title and one heading, nothing to complain of, nobody else asked; no wider than desk, phone or paper.

    And nothing that axe-core knows to stand in anybody's way: by day, by night, and on a phone.
    """
    visit(browser, page.at(console))
    assert browser.title.startswith(page.title)
    assert browser.title.endswith(" · kartra-to-twenty")
    [heading] = browser.find_elements(By.TAG_NAME, "h1")
    assert heading.text.startswith(page.heading)
    assert [one for one in said(browser) if _REFUSED not in one] == []
    assert [url for url in asked_for(browser) if not url.startswith(f"{console.url}/")] == []
    assert overflow(browser) <= 0
    found = {LIGHT: barriers(browser)}
    look(browser, scheme=DARK)
    found[DARK] = barriers(browser, *_COLOURS)
    look(browser, width=PHONE)
    assert overflow(browser) <= 0
    found["phone"] = barriers(browser, *_SIZES)
    look(browser, width=PAPER, media="print")
    assert overflow(browser) <= 0
    assert {name: one for name, one in found.items() if one} == {}


def test_every_link_leads_to_a_page_of_a_known_kind(console: Console) -> None:
    """No page links to a kind of page that is not looked at here, and what a link of each kind leads to is there."""
    no_pages = {kind("/api/v1/openapi.json"), kind("/ledgers/story/download/holds.csv")}
    seen: set[str] = set()
    # One of them has the chain recomputed before it ends.
    with httpx.Client(base_url=console.url, follow_redirects=True, timeout=30) as client:
        for name, page in PAGES.items():
            for path in re.findall(r'<a [^>]*href="(/[^"]*)"', client.get(page.at(console)).text):
                if (one := kind(urlsplit(unescape(path)).path)) not in seen:
                    seen.add(one)
                    assert client.get(unescape(path)).status_code == 200, f"{name} leads to {path}"
    assert len(seen) > 15
    assert seen - {kind(urlsplit(page.at(console)).path) for page in PAGES.values()} - no_pages == set()


def test_every_type_of_event_has_its_page(browser: Chrome, console: Console) -> None:
    """Whatever happened, its event is shown in full, fits a phone, and has nothing to complain of."""
    types = {one["type"]: one["position"] for one in _events(console)}
    assert len(types) > 25
    look(browser, width=PHONE)
    for name, position in types.items():
        visit(browser, console.at("events", str(position)))
        assert browser.find_element(By.CSS_SELECTOR, "main .type").text == name
        assert (said(browser), overflow(browser)) == ([], 0), name


def _events(console: Console) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 500}
    while True:
        page = console.api("events", **query)
        found += page["items"]
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def test_a_keyboard_reaches_everything_in_order(browser: Chrome, console: Console) -> None:
    """First the way past the head of the page, then the search, then the sections; and one sees where one is."""
    browser.get(console.at("holds"))
    reached = [_tab(browser) for _ in range(20)]
    assert reached[0] == "To the content"
    assert reached.index("q") < reached.index("Find") < reached.index("Overview")
    sections = told(browser, "[...document.querySelectorAll('.sections a')].map((a) => a.textContent)")
    begin = reached.index("Overview")
    assert reached[begin : begin + len(sections)] == sections


def _tab(browser: Chrome) -> str:
    """Go one on; the name of what is reached, which has an outline that is seen."""
    browser.switch_to.active_element.send_keys(Keys.TAB)
    reached = browser.switch_to.active_element
    style = told(browser, "(({outlineStyle: s, outlineWidth: w}) => [s, w])(getComputedStyle(document.activeElement))")
    assert style[0] != "none", reached.text
    assert style[1] != "0px", reached.text
    box = told(browser, "(({left, top}) => [left, top])(document.activeElement.getBoundingClientRect())")
    assert min(box) >= 0, "what has the focus is out of sight"
    return reached.text or str(reached.get_attribute("id"))


def test_the_way_past_the_head_leads_to_the_content(browser: Chrome, console: Console) -> None:
    """The first stop goes straight to the content: the next one is in it."""
    browser.get(console.at("holds"))
    browser.switch_to.active_element.send_keys(Keys.TAB)
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    browser.switch_to.active_element.send_keys(Keys.TAB)
    assert told(browser, "document.querySelector('main').contains(document.activeElement)")


def test_one_logs_in_reads_and_logs_out(browser: Chrome, ledgers: Path, tmp_path: Path) -> None:
    """With --login: the form has no barriers, a wrong token is refused, a right one leads on, and out again."""
    place = Place(ledgers, STORY)
    tokens = ("--tokens", str(tmp_path / "console.toml"))
    token = place.told("serve", *tokens, "token", "add", "ann")["token"]
    with serving(place.ledger, "--login", *tokens) as url:
        browser.get(f"{url}/ledgers/story/holds")
        assert browser.title == "Log in · kartra-to-twenty"
        _is_clean(browser)
        _enter(browser, "wrong")
        assert browser.find_element(By.CSS_SELECTOR, "[role=alert]").text == "that is no token, or no longer one"
        _is_clean(browser)
        _enter(browser, token)
        assert browser.current_url == f"{url}/ledgers/story/holds"
        assert "Logged in as ann." in browser.find_element(By.CLASS_NAME, "foot").text
        _is_clean(browser)
        with going_on(browser):
            browser.find_element(By.CSS_SELECTOR, "form.out button").click()
        assert browser.title == "Log in · kartra-to-twenty"
        browser.delete_all_cookies()


def _enter(browser: Chrome, token: str) -> None:
    with going_on(browser):
        browser.find_element(By.NAME, "token").send_keys(token, Keys.ENTER)


def _is_clean(browser: Chrome) -> None:
    for width in (PHONE, DESK):
        look(browser, width=width)
        assert overflow(browser) <= 0
    assert barriers(browser) == []
