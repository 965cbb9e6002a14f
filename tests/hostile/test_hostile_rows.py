"""Rows and cells that are damaged or mean harm, in one folder: what is good lands, the rest is held by its place."""

from typing import NamedTuple

import pytest

from tests.hostile.place import Place, Told, assert_inert

H = "email,first_name,last_name,company\n"
STEERING = "\x1b[31mRed\x1b[0m"
OVERRIDE = "\u202egnp.exe"
STEERING_NAME = f"contacts_{STEERING}_{OVERRIDE}.csv"


def _text(*rows: str, header: str = H) -> str:
    return header + "".join(f"{row}\n" for row in rows)


FILES: dict[str, bytes | str] = {
    "nul.csv": _text("nul@x.org,A\0da,Nu\0l,", "n\0ul@x.org,A,B,", "\0", "after-nul@x.org,A,B,"),
    "undecodable.csv": _text("bytes@x.org,Zo@,@,", "umlaut@x.org,Zoë Ærø Łódź,ß,").encode().replace(b"@,", b"\xff,"),
    "surrogate.csv": _text("half@x.org,A#B,Ångström Łódź,").encode().replace(b"#", b"\xed\xa0\x80"),
    "ragged.csv": _text("short@x.org", "long@x.org,A,B,C,D,E", "after-ragged@x.org,A,B,"),
    "quote.csv": _text('open@x.org,"Open,B,', "after-quote@x.org,A,B,", "after-quote-2@x.org,A,B,"),
    "huge.csv": _text(f"huge@x.org,{'x' * 10_000_000},B,", "after-huge@x.org,A,B,"),
    "utf16.csv": _text("utf16@x.org,Ünï,Šimek,").encode("utf-16"),
    "utf16_bare.csv": _text("bare16@x.org,Ünï,Šimek,").encode("utf-16-le"),
    "cp1252.csv": _text("cp1252@x.org,Ünï,Šimek €,").encode("cp1252"),
    "crlf.csv": _text("crlf@x.org,Ünï,Šimek,").replace("\n", "\r\n"),
    "cr.csv": _text("cr@x.org,Ünï,Šimek,").replace("\n", "\r"),
    "semicolon.csv": _text('semicolon@x.org,Ünï,"Šimek, von",').replace(",", ";").replace("Šimek;", "Šimek,"),
    "tab.csv": _text("tab@x.org,Ünï,Šimek,").replace(",", "\t"),
    "bom.csv": _text("bom@x.org,Ünï,Šimek,").encode("utf-8-sig"),
    "twice.csv": "email,first_name,First Name,last_name,email,goal,goal\ntwice@x.org,,Ünï,Šimek,other@x.org,one,two\n",
    "wide.csv": "email,first_name,last_name," + ",".join(f"c{i}" for i in range(5_000)) + "\n"
    + "wide@x.org,Ünï,Šimek," + ",".join("v" if i == 4_999 else "" for i in range(5_000)) + "\n",
    "formula.csv": _text("formula@x.org,=cmd|'/c calc'!A0,@SUM(1+1),+Acme"),
    STEERING_NAME: _text(f"steering@x.org,{STEERING},{OVERRIDE},\x1b]0;title\x07", "no address,A,B,"),
    "case_1.csv": _text("Case@X.org,Upper,,"),
    "case_2.csv": _text("case@x.ORG,,Lower,"),
    "notes\n.csv": "not,an\nexport,at all\n",
}  # fmt: skip

GOOD = {
    "after-nul", "after-ragged", "after-quote", "after-quote-2", "after-huge", "bytes", "umlaut",
    "half", "utf16", "bare16", "cp1252", "crlf", "cr", "semicolon", "tab", "bom", "twice", "wide", "formula",
    "steering", "case", "nul",
}  # fmt: skip


class Loaded(NamedTuple):
    """The place after its one load, and how the load ended."""

    place: Place
    told: Told


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """All files loaded at once, as an operator would."""
    place = Place(tmp_path_factory.mktemp("rows"))
    for name, content in FILES.items():
        place.write(name, content)
    return Loaded(place, place.load())


def test_what_is_good_lands_and_the_rest_is_left_undone(loaded: Loaded) -> None:
    """A load of damaged files ends 3: every good row is in Twenty, no other is, and the ledger proves itself."""
    assert loaded.told.code == 3
    assert set(loaded.place.people()) == {f"{name}@x.org" for name in GOOD}
    loaded.place.assert_intact()


