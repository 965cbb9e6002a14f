"""The audit's page in a real browser: it stands alone, draws its charts, fits a phone, and obeys no text."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from commands.main import cli
from tests.audit.account import write_account

pytestmark = pytest.mark.browser

HOSTILE = (
    "<script>window.hit = 1</script>",
    "<img src=x onerror='window.hit = 1'>",
    "</title></style><svg onload='window.hit = 1'>",
    "<a href=https://evil.example>there</a>",
    "Form: \u202egnp.exe",
)


@pytest.fixture(scope="module")
def html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of an account of every kind of file, some tags of which are hostile."""
    folder = write_account(tmp_path_factory.mktemp("account"))
    tags = ";".join(name.replace('"', "'") for name in HOSTILE)
    (folder / "contacts_<b>evil.csv").write_text(f'email,first_name,tags\nivy.secret@x.org,I,"{tags}"\n', "utf-8")
    out = tmp_path_factory.mktemp("audit")
    told = CliRunner().invoke(cli, ["audit", str(folder), "--out", str(out)], catch_exceptions=False)
    assert told.exit_code == 0
    return out / "audit.html"


@pytest.fixture
def page(browser: Chrome, html: Path) -> Chrome:
    """The browser with the page just loaded, at a desk's width and by day."""
    _look(browser, width=1280, scheme="light")
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(html.as_uri())
    return browser


def _look(browser: Chrome, *, width: int, scheme: str) -> None:
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})


def _requests(browser: Chrome) -> list[str]:
    """What was asked for since the last time, and not stopped by the page's own policy."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    stopped = {
        failed["params"]["requestId"]
        for failed in messages
        if failed["method"] == "Network.loadingFailed" and failed["params"].get("blockedReason") == "csp"
    }
    sent = (message["params"] for message in messages if message["method"] == "Network.requestWillBeSent")
    return [request["request"]["url"] for request in sent if request["requestId"] not in stopped]


def _all(page: Chrome, script: str) -> Any:
    return page.execute_script(f"return {script}")


def test_the_page_stands_alone(page: Chrome, html: Path) -> None:
    """Loaded from a file it asks for itself and nothing else, and the console has nothing to say."""
    assert page.title == "What this Kartra account holds"
    assert _requests(page) == [html.as_uri()]
    assert page.get_log("browser") == []
    assert _all(page, "document.scripts.length") == 0


def test_charts_are_drawn(page: Chrome) -> None:
    """Every drawing takes up room, and so does every part of it that stands for something."""
    boxes = "[...document.querySelectorAll('%s')].map(e => e.getBoundingClientRect()).map(b => [b.width, b.height])"
    for selector in ("svg.chart", "svg.bar", "svg.meter", "svg.chart rect", ".bars .track", ".legend rect"):
        drawn = _all(page, boxes % selector)
        assert drawn, selector
        assert all(width > 0 and height > 0 for width, height in drawn), selector
    fills = _all(page, boxes % ".bars .fill")
    assert max(width for width, _ in fills) > 100
    colours = "new Set([...document.querySelectorAll('svg.chart rect')].map(e => getComputedStyle(e).fill)).size"
    assert _all(page, colours) >= 3


def test_the_stylesheet_is_let_in_by_its_policy(page: Chrome) -> None:
    """The policy's hash fits: the page is laid out, not a bare document."""
    assert _all(page, "getComputedStyle(document.body).display") == "grid"
    assert _all(page, "getComputedStyle(document.querySelector('.figures')).display") == "flex"


def test_hostile_text_is_only_text(page: Chrome) -> None:
    """Tags and file names that are mark-up are to be read, and do nothing."""
    assert _all(page, "window.hit") is None
    assert _all(page, "document.querySelectorAll('img, a[href^=http], b:not(.figures b)').length") == 0
    seen = page.find_element(By.TAG_NAME, "main").text
    for name in HOSTILE[:4]:
        assert name in seen
    assert "\\u202e" in seen
    assert "\u202e" not in page.page_source
    assert "contacts_<b>evil.csv" in seen


def test_even_what_got_through_could_do_nothing(page: Chrome) -> None:
    """The policy is the second wall: a script, a style or a picture put into the page by hand is refused."""
    page.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.hit = 1'; document.body.append(s);"
        "const i = document.createElement('img'); i.src = 'https://evil.example/x'; document.body.append(i);"
    )
    assert _all(page, "window.hit") is None
    assert not [url for url in _requests(page) if not url.startswith("file:")]
    assert len([entry for entry in page.get_log("browser") if "Content Security Policy" in entry["message"]]) == 2


@pytest.mark.parametrize("width", [1280, 800, 400, 320])
def test_it_fits_every_width(page: Chrome, width: int) -> None:
    """Nothing runs out of the page sideways; wide tables scroll in their own box."""
    _look(page, width=width, scheme="light")
    assert _all(page, "document.documentElement.scrollWidth") <= width


def test_day_and_night(page: Chrome, screenshots: Path) -> None:
    """The page follows what the reader's system prefers, letters standing out from the ground in both."""
    shades = {}
    for scheme in ("light", "dark"):
        _look(page, width=1280, scheme=scheme)
        ground, ink = (
            _brightness(_all(page, f"getComputedStyle(document.body).{name}")) for name in ("backgroundColor", "color")
        )
        page.save_screenshot(str(screenshots / f"{scheme}.png"))
        shades[scheme] = ground
        assert abs(ground - ink) > 150
    assert shades["light"] > 200 > 60 > shades["dark"]


def _brightness(colour: str) -> float:
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_contents_lead_to_the_sections(page: Chrome) -> None:
    """Every entry of the contents names a section that is there."""
    names = _all(page, "[...document.querySelectorAll('nav a')].map(a => a.getAttribute('href').slice(1))")
    assert len(names) > 10
    assert all(_all(page, f"document.getElementById({json.dumps(name)})?.tagName") == "SECTION" for name in names)


def test_the_places_open(page: Chrome) -> None:
    """Lists of rows are folded, and open on a click without any script."""
    places = page.find_element(By.CSS_SELECTOR, "#held details")
    lines = places.find_element(By.TAG_NAME, "dl")
    assert not lines.is_displayed()
    places.find_element(By.TAG_NAME, "summary").click()
    assert lines.is_displayed()
