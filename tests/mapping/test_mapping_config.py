"""mapping.toml: the shipped one, edited ones, and wrong ones."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.mapping import MappingError, MappingInvalid, MappingSyntaxError, MappingUnreadable, load_mapping

Edit = Callable[..., Path]

PERSON = "createdAt emails kartraAddress kartraBlocked kartraGdprStatus kartraId kartraIp kartraJoinedAt kartraLists kartraMayContact kartraPhoneRaw kartraScore kartraSource kartraTags kartraTaxId kartraTimeZone kartraWebsite linkedinLink name phones"  # noqa: E501


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """The shipped mapping with one text replaced, as a file."""

    def make(old: str, new: str) -> Path:
        text = load_mapping().text
        assert old in text
        path = tmp_path / "mapping.toml"
        path.write_text(text.replace(old, new), "utf-8")
        return path

    return make


def test_the_shipped_mapping_is_the_default_destination() -> None:
    """Exactly the fields of the default destination schema, with the text they were read from and its digest."""
    config = load_mapping()
    assert sorted(config.person.fields) == PERSON.split()
    assert sorted(config.company.fields) == ["kartraKey", "name"]
    assert config.source.time_zone == "America/New_York"
    assert config.sha256 == hashlib.sha256(config.text.encode()).hexdigest()


def test_a_mapping_can_be_edited(edit: Edit) -> None:
    """A field can be renamed, a column kept out, a separator declared, without touching code."""
    assert "kartraPoints" in load_mapping(edit("person.fields.kartraScore", "person.fields.kartraPoints")).person.fields
    assert "budget_band" in load_mapping(edit('"google_plus"', '"budget_band"')).contact_columns
    declared = load_mapping(edit('# [source.separators]\n# tags = ";"', '[source.separators]\ntags = ";"'))
    assert declared.source.separators == {"tags": ";"}


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("[source]", "[source]\ncolour = 1", "source"),
        ('time_zone = "America/New_York"', "", "source"),
        ("America/New_York", "America/Nowhere", "source.time_zone"),
        ('"unambiguous"', '"whatever"', "source.slash_dates"),
        ('as = "integer"', 'as = "number"', "person.fields.kartraScore.as"),
        ('from = ["score"]', 'from = ["score", "points"]', "person.fields.kartraScore.from"),
        ('from = ["score"]', "from = []", "person.fields.kartraScore.from"),
        ("fields.kartraScore", "fields.kartra_score", "person.fields.kartra_score"),
        ('prefix = "kartraField"', 'prefix = "Kartra-"', "person.custom.prefix"),
        ("version = 1", "version = 2", "version"),
    ],
)
def test_a_wrong_mapping_names_file_line_and_key(edit: Edit, old: str, new: str, place: str) -> None:
    """Unknown keys, missing ones and values of no use are errors that say where, on one line."""
    path = edit(old, new)
    with pytest.raises(MappingInvalid) as raised:
        load_mapping(path)
    line, _, key = raised.value.place.partition(", ")
    assert key == place
    lines = path.read_text("utf-8").splitlines()
    assert place.rpartition(".")[2] in lines[int(line.removeprefix("line ")) - 1]
    assert str(raised.value).startswith(f"mapping.toml, {line}, {place}: ")
    assert "\n" not in str(raised.value)


def test_a_syntax_error_names_the_line(edit: Edit) -> None:
    """What is not TOML is an error with line and column."""
    with pytest.raises(MappingSyntaxError) as raised:
        load_mapping(edit("[source]", "[source"))
    assert raised.value.place.startswith("line ")


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    """A missing file, and one that is not UTF-8, are errors of their own under one base."""
    with pytest.raises(MappingUnreadable, match=r"gone\.toml"):
        load_mapping(tmp_path / "gone.toml")
    (tmp_path / "latin.toml").write_bytes(b'x = "\xe9"')
    with pytest.raises(MappingError, match="not UTF-8"):
        load_mapping(tmp_path / "latin.toml")