def test_every_bad_row_is_held_with_file_line_and_column(loaded: Loaded) -> None:
    """A row that cannot be placed waits under a reason code, by the file, line and column a person can look at."""
    assert loaded.place.held_at() == {
        ("nul.csv", 3, "email", "email_invalid"),
        ("nul.csv", 4, "first_name", "row_malformed"),
        ("ragged.csv", 2, "first_name", "row_malformed"),
        ("ragged.csv", 3, "column_5", "row_malformed"),
        ("quote.csv", 2, "first_name", "row_malformed"),
        ("huge.csv", 2, "first_name", "row_malformed"),
        (STEERING_NAME, 3, "email", "email_invalid"),
    }


@pytest.mark.parametrize("name", ["utf16", "bare16", "crlf", "cr", "tab", "bom", "twice", "wide"])
def test_encodings_and_separators_are_told_apart(loaded: Loaded, name: str) -> None:
    """UTF-16 with and without a mark, all line ends, separators, repeated and 5,000 columns: the text is right."""
    person = loaded.place.people()[f"{name}@x.org"]
    assert (person["nameFirstName"], person["nameLastName"]) == ("Ünï", "Šimek")


def test_a_code_page_and_a_quoted_separator_are_read(loaded: Loaded) -> None:
    """A cp1252 file keeps its accents, and a separator of another file's kind inside a cell stays text."""
    people = loaded.place.people()
    assert people["cp1252@x.org"]["nameLastName"] == "Šimek €"
    assert people["semicolon@x.org"]["nameLastName"] == "Šimek, von"


def test_what_cannot_be_decoded_costs_that_character_only(loaded: Loaded) -> None:
    """Broken bytes, lone surrogates and NUL leave the value, with a warning; what stands beside them stays."""
    people = loaded.place.people()
    assert [people[f"{name}@x.org"]["nameFirstName"] for name in ("bytes", "half", "nul")] == ["Zo", "AB", "Ada"]
    noted = loaded.place.rows("SELECT data FROM event WHERE type = 'RowTransformed' AND data LIKE '%text_damaged%'")
    assert len(noted) == 3
    assert people["umlaut@x.org"]["nameFirstName"] == "Zoë Ærø Łódź"


def test_formulas_and_escape_sequences_travel_as_text(loaded: Loaded) -> None:
    """Twenty gets a name as Kartra has it; nothing is evaluated, nothing is obeyed, nothing is lost."""
    people = loaded.place.people()
    assert people["formula@x.org"]["nameFirstName"] == "=cmd|'/c calc'!A0"
    assert people["steering@x.org"]["nameFirstName"] == STEERING


def test_one_address_in_two_spellings_is_one_person(loaded: Loaded) -> None:
    """The same e-mail in other case, in another file, is the same person, with what both rows say."""
    person = loaded.place.people()["case@x.org"]
    assert (person["nameFirstName"], person["nameLastName"]) == ("Upper", "Lower")


@pytest.mark.parametrize(
    "command",
    [["holds"], ["holds", "--json"], ["history"], ["history", "--json"], ["history", "--format", "jsonl"],
     ["history", "--email", "steering@x.org"], ["status"], ["history", "--type", "ExportRegistered", "--json"]],
    ids=" ".join,
)  # fmt: skip
def test_nothing_read_can_steer_the_terminal(loaded: Loaded, command: list[str]) -> None:
    """Escape sequences and bidirectional overrides of names and file names are shown escaped wherever they show."""
    told = loaded.place.run(*command)
    assert told.code == 0
    assert_inert(told)


def test_every_event_with_its_body_is_inert(loaded: Loaded) -> None:
    """`show` prints what was read, bodies included, and what would steer a terminal is escaped in it."""
    [[position]] = loaded.place.rows(
        """SELECT max(position) FROM event JOIN payload ON payload.hash = payload_hash
           WHERE body LIKE '%steering@x.org%' AND type = 'RowExtracted'"""
    )
    for form in ([], ["--json"]):
        told = loaded.place.run("show", str(position), *form)
        assert "u001b" in told.out
        assert_inert(told)


def test_the_load_itself_is_inert_and_names_what_it_left(loaded: Loaded) -> None:
    """Also the line about a file that is not loaded: a file's name may hold a line end."""
    assert "left: notes\\n.csv is no Kartra export" in loaded.told.err
    assert_inert(loaded.told)


def test_a_log_for_a_spreadsheet_holds_no_formula(loaded: Loaded) -> None:
    """No cell of `history --format csv` begins like a formula."""
    place = loaded.place
    told = place.run("--actor", "=cmd|calc", "verify", "--record")
    assert told.code == 0
    assert "'=cmd|calc" in place.run("history", "--type", "VerificationMade", "--format", "csv").out
