"""inventory: the forms it writes, the list it takes, and what it prints; hostile names are inert everywhere."""

import csv
import stat
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from commands.errors import WrongUse
from commands.inventory import FILES, command
from commands.rebuilding.listed import Listed, listed_in
from tests.inventory.answers import lead, write_lines

HOSTILE = '=HYPERLINK("http://x")|`<img src=x>`\x1b[31m\u202e'
WELCOME = [
    lead(number, ("Welcome", str(step), "active"), tags=["Buyer"]) for number, step in enumerate([1, 3, 3, 3, 7, 7], 1)
]
OTHERS = [lead(number, (HOSTILE, "1", "unsubscribed"), memberships=[(HOSTILE, "", "1")]) for number in range(10, 30)]


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """A folder with answers about contacts of two sequences."""
    folder = tmp_path / "exports"
    write_lines(folder / "leads.jsonl", [*WELCOME, *OTHERS])
    return folder


def _run(*words: str | Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(command, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def _sheet(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def test_a_sequence_has_a_row_and_its_steps_theirs(exports: Path, tmp_path: Path) -> None:
    """One row a sequence; one row a step up to the highest seen; what a person must find out is blank."""
    assert _run(exports, "--out", tmp_path / "out")[0] == 0
    welcome = _sheet(tmp_path / "out" / "inventory.csv")[0]
    assert {name: cell for name, cell in welcome.items() if cell} == {
        "sequence": "Welcome",
        "contacts_active": "6",
        "contacts_unsubscribed": "0",
        "contacts_other": "0",
        "highest_step_seen": "7",
        "active_by_step": "1: 1; 3: 3; 7: 2",
        "trigger_guess": "tag Buyer (6 of its contacts, x4.3)",
    }
    steps = [row for row in _sheet(tmp_path / "out" / "inventory-steps.csv") if row["sequence"] == "Welcome"]
    assert [(row["step"], row["contacts_active"]) for row in steps] == [
        ("1", "1"), ("2", "0"), ("3", "3"), ("4", "0"), ("5", "0"), ("6", "0"), ("7", "2"),
    ]  # fmt: skip
    assert {row[blank] for row in steps for blank in ("type", "delay", "subject_line", "body")} == {""}


def test_a_number_written_by_mistake_fills_no_sheet(tmp_path: Path) -> None:
    """Steps are laid out up to a bound; the one that was seen is told all the same."""
    write_lines(tmp_path / "exports" / "leads.jsonl", [lead(1, ("Welcome", "999999999", "active"))])
    assert _run(tmp_path / "exports", "--out", tmp_path / "out")[0] == 0
    steps = _sheet(tmp_path / "out" / "inventory-steps.csv")
    assert (len(steps), steps[-1]["step"]) == (201, "999999999")


def test_the_form_says_what_is_not_known(exports: Path, tmp_path: Path) -> None:
    """The Markdown form has a part a sequence, blanks to fill in, guesses called guesses, and what nobody can tell."""
    assert _run(exports, "--out", tmp_path / "out")[0] == 0
    text = (tmp_path / "out" / "inventory.md").read_text("utf-8")
    for words in (
        "## Welcome",
        "- Trigger: ____",
        "a guess:",
        "## What is not known",
        "Delays, conditions",
        "lower bound",
    ):
        assert words in text


def test_hostile_names_are_inert_everywhere(exports: Path, tmp_path: Path) -> None:
    """A name with a formula, mark-up and escape sequences runs nowhere: sheets, form, terminal, document."""
    also = tmp_path / "also.csv"
    also.write_text(f"form,'{HOSTILE}'\npage,@SUM(1)\n", "utf-8")
    code, out, _ = _run(exports, "--out", tmp_path / "out", "--also", also)
    assert code == 0
    written = {name: (tmp_path / "out" / name).read_text("utf-8") for name in FILES}
    for text in (out, *written.values()):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert "<img" not in written["inventory.md"].replace("\\<img", "")
    sheets = [_sheet(tmp_path / "out" / name) for name in FILES if name.endswith(".csv")]
    cells = {cell for rows in sheets for row in rows for cell in row.values()}
    assert not {cell for cell in cells if cell.startswith(("=", "@", "+"))}
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)
    code, out, _ = _run(exports, "--out", tmp_path / "again", "--json")
    assert "\x1b" not in out
    assert HOSTILE in [one["name"] for one in msgspec.json.decode(out)["sequences"]]


def test_nothing_in_the_forms_is_about_a_person(exports: Path, tmp_path: Path) -> None:
    """Neither e-mails nor numbers of contacts stand in any file, and the files are their owner's alone."""
    assert _run(exports, "--out", tmp_path / "out")[0] == 0
    for path in (tmp_path / "out").iterdir():
        assert "@x.org" not in path.read_text("utf-8")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(FILES)


def test_a_form_that_may_be_filled_in_is_not_written_over(exports: Path, tmp_path: Path) -> None:
    """A second run leaves the first one's files alone and says where else to go."""
    assert _run(exports, "--out", tmp_path / "out")[0] == 0
    (tmp_path / "out" / "inventory.csv").write_text("filled in")
    code, _, err = _run(exports, "--out", tmp_path / "out")
    assert (code, "may be filled in; name another folder" in err) == (2, True)
    assert (tmp_path / "out" / "inventory.csv").read_text() == "filled in"


def test_a_terminal_gets_a_summary_and_a_program_a_document(exports: Path, tmp_path: Path) -> None:
    """The busiest sequence first, in 80 columns; with `--json` one document of pinned keys."""
    code, out, _ = _run(exports, "--out", tmp_path / "out")
    assert (code, out.splitlines()[1].split()[:2]) == (0, ["Welcome", "6"])
    assert max(len(line) for line in out.splitlines() if str(tmp_path) not in line) <= 80
    code, out, _ = _run(exports, "--out", tmp_path / "again", "--json")
    assert (code, set(msgspec.json.decode(out))) == (
        0,
        {
            "as_of", "answers", "contacts", "left_out", "unreadable", "sequences", "memberships", "listed", "folder",
            "files",
        },
    )  # fmt: skip


def test_a_list_alone_is_enough(tmp_path: Path) -> None:
    """Who has no answers about contacts still gets a form of what was listed, and is told what is not known."""
    (tmp_path / "exports").mkdir()
    also = tmp_path / "also.txt"
    also.write_text("automation,Tag buyers\n")
    code, out, _ = _run(tmp_path / "exports", "--out", tmp_path / "out", "--also", also)
    assert (code, "0 sequences of 0 contacts" in out) == (0, True)
    text = (tmp_path / "out" / "inventory.md").read_text("utf-8")
    assert "No answers about contacts were read" in text
    assert "| automation | Tag buyers |" in text


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("form,Checkout\n", [Listed(kind="form", name="Checkout")]),
        ("\ufeffKind, Name ,Remarks\r\n\r\npage, Home , a, b \r\n", [Listed(kind="page", name="Home", remarks="a, b")]),
        ('form,"Two\nlines, one name",x\n', [Listed(kind="form", name="Two\nlines, one name", remarks="x")]),
        ("kind,name\n", []),
    ],
)
def test_lists_are_read_as_people_write_them(tmp_path: Path, text: str, listed: list[Listed]) -> None:
    """With a header or without, with a mark, blank lines, blanks around commas, and commas in the remarks."""
    path = tmp_path / "also.csv"
    path.write_bytes(text.encode())
    assert listed_in(path) == listed


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"form,A\nCheckout\n", "line 2: a line is kind,name,remarks"),
        (b"form,\n", "line 1"),
        (b"form,Caf\xe9\n", "no UTF-8"),
        (b'form,"' + b"x" * 2_000_000, "line 1: field larger than"),
    ],
    ids=["one cell", "no name", "latin-1", "endless"],
)
def test_a_list_that_cannot_be_read_names_the_line(tmp_path: Path, data: bytes, why: str) -> None:
    """Nothing on the list is passed over in silence."""
    path = tmp_path / "also.csv"
    path.write_bytes(data)
    with pytest.raises(WrongUse, match=why):
        listed_in(path)


def test_a_missing_list_or_folder_is_wrong_use(exports: Path, tmp_path: Path) -> None:
    """Places that are not there, or cannot be written, are one line and exit 2."""
    (tmp_path / "file").write_text("x")
    for words in (
        (exports, "--also", tmp_path / "nowhere.csv", "--out", tmp_path / "out"),
        (tmp_path / "nowhere", "--out", tmp_path / "out"),
        (exports, "--out", tmp_path / "file" / "below"),
    ):
        code, _, err = _run(*words)
        assert (code, len(err.splitlines())) == (2, 1), err
