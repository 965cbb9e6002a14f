"""Every page of the console in a real browser: it has a name, fits, asks nobody else, and is there for everybody."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from tests.browser.console_pages import PAGES, Page, kind
from tests.browser.console_world import Console
from tests.browser.looking import DARK, DESK, LIGHT, PHONE, asked_for, barriers, look, overflow, said, told, visit

pytestmark = pytest.mark.browser

_REFUSED = "Failed to load resource: the server responded with a status of 4"
_COLOURS, _SIZES = ("color-contrast",), ("target-size", "scrollable-region-focusable", "color-contrast")


@pytest.fixture(autouse=True)
def desk(browser: Chrome) -> Iterator[None]:
    """Each test begins, and leaves the browser, at a desk's width and by day."""
    look(browser)
    yield
    look(browser)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_is_named_fits_and_stands_alone(browser: Chrome, console: Console, page: Page) -> None:
    """A title and one heading, nothing to complain of, nobody else asked, and no wider than a desk or a phone."""
    visit(browser, page.at(console))
    assert browser.title.startswith(page.title)
    assert browser.title.endswith(" · kartra-to-twenty")
    [heading] = browser.find_elements(By.TAG_NAME, "h1")
    assert heading.text.startswith(page.heading)
    assert [one for one in said(browser) if _REFUSED not in one] == []
    assert [url for url in asked_for(browser) if not url.startswith(f"{console.url}/")] == []
    for width in (DESK, PHONE):
        look(browser, width=width)
        assert overflow(browser) <= 0, width


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_has_no_barriers(browser: Chrome, console: Console, page: Page) -> None:
    """Nothing that axe-core knows to stand in anybody's way: by day, by night, and on a phone."""
    browser.get(page.at(console))
    found = {LIGHT: barriers(browser)}
    look(browser, scheme=DARK)
    found[DARK] = barriers(browser, *_COLOURS)
    look(browser, width=PHONE)
    found["phone"] = barriers(browser, *_SIZES)
    assert {name: one for name, one in found.items() if one} == {}
