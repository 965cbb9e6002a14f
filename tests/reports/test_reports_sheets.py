"""Sheets and tables: nothing in them runs, numbers stay numbers, and files are private and whole."""

import csv
import io
import stat
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.reports.files import write_text
from adapters.reports.sheets import GUARD, importable, inert, markdown_table, write_sheet

FORMULAS = (
    "=1+1", "+46 70", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000＝1", "＋1", "－1+1", "＠x",
    "\ufeff=1", "\u200b=1", "-", "+46701740154", "- 5",
)  # fmt: skip
NUMBERS = ("-12.50", "0", "007", "12.5", "-3")
TEXTS = ("", "plain", "a=1", "zoe@x.org", "'quoted", "1,5-2", "Zoë 👩\u200d🚀")

_anything = st.text(st.characters(exclude_categories=()) | st.sampled_from("=+-@＝; \t\r\n'\u200d\ufeff\x1b"))


def _runs(cell: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula, said in another way than the code does."""
    if cell.startswith(("'", GUARD)):
        return False
    for character in unicodedata.normalize("NFKC", cell):
        if character in "=+-@":
            return not cell.replace("-", "", 1).replace(".", "", 1).isdecimal()
        if not (character.isspace() or character in "\u200b\ufeff\u2060\u200e\u200f"):
            return False
    return False


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_are_guarded(text: str) -> None:
    """What a spreadsheet takes for a formula gets a guard in front, also behind blanks and in full-width letters."""
    assert inert(text)[0] == "'" or not _runs(inert(text))
    assert importable(text)[0] == GUARD


@pytest.mark.parametrize("text", [*NUMBERS, *TEXTS])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    """What no spreadsheet runs is written as it is, negative amounts too."""
    assert (inert(text), importable(text)) == (text, text)


@given(_anything)
def test_no_text_runs(text: str) -> None:
    """Of any text, neither kind of sheet holds a formula; guarding for people twice is guarding once."""
    assert not _runs(inert(text))
    assert not _runs(importable(text))
    assert inert(inert(text)) == inert(text)


@given(_anything)
def test_twenty_reads_the_very_value(text: str) -> None:
    """Twenty's import takes one joiner off; what it has then is the value, line ends and control characters aside."""
    cell = importable(text)
    read = cell.removeprefix(GUARD)
    wanted = text.replace("\r\n", "\n").replace("\r", "\n")
    assert len(read) == len(wanted)
    assert all(
        ours == theirs or unicodedata.category(theirs) in ("Cc", "Cs")
        for ours, theirs in zip(read, wanted, strict=True)
    )


def test_a_formula_behind_another_separator_is_guarded() -> None:
    """Where a spreadsheet cuts cells at `;`, what comes behind one is no formula either."""
    assert inert("all;=1+1; -2") == "all;'=1+1;' -2"


def test_what_steers_a_terminal_is_shown() -> None:
    """Escape sequences and bidirectional overrides are written out for people, and harmless to an import."""
    assert inert("a\x1b[31m\u202eb") == "a\\x1b[31m\\u202eb"
    assert importable("a\x1b[31m") == "a\ufffd[31m"


def test_a_sheet_is_private_utf8_and_crlf(tmp_path: Path) -> None:
    """A sheet is 0600, UTF-8 without a mark, with CRLF; quotes, commas and line breaks come back as they were."""
    path = tmp_path / "new" / "sheet.csv"
    assert write_sheet(path, ["name", "n"], [['Zoë "Z", x\ny', -5], ["=1", None]]) == 2
    data = path.read_bytes()
    assert data.startswith(b"name,n\r\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert rows == [["name", "n"], ['Zoë "Z", x\ny', "-5"], ["'=1", ""]]


def test_a_sheet_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    """A sheet that cannot be finished leaves what stood there, and nothing beside it."""
    path = tmp_path / "sheet.csv"
    write_sheet(path, ["a"], [["old"]])
    with pytest.raises(ValueError, match="a row of 2 cells under a header of 1"):
        write_sheet(path, ["a"], [["new"], ["too", "long"]])
    assert path.read_text() == "a\nold\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_text_is_written_privately(tmp_path: Path) -> None:
    """Reports are as private as sheets, and a second one takes the first one's place."""
    path = tmp_path / "report.md"
    write_text(path, "one")
    write_text(path, "zwei ☃")
    assert path.read_text("utf-8") == "zwei ☃"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_tables_are_escaped_and_numbers_stand_right() -> None:
    """A cell cannot end its column, nor become mark-up; whole numbers are set to the right, also beside blanks."""
    table = markdown_table(["n|ame", "count"], [["a|b\n<b>*x*`", 1], ["", None]])
    assert table.splitlines() == ["| n\\|ame | count |", "| --- | ---: |", "| a\\|b \\<b\\>\\*x\\*\\` | 1 |", "|  |  |"]


def test_a_row_that_does_not_fit_its_table_is_a_defect() -> None:
    """A row longer than its header is refused: its cells would stand under the wrong names."""
    with pytest.raises(ValueError, match="a row of 1 cells"):
        markdown_table(["a", "b"], [["x"]])
