"""Looking at a page as a person with a browser does: what it asks for, what it complains of, whether it fits."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.wait import WebDriverWait

DESK, PHONE, PAPER = 1280, 400, 688
LIGHT, DARK = "light", "dark"

_AXE = Path(__file__).with_name("axe") / "axe.min.js"
_RUN_AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, JSON.parse(arguments[0])).then(
  (found) => done(found.violations.flatMap((rule) => rule.nodes.map(
    (node) => `${rule.impact} ${rule.id}: ${node.target.join(" ")} ${node.failureSummary.split("\\n").pop()}`))),
  (error) => done([`axe failed: ${error}`]));
"""


def look(browser: Chrome, *, width: int = DESK, scheme: str = LIGHT, media: str = "") -> None:
    """Look from now on through a window of this width, by day or by night; at what is printed, with that medium."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [feature]})


def visit(browser: Chrome, address: str) -> None:
    """Go to an address, whatever was said and asked for before being forgotten."""
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(address)


def asked_for(browser: Chrome) -> list[str]:
    """What was asked for since `visit`, stopped by a policy or not; what a page carries in itself is not asked for."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
    return [url for url in sent if not url.startswith("data:")]


def said(browser: Chrome) -> list[str]:
    """What the browser's console says since `visit`."""
    return [entry["message"] for entry in browser.get_log("browser")]


def told(browser: Chrome, expression: str) -> Any:
    """The value of an expression on the page."""
    return browser.execute_script(f"return {expression}")


def overflow(browser: Chrome) -> int:
    """By how many pixels the page is wider than its window."""
    return int(told(browser, "document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def barriers(browser: Chrome, *rules: str) -> list[str]:
    """What axe-core finds against these rules, or all of them, as `impact rule: element`."""
    if not told(browser, "typeof axe === 'object'"):
        browser.execute_script(_axe())
    options = {"runOnly": list(rules)} if rules else {}
    found: list[str] = browser.execute_async_script(_RUN_AXE, json.dumps(options | {"resultTypes": ["violations"]}))
    return found


@cache
def _axe() -> str:
    # A driver's scripts are not the page's, so its policy does not stop them.
    return _AXE.read_text("utf-8")


@contextmanager
def going_on(browser: Chrome) -> Iterator[None]:
    """What is done in the block leads to another document, which is there at its end."""
    left = browser.find_element(By.TAG_NAME, "html")
    yield
    WebDriverWait(browser, 30, poll_frequency=0.05).until(staleness_of(left))


@contextmanager
def scripts_off(browser: Chrome) -> Iterator[None]:
    """No page runs a script while the block runs."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
