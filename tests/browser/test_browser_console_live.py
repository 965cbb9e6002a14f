"""The console while a load is at work: numbers move by themselves, and without scripts all is there too."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.browser.console_ledgers import Place, loading
from tests.browser.console_pages import PAGES
from tests.browser.console_world import Console, serving
from tests.browser.looking import going_on, look, scripts_off, told
from tests.journey.world import CLI

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

_CONTACTS = 300
_PATIENCE_S = 30


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A ledger with a first contact in it, and an account that takes some seconds to load."""
    place = Place(tmp_path, "live")
    place.run("sample", "--contacts", "1", "--clean", "--contacts-only", "--out", tmp_path / "first")
    place.load(tmp_path / "first")
    place.run("sample", "--contacts", str(_CONTACTS), "--contacts-only", "--seed", "2", "--out", tmp_path / "exports")
    return place


@contextmanager
def _at_work(place: Place) -> Iterator[subprocess.Popen[bytes]]:
    """A load in a process of its own; killed where it still runs when nobody looks any more."""
    words = [str(CLI), *place.words(*loading(place.folder.parent / "exports"))]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def test_numbers_move_while_a_load_is_at_work(browser: Chrome, place: Place) -> None:
    """The same document, never loaded anew: it says that it is written to, its events grow, it says when that ends.

    A browser without scripts is told to come back in seconds, as long as somebody writes.
    """
    look(browser)
    with serving(place.ledger) as url:
        browser.get(f"{url}/ledgers/live")
        browser.execute_script("window.same = true")
        first = _events(browser)
        assert not _running(browser)
        with _at_work(place) as process:
            _until(lambda: _running(browser) and _events(browser) > first)
            some = _events(browser)
            with _beside(browser), scripts_off(browser):
                browser.get(f"{url}/ledgers/live")
                assert _asks_again(browser)
                assert _events(browser) > first
            _until(lambda: _events(browser) > some)
            assert process.wait(_PATIENCE_S) == 3
            last = int(place.told("head")["position"])
            _until(lambda: _events(browser) == last and not _running(browser))
        assert told(browser, "window.same")


@contextmanager
def _beside(browser: Chrome) -> Iterator[None]:
    """In a second window while the block runs."""
    window = browser.current_window_handle
    browser.switch_to.new_window("tab")
    try:
        yield
    finally:
        browser.close()
        browser.switch_to.window(window)


def _asks_again(browser: Chrome) -> bool:
    return bool(browser.find_elements(By.CSS_SELECTOR, "head meta[http-equiv=refresh]"))


def _events(browser: Chrome) -> int:
    # In one step: what is found may be replaced before it is read.
    shown = str(told(browser, "document.querySelector('.figures dd').textContent"))
    return int(shown.strip().replace("\u2009", ""))


def _running(browser: Chrome) -> bool:
    return bool(browser.find_elements(By.CSS_SELECTOR, "h1 .is-running"))


def _until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not holds():
        assert time.monotonic() < until, "nothing moved"
        time.sleep(0.1)


def test_every_page_needs_no_script(browser: Chrome, console: Console) -> None:
    """With scripts off every page is there, what is folded opens, and forms lead on."""
    look(browser)
    with scripts_off(browser):
        for name, page in PAGES.items():
            browser.get(page.at(console))
            assert browser.find_element(By.TAG_NAME, "h1").text.startswith(page.heading), name
            assert browser.find_element(By.CSS_SELECTOR, "main :is(p, table, form, dl)").is_displayed(), name
        browser.get(console.at())
        assert not _asks_again(browser)
        browser.find_element(By.TAG_NAME, "summary").click()
        assert browser.find_element(By.CSS_SELECTOR, "details table").is_displayed()
        with going_on(browser):
            browser.find_element(By.ID, "q").send_keys("archer", Keys.ENTER)
        assert browser.find_element(By.CSS_SELECTOR, "main td a").text == "Anna Archer"
