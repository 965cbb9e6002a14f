"""Finding things in the console with a real browser: records by every key, stories, rows, exports, proof."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from adapters.reports.sheets import inert
from tests.browser.console_ledgers import ACCOUNT_FILE, ANN, ANN_LINE, BOB, EVE, LATER_FILE, NAMELESS, twenty_id
from tests.browser.console_pages import stream
from tests.browser.console_world import TWENTY, Console
from tests.browser.looking import going_on, look, scripts_off, told

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

_NAMELESS_LINE = 4
"""Where the first contact without an e-mail stands."""


@pytest.fixture(autouse=True)
def desk(browser: Chrome) -> None:
    """Each test begins at a desk's width and by day."""
    look(browser)


@pytest.mark.parametrize(
    "key",
    [
        lambda console: ANN["email"],
        lambda console: ANN["email"].upper(),
        lambda console: "ARCH",
        lambda console: "anna arch",
        lambda console: ANN["id"],
        lambda console: twenty_id(console.story, ANN["email"]),
        lambda console: f"{ACCOUNT_FILE}:{ANN_LINE}",
        lambda console: f"{LATER_FILE}:{ANN_LINE}",
    ],
    ids=["e-mail", "e-mail in capitals", "name", "both names", "Kartra's id", "Twenty's id", "row", "later row"],
)
def test_a_record_is_found_by_what_a_person_has_of_it(
    browser: Chrome, console: Console, key: Callable[[Console], str]
) -> None:
    """Typed into the search of any page, each key leads to the record, and a click to its story."""
    browser.get(console.at("mappings"))
    _type(browser, key(console))
    browser.find_element(By.CSS_SELECTOR, "main table").find_element(By.LINK_TEXT, "Anna Archer").click()
    assert browser.current_url == console.at("record", key=stream(ANN), object="person")


def test_a_held_row_is_found_by_its_place(browser: Chrome, console: Console) -> None:
    """Nothing was made of it, and still it is found, with its cells."""
    browser.get(console.at())
    _type(browser, f"{ACCOUNT_FILE}:{_NAMELESS_LINE + 3}")
    browser.find_element(By.CSS_SELECTOR, "main .callout a.place").click()
    row = browser.find_element(By.ID, f"line-{_NAMELESS_LINE + 3}")
    assert "held" in row.find_element(By.CLASS_NAME, "state").text
    assert _cells(row)["first_name"] == NAMELESS[3]["first_name"]


def _type(browser: Chrome, text: str) -> None:
    box = browser.find_element(By.CSS_SELECTOR, "[role=search] input")
    with going_on(browser):
        box.send_keys(text, Keys.ENTER)


def _cells(row: WebElement) -> dict[str, str]:
    names, values = (row.find_elements(By.CSS_SELECTOR, f".cells {tag}") for tag in ("dt", "dd"))
    return {name.text: value.text for name, value in zip(names, values, strict=True)}


# --- stories ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def story(browser: Chrome, console: Console) -> Chrome:
    """The browser at the record that was loaded, changed by the delta, and rolled back."""
    browser.get(console.at("record", key=stream(ANN), object="person"))
    return browser


@pytest.mark.parametrize(
    "key",
    [
        lambda place: ("--email", ANN["email"]),
        lambda place: ("--twenty-id", twenty_id(place, ANN["email"])),
        lambda place: ("--source", f"{ACCOUNT_FILE}:{ANN_LINE}"),
    ],
    ids=["e-mail", "Twenty's id", "row"],
)
def test_a_record_tells_the_story_the_command_line_tells(
    story: Chrome, console: Console, key: Callable[[Any], tuple[str, str]]
) -> None:
    """Every event that `history` names is there, in the same order, from the first row to the record's end."""
    events = console.story.told("history", *key(console.story))["events"]
    shown = [int(cell.text.replace("\u2009", "")) for cell in _column(story, "#events", "Event")]
    assert [one["position"] for one in events] == shown
    assert {"RowExtracted", "RecordCreated", "RecordUpdated", "RecordDeleted"} <= {one["type"] for one in events}


def _column(browser: Chrome, heading: str, label: str) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, f"section[aria-labelledby='{heading[1:]}'] td[data-label='{label}']")


def test_what_differs_is_marked(browser: Chrome, console: Console) -> None:
    """The field that the delta changed has the value before and the value sent, and the mark; another has not."""
    browser.get(console.at("record", key=stream(EVE), object="person"))
    changed, same = _field(browser, "name.firstName"), _field(browser, "name.lastName")
    assert changed.find_element(By.CSS_SELECTOR, "td.mark").text == EVE["first_name"]
    assert changed.find_element(By.TAG_NAME, "ins").text == "Eva"
    assert "first_name Eva" in changed.find_element(By.CSS_SELECTOR, "td[data-label='In Kartra']").text
    assert not same.find_elements(By.CSS_SELECTOR, ".mark, ins")


