"""Mappings that nobody signed, that were edited since, or that are wrong: refused in one line, and nothing moves."""

from pathlib import Path

import anyio
import pytest

from adapters.mapping import shipped_text
from tests.journey.crossing import cut_after
from tests.journey.handmade import Said, contact, edited, put, sale, say, sign_mapping, write_mapping
from tests.journey.world import Journey

RENAMED = ("[person.fields.kartraScore]", "[person.fields.loyalty]")


@pytest.fixture
def exports(journey: Journey) -> Path:
    """A contact and what she bought."""
    folder = journey.folder / "account"
    put(folder, "contacts_all", [contact(1, score="7", tags="VIP")])
    put(folder, "report_all_transactions", [sale(41, 1)], 1)
    return folder


def load(journey: Journey, exports: Path, *more: str) -> Said:
    """Load by the mapping as it stands."""
    return say(journey, "--sandbox", "load", exports, "--automations", "leave", *more)


def test_a_mapping_that_nobody_signed_moves_nothing(journey: Journey, exports: Path) -> None:
    """It is refused with exit 2 and what to do; accepting the defaults is no signature of another mapping."""
    path = write_mapping(journey, RENAMED)
    for more in ((), ("--accept-defaults",), ("--dry-run",)):
        refused = load(journey, exports, *more)
        assert refused.code == 2
        assert str(path) in refused.error
        assert "`confirm`" in refused.error
    assert nothing_happened(journey)


def test_a_mapping_edited_since_it_was_signed_moves_nothing(journey: Journey, exports: Path) -> None:
    """Refused until it is signed again; the refusal says who signed what was there before."""
    path = write_mapping(journey, RENAMED)
    assert say(journey, "confirm", "--yes", "--actor", "ann@office").code == 0
    path.write_text(edited(path.read_text("utf-8"), ('label = "Kartra IP"', 'label = "IP"')), "utf-8")
    refused = load(journey, exports)
    assert refused.code == 2
    assert "ann@office" in refused.error
    assert nothing_happened(journey, "confirm")
    assert say(journey, "confirm", "--yes").code == 0
    assert load(journey, exports).code == 0
    assert "loyalty" in field_names(journey)


def test_a_run_goes_on_with_the_mapping_it_began_with(journey: Journey, exports: Path) -> None:
    """What was edited while a load lay interrupted is for the next one."""
    path = sign_mapping(journey, RENAMED)
    anyio.run(cut_after, lambda: journey.load(exports, "leave"))
    path.write_text(edited(path.read_text("utf-8"), ("[person.fields.loyalty]", "[person.fields.points]")), "utf-8")
    assert say(journey, "--sandbox", "resume").code == 0
    assert "points" not in field_names(journey)
    [value] = {person["loyalty"] for person in anyio.run(journey.records, "person")}
    assert value == 7


WRONG = {
    "not TOML": ("version = 1", "version 1", "version 1"),
    "an unknown setting": ('slash_dates = "un', 'slashed = true\nslash_dates = "un', "[source]"),
    "an unknown zone": ('"America/New_York"', '"Mars/Base"', "Mars/Base"),
    "a word for a currency": ('currency = "USD"', 'currency = "dollars"', "dollars"),
    "an unknown transform": ('as = "integer"', 'as = "number"', 'as = "number"'),
    "too few columns": ('"first_name", "middle_name", ', "", 'from = ["last_name'),
    "no name for a field": ("[person.fields.kartraIp]", "[person.fields.Kartra_IP]", "[person.fields.Kartra_IP]"),
    "a field twice": ("[person.fields.kartraTaxId]", "[person.fields.kartraIp]  # again", "# again"),
    "an unknown strategy": ('from = "tags"\nas = "options"', 'from = "tags"\nas = "labels"', 'as = "labels"'),
    "an unknown form": ('[subscription]\nas = "object"', '[subscription]\nas = "task"', 'as = "task"'),
    "a constant of nothing": ('\nvalue = "CUSTOMER"\n\n[opportunity', "\n\n[opportunity", "[opportunity.fields.stage]"),
    "a name taken": ('name = "kartraAffiliate"', 'name = "kartraSubscription"', 'plural = "kartraAffiliates"'),
    "an object of Twenty's": ('name = "kartraTag"', 'name = "opportunity"', 'name = "opportunity"'),
    "a relation like a field": (
        '[affiliate]\nperson = "person"',
        '[affiliate]\nperson = "status"',
        'person = "status"',
    ),
    "one relation twice": ('entry = "list"', 'entry = "person"', 'entry = "person"'),
}
"""What is wrong → words of the shipped mapping, those in their place, and words on the line that is named."""


@pytest.mark.parametrize(("old", "new", "where"), WRONG.values(), ids=WRONG)
def test_a_wrong_mapping_is_told_by_its_line(journey: Journey, exports: Path, old: str, new: str, where: str) -> None:
    """Exit 2 and one line that names the file and the line; neither load nor confirm begins anything."""
    text = edited(shipped_text(), (old, new))
    line = line_of(text, where)
    write_mapping(journey, (old, new))
    for refused in (load(journey, exports), say(journey, "confirm", "--yes")):
        assert refused.code == 2
        assert f"mapping.toml, line {line}" in refused.error
    assert nothing_happened(journey)


def line_of(text: str, words: str) -> int:
    """The line on which some words stand, which occur once."""
    assert text.count(words) == 1, words
    return text[: text.index(words)].count("\n") + 1


def nothing_happened(journey: Journey, *commands: str) -> bool:
    """Whether these are all the runs the ledger knows of, and Twenty has no record of ours and no field."""
    runs = journey.ledger_rows("SELECT json_extract(data, '$.command') FROM event WHERE type = 'RunStarted'")
    assert [command for (command,) in runs] == list(commands)
    return not any(name.startswith(("kartra", "loyalty")) for name in field_names(journey))


def field_names(journey: Journey) -> set[str]:
    """The fields of people."""

    async def names() -> set[str]:
        async with journey.twenty() as twenty:
            return set(twenty.model.object("person").fields)

    return anyio.run(names)
