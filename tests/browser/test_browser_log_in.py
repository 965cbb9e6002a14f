"""Logging in to the console with a real browser: it sends our own form as ours, and keeps the cookie."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

from tests.console_access.house import House, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house that asks for a token."""
    return House(tmp_path, login=True)


@pytest.fixture
def at(browser: Chrome, house: House) -> Iterator[str]:
    """Where the house is; the browser forgets it afterwards."""
    with serving(house) as port:
        yield f"http://127.0.0.1:{port}"
        browser.delete_all_cookies()


def test_a_reader_logs_in_and_reads_on(browser: Chrome, house: House, at: str) -> None:
    """What was asked for, the form, a wrong token, a right one, and what was asked for; no script reads the cookie."""
    browser.get(f"{at}/people?q=a")
    assert browser.current_url == f"{at}/login?next=/people%3Fq%3Da"
    _send(browser, "wrong")
    assert browser.find_element(By.CSS_SELECTOR, "[role=alert]").text == "that is no token, or no longer one"
    assert browser.find_element(By.NAME, "token").get_attribute("value") == ""
    _send(browser, house.token)
    assert browser.current_url == f"{at}/people?q=a"
    assert browser.execute_script("return document.cookie") == ""
    browser.get(f"{at}/")
    assert "in: ann" in browser.page_source


def _send(browser: Chrome, token: str) -> None:
    browser.find_element(By.NAME, "token").send_keys(token)
    button = browser.find_element(By.TAG_NAME, "button")
    button.click()
    WebDriverWait(browser, 10).until(staleness_of(button))