def test_what_was_taken_back_is_not_said_to_be_there(story: Chrome) -> None:
    """A record that was rolled back should hold nothing now, and what its change replaced is still told."""
    assert "Should hold now" not in story.find_element(By.CLASS_NAME, "fields").text
    assert "undone at" in story.find_element(By.CSS_SELECTOR, "section[aria-labelledby='changes'] h3").text
    before, sent = story.find_elements(By.CSS_SELECTOR, "section[aria-labelledby='changes'] .beside > div")
    assert f"firstName {ANN['first_name']}" in before.text
    assert "firstName Anna" in sent.text


def _field(browser: Chrome, name: str) -> WebElement:
    rows = browser.find_elements(By.CSS_SELECTOR, ".fields tbody tr")
    return next(row for row in rows if row.find_element(By.TAG_NAME, "th").text == name)


def test_a_place_leads_to_its_row(story: Chrome) -> None:
    """A link to file and line leads to the row, brought into view and marked, with its cells."""
    story.find_element(By.CSS_SELECTOR, "section[aria-labelledby='rows'] a.place").click()
    assert story.current_url.endswith(f"#line-{ANN_LINE}")
    row = story.find_element(By.ID, f"line-{ANN_LINE}")
    assert "is-target" in str(row.get_attribute("class"))
    assert told(story, f"document.getElementById('line-{ANN_LINE}').getBoundingClientRect().top") < 900
    assert _cells(row) == {name: value for name, value in ANN.items() if value}


def test_a_link_leads_to_twenty(browser: Chrome, console: Console) -> None:
    """A record that stands in Twenty is one click away, and Twenty is not told from where."""
    browser.get(console.at("record", key=stream(BOB), object="person"))
    link = browser.find_element(By.CSS_SELECTOR, "a.outside")
    assert link.get_attribute("href") == f"{TWENTY}/object/person/{twenty_id(console.story, BOB['email'])}"
    assert link.get_attribute("rel") == "noreferrer noopener"


# --- exports ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def downloads(browser: Chrome, tmp_path: Path) -> Iterator[Path]:
    """Where the browser puts what it downloads."""
    settings = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", settings)
    yield tmp_path
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "default"})


@pytest.mark.parametrize("ledger", ["story", "hostile"])
@pytest.mark.parametrize("name", ["records", "events", "holds", "runs", "files", "rows"])
def test_a_list_is_downloaded_whole_and_harmless(
    browser: Chrome, console: Console, downloads: Path, name: str, ledger: str
) -> None:
    """Both links of a list give all of it: as JSON lines, and as CSV no cell of which is a formula."""
    parts = ["files", console.api("files", ledger=ledger)["items"][-1]["file"]] if name == "rows" else [name]
    browser.get(console.at(*parts, ledger=ledger))
    lines = _downloaded(browser, downloads / f"{ledger}-{name}.jsonl", "JSON lines")
    table = _downloaded(browser, downloads / f"{ledger}-{name}.csv", "CSV")
    items = [json.loads(line) for line in lines.split("\n") if line]
    header, *rows = csv.reader(io.StringIO(table, newline=""))
    assert len(items) == len(rows) > 0
    assert {len(row) for row in rows} == {len(header)}
    assert [cell for row in [header, *rows] for cell in row if inert(cell) != cell] == []


def _downloaded(browser: Chrome, path: Path, link: str) -> str:
    browser.find_element(By.CSS_SELECTOR, ".downloads").find_element(By.LINK_TEXT, link).click()
    # The browser first puts an empty file there, and writes beside it.
    whole = WebDriverWait(browser, 10, poll_frequency=0.05)
    whole.until(lambda _: path.exists() and path.stat().st_size and not list(path.parent.glob("*.crdownload")))
    return path.read_bytes().decode()


# --- proof -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_the_chain_is_recomputed_and_whole(browser: Chrome, console: Console, scripts: bool) -> None:
    """Recomputed on the spot: whole, with the head that the command line says, which may be held against it."""
    head = console.story.told("head")
    kept = f"{head['position']}:{head['hash']}"
    if scripts:
        _recompute(browser, console, kept)
    else:
        with scripts_off(browser):
            _recompute(browser, console, kept)
    found = browser.find_element(By.CSS_SELECTOR, ".steps .callout")
    assert found.text.startswith("Whole.")
    assert kept in found.text
    assert "The head kept elsewhere is part of it." in found.text


def test_a_head_that_never_was_does_not_hold(browser: Chrome, console: Console) -> None:
    """A head kept elsewhere that is not of this chain: the page says so, also right behind another's recomputation."""
    position = console.story.told("head")["position"]
    _recompute(browser, console, "")
    _recompute(browser, console, f"{position}:{'0' * 64}")
    found = browser.find_element(By.CSS_SELECTOR, ".steps .callout")
    assert found.text.startswith("This ledger does not hold.")
    assert "Whole." not in browser.find_element(By.TAG_NAME, "main").text


def _recompute(browser: Chrome, console: Console, head: str) -> None:
    browser.get(console.at("verify"))
    box = browser.find_element(By.NAME, "expect")
    with going_on(browser):
        box.send_keys(head, Keys.ENTER)
    WebDriverWait(browser, 20).until(lambda now: now.find_elements(By.CSS_SELECTOR, ".steps .callout"))
