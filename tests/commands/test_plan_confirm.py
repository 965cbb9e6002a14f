"""`confirm`: a mapping shown and signed; nothing moves under another one."""

from pathlib import Path

import pytest

from adapters.mapping import shipped_text
from tests.hostile.place import Place, Told


@pytest.fixture
def mapping(place: Place) -> Path:
    """A mapping of somebody's own: the shipped one with a field renamed."""
    place.contacts("ann@x.org")
    path = place.folder / "mapping.toml"
    path.write_text(shipped_text().replace("kartraScore", "kartraPoints"), "utf-8")
    return path


def confirm(place: Place, mapping: Path, *more: str) -> Told:
    """Confirm the mapping."""
    return place.run("--mapping", mapping, "confirm", *more)


def load(place: Place, mapping: Path) -> Told:
    """Load by the mapping."""
    return place.run("--mapping", mapping, "--sandbox", "load", place.exports, "--automations", "leave")


def signatures(place: Place) -> list[tuple[str, int]]:
    """Who signed, and whether it was the shipped mapping."""
    statement = "SELECT actor, json_extract(data, '$.default') FROM event WHERE type = 'MappingConfirmed'"
    return place.rows(statement)


def test_confirming_shows_and_signs(place: Place, mapping: Path) -> None:
    """Objects, settings, the difference to the shipped mapping; one run with one signature, by the actor named."""
    told = place.run("--mapping", mapping, "--actor", "jo@desk", "confirm", "--yes")
    assert told.code == 0, told.err
    assert "-[person.fields.kartraScore]" in told.out
    assert "+[person.fields.kartraPoints]" in told.out
    assert "America/New_York" in told.out
    assert signatures(place) == [("jo@desk", 0)]
    place.assert_intact()


def test_a_confirmed_mapping_loads(place: Place, mapping: Path) -> None:
    """What is signed is what moves records."""
    refused = load(place, mapping)
    assert refused.code == 2
    assert "`confirm`" in refused.err
    confirm(place, mapping, "--yes")
    assert load(place, mapping).code == 0


def test_an_edit_after_confirming_stops_the_load(place: Place, mapping: Path) -> None:
    """The refusal says who signed what was there before; confirming again shows just the edit."""
    place.run("--mapping", mapping, "--actor", "jo@desk", "confirm", "--yes")
    mapping.write_text(mapping.read_text("utf-8").replace("kartraIp", "kartraAddressIp"), "utf-8")
    refused = load(place, mapping)
    assert refused.code == 2
    assert "jo@desk" in refused.err
    assert len(refused.err.strip().splitlines()) == 1
    again = confirm(place, mapping, "--yes")
    last = again.out.split("Differences to the mapping confirmed last:")[1]
    assert "+[person.fields.kartraAddressIp]" in last
    assert "kartraPoints" not in last
    assert load(place, mapping).code == 0


def test_confirming_twice_signs_once(place: Place, mapping: Path) -> None:
    """What is signed already is said to be, by whom; nothing is recorded."""
    confirm(place, mapping, "--yes")
    told = confirm(place, mapping)
    assert told.code == 0
    assert "already" in told.out
    assert len(signatures(place)) == 1
    assert len(place.rows("SELECT 1 FROM event WHERE type = 'RunStarted'")) == 1


def test_nobody_to_ask_is_no_yes(place: Place, mapping: Path) -> None:
    """Without a terminal and without --yes nothing is signed: exit 2, and no ledger is made."""
    told = confirm(place, mapping)
    assert told.code == 2
    assert "--yes" in told.err
    assert not place.ledger.exists()


def test_the_document_says_it_all(place: Place, mapping: Path) -> None:
    """With --json: the mapping's digest, who signed before, objects, settings, differences."""
    first = confirm(place, mapping, "--yes", "--json").document
    assert first["signed_before"] is None
    assert {one["object"] for one in first["objects"]} >= {"person", "opportunity", "task", "note", "company"}
    assert any("kartraPoints" in line for line in first["differences"]["shipped mapping"])
    second = confirm(place, mapping, "--json").document
    assert second["signed_before"]["actor"]
    assert second["sha256"] == first["sha256"]


def test_the_shipped_mapping_can_be_confirmed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping of one's own it is the shipped one that is signed, and `load` needs no word more."""
    monkeypatch.chdir(place.folder)
    place.contacts("ann@x.org")
    told = place.run("confirm", "--yes")
    assert told.code == 0, told.err
    assert signatures(place)[0][1] == 1
    assert place.run("--sandbox", "load", place.exports, "--automations", "leave").code == 0


def test_a_wrong_mapping_is_not_shown_or_signed(place: Place, mapping: Path) -> None:
    """It is told by line, exit 2."""
    mapping.write_text(mapping.read_text("utf-8").replace('as = "integer"', 'as = "number"'), "utf-8")
    told = confirm(place, mapping, "--yes")
    assert told.code == 2
    assert "line " in told.err
    assert not place.ledger.exists()


def test_hostile_mappings_do_not_steer_the_terminal(place: Place, mapping: Path) -> None:
    """An escape in a label is shown, not obeyed."""
    mapping.write_text(mapping.read_text("utf-8").replace('"Kartra score"', '"Kartra \u202escore"'), "utf-8")
    told = confirm(place, mapping, "--yes")
    assert told.code == 0
    assert "\u202e" not in told.out
