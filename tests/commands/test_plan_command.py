"""`plan`: a mapping proposed from files, written so that an edit is seen, held against what Twenty has."""

import tomllib
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.mapping import load_mapping
from adapters.mapping.types import ObjectPlan
from adapters.twenty import create_object
from commands.options import Options
from commands.session import reach_twenty
from tests.hostile.place import Place, Told

SIZES = "SML"
ANSWERS = ("yes", "no")


@pytest.fixture
def mapping(place: Place) -> Path:
    """Where plans go."""
    return place.folder / "mapping.toml"


@pytest.fixture
def planned(place: Place, mapping: Path) -> Place:
    """A place with exports of own columns, another language and dollars, not yet planned."""
    rows = [
        f"p{at}@x.org,{at},+49 170 5550{at:03},{SIZES[at % 3]},{ANSWERS[at % 2]},{13 + at % 9}/0{1 + at % 9}/2001,"
        for at in range(60)
    ]
    place.write("contacts.csv", "\n".join(["email,Score,Telefon,T-Shirt,Opt in,Birthday,Void", *rows]) + "\n")
    place.write(
        "transactions.csv",
        "ID,Transaction_Type,Date,Product,Buyer_Email,Amount (EUR),Weather\n"
        "1,Sale,2026-01-02 10:00:00,Course,p1@x.org,9.50,rain\n",
    )
    place.write("stranger.csv", "Vorname,Nachname,Telefon,Firma\nAnn,Lee,1,Acme\n")
    return place


def plan(place: Place, mapping: Path, *more: str | Path) -> Told:
    """Plan the place's exports."""
    return place.run("--mapping", mapping, "plan", place.exports, *more)


def document(place: Place, mapping: Path, *more: str | Path) -> dict[str, Any]:
    """Plan, and the document of it."""
    told = plan(place, mapping, "--json", *more)
    assert told.code == 0, told.err
    found: dict[str, Any] = told.document
    return found


def columns(told: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The proposals by column."""
    return {one["column"]: one for one in told["columns"]}


def test_a_plan_says_what_becomes_of_every_column(planned: Place, mapping: Path) -> None:
    """Known, alike, typed by values, unmapped, empty: each with a confidence and a reason."""
    told = document(planned, mapping)
    found = columns(told)
    assert found["email"]["by"] == "header"
    assert (found["telefon"]["stands_for"], found["telefon"]["type"]) == ("phone", "PHONES")
    assert found["t_shirt"]["fields"] == ["person.kartraFieldTShirt"]
    assert [found[name]["type"] for name in ("t_shirt", "opt_in", "birthday")] == ["SELECT", "BOOLEAN", "DATE"]
    assert {one["column"] for one in told["unmapped"]} == {"void", "weather"}
    assert all(0 < one["confidence"] <= 1 and one["reason"] for one in found.values())
    settings = {one["setting"]: one["value"] for one in told["settings"]}
    assert (settings["source.slash_dates"], settings["source.currency"]) == ("day-first", "EUR")
    assert "Vorname (first_name)" in told["left"][0]["reason"]


def test_what_the_account_says_of_itself_counts(planned: Place, mapping: Path) -> None:
    """Its custom fields give the types, whatever the values look like; its tags tell names that hold a comma."""
    planned.write(
        "custom_fields.json",
        '{"status":"Success","custom_fields":[{"field_identifier":"t-shirt","field_type":"checkbox"},'
        '{"field_identifier":"opt_in","field_type":"input_field"}]}',
    )
    planned.write("account_tags.json", '{"account_tags":["Buyer, gold","VIP"]}')
    planned.write("tagged.csv", 'email,first_name,tags\np1@x.org,Ann,"Buyer, gold, VIP"\n')
    told = document(planned, mapping)
    found = columns(told)
    assert [(found[name]["by"], found[name]["type"]) for name in ("t_shirt", "opt_in")] == [
        ("description", "MULTI_SELECT"),
        ("description", "TEXT"),
    ]
    assert load_mapping(mapping).source.known_names == {"tags": frozenset({"Buyer, gold"})}


def test_the_mapping_written_is_what_was_said(planned: Place, mapping: Path) -> None:
    """The file loads, and says what the plan said; nobody else can read it."""
    document(planned, mapping)
    config = load_mapping(mapping)
    assert config.person.fields["phones"].columns[0] == "telefon"
    assert config.person.fields["kartraFieldTShirt"].transform == "option"
    assert (config.source.slash_dates, config.source.currency) == ("day-first", "EUR")
    assert mapping.stat().st_mode & 0o777 == 0o600


def test_planning_twice_gives_the_same_bytes(planned: Place, mapping: Path) -> None:
    """A plan depends on the files alone."""
    plan(planned, mapping)
    first = mapping.read_bytes()
    assert plan(planned, mapping).code == 0
    assert mapping.read_bytes() == first


def test_an_edited_mapping_is_not_replaced(planned: Place, mapping: Path) -> None:
    """An edit, however small, is kept: exit 2, and --force or another place are the ways on."""
    plan(planned, mapping)
    mapping.write_text(mapping.read_text("utf-8") + "# mine\n", "utf-8")
    edited = mapping.read_bytes()
    refused = plan(planned, mapping)
    assert (refused.code, mapping.read_bytes()) == (2, edited)
    assert "--force" in refused.err
    assert plan(planned, mapping, "--out", planned.folder / "other.toml").code == 0
    assert mapping.read_bytes() == edited
    assert plan(planned, mapping, "--force").code == 0
    assert mapping.read_bytes() != edited


@pytest.mark.parametrize(
    "content", [b"", b"version = 1\n", b"\xff\xfe", b"# Proposed by `plan`; as it was written: 00\n"]
)
def test_what_no_plan_wrote_is_not_replaced(planned: Place, mapping: Path, content: bytes) -> None:
    """A file of somebody's own is theirs."""
    mapping.write_bytes(content)
    assert plan(planned, mapping).code == 2
    assert mapping.read_bytes() == content


def test_a_plan_writes_no_ledger(planned: Place, mapping: Path) -> None:
    """Planning happens before there is anything to record."""
    plan(planned, mapping)
    assert not planned.ledger.exists()


def test_the_table_fits_a_terminal(planned: Place, mapping: Path) -> None:
    """Every table in 80 columns; what nobody looked at is said."""
    told = plan(planned, mapping)
    tables = [line for line in told.out.splitlines() if not line.startswith(str(mapping))]
    assert max(map(len, tables)) <= 80
    assert "nobody looked" in told.out
    assert "Unmapped" in told.out
    assert "confirm" in told.out


def test_hostile_headers_are_inert(place: Place, mapping: Path) -> None:
    """A header that would steer a terminal, or end a comment or a string, does neither."""
    header = 'email,first_name,"x\x1b[31m\u202e""] = 1 #",=cmd'
    place.write("contacts.csv", "\n".join([header, *[f"p{at}@x.org,A,{at % 2},{at}" for at in range(40)]]) + "\n")
    told = plan(place, mapping)
    assert told.code == 0
    assert "\x1b" not in told.out + mapping.read_text("utf-8")
    assert set(tomllib.loads(mapping.read_text("utf-8"))["person"]) == {"company", "skip", "custom", "fields"}


def test_files_that_cannot_be_planned_are_told(place: Place, mapping: Path) -> None:
    """An empty folder, and one that is not there: exit 2 in one line, no file."""
    assert plan(place, mapping).code == 2
    assert place.run("--mapping", mapping, "plan", place.folder / "gone").code == 2
    assert not mapping.exists()


def test_a_place_that_cannot_be_written_is_told(planned: Place) -> None:
    """A folder in the way is wrong use, in one line."""
    target = planned.folder / "taken.toml"
    target.mkdir()
    refused = plan(planned, target)
    assert refused.code == 2
    assert len(refused.err.strip().splitlines()) <= 2


# --- held against Twenty ---------------------------------------------------------------------------------------------


def model(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """State and detail by `object.field`."""
    return {f"{one['object']}.{one['field']}": (one["state"], one["detail"]) for one in told["model"]}


def load(place: Place, mapping: Path) -> None:
    """Confirm and load."""
    assert place.run("--mapping", mapping, "confirm", "--yes").code == 0
    loaded = place.run("--mapping", mapping, "--sandbox", "load", place.exports, "--automations", "leave")
    assert loaded.code == 0, loaded.err


def test_a_plan_says_what_twenty_has(planned: Place, mapping: Path) -> None:
    """Nothing at first; after a load by this very plan, everything; and new options are said to be added."""
    before = model(document(planned, mapping, "--sandbox"))
    assert before["person.kartraFieldTShirt"] == ("to be made", "3 options")
    assert set(before.values()) >= {("to be made", "")}
    load(planned, mapping)
    after = model(document(planned, mapping, "--sandbox"))
    assert after["person.kartraFieldTShirt"] == ("there", "3 options")
    assert {state for state, _ in after.values()} <= {"there", "to be made"}
    row = "q@x.org,5,+491705559999,XL,yes,13/01/2001,"
    planned.write("contacts.csv", (planned.exports / "contacts.csv").read_text("utf-8") + f"{row}\n" * 9)
    assert model(document(planned, mapping, "--sandbox"))["person.kartraFieldTShirt"] == (
        "options to be added",
        "1 option",
    )


def test_names_that_are_taken_are_given_others(planned: Place, mapping: Path) -> None:
    """A field of another type keeps its name in Twenty; ours gets another, and can then be made."""
    plan(planned, mapping)
    text = mapping.read_text("utf-8")
    for name, old, new in (("kartraScore", "integer", "text"), ("kartraFieldTShirt", "option", "text")):
        at = text.index(f"[person.fields.{name}]")
        text = text[:at] + text[at:].replace(f'as = "{old}"', f'as = "{new}"', 1)
    mapping.write_text(text, "utf-8")
    load(planned, mapping)
    told = document(planned, mapping, "--sandbox", "--force")
    assert columns(told)["t_shirt"]["fields"] == ["person.kartraFieldTShirt2"]
    found = model(told)
    assert (found["person.kartraScore2"][0], found["person.kartraFieldTShirt2"][0]) == ("to be made", "to be made")
    assert "Twenty has person.kartraScore already" in mapping.read_text("utf-8")
    assert planned.run("--mapping", mapping, "confirm", "--yes").code == 0
    applied = planned.run("--mapping", mapping, "--sandbox", "schema", "apply", planned.exports)
    assert applied.code == 0, applied.err
    assert model(document(planned, mapping, "--sandbox"))["person.kartraScore2"][0] == "there"


def test_an_object_that_is_taken_is_given_another_name(planned: Place, mapping: Path) -> None:
    """Somebody's own object of that name keeps it; ours, with all its fields, gets another."""
    anyio.run(
        _make_object, planned, ObjectPlan(name="kartraAffiliate", plural="kartraPartners", label="P", label_plural="Ps")
    )
    planned.write("affiliates.csv", "Affiliate,Username,Email,Status,Earned\nJo,jo,jo@x.org,Approved,5\n")
    told = document(planned, mapping, "--sandbox")
    assert columns(told)["earned"]["fields"] == ["kartraAffiliate2.earned"]
    assert model(told)["kartraAffiliate2."] == ("to be made", "")
    config = load_mapping(mapping)
    assert config.affiliate is not None
    assert (config.affiliate.object.name, config.affiliate.object.plural) == ("kartraAffiliate2", "kartraAffiliates2")
    load(planned, mapping)
    assert model(document(planned, mapping, "--sandbox"))["kartraAffiliate2."] == ("there", "")


async def _make_object(place: Place, made: ObjectPlan) -> None:
    options = Options()
    options.ledger, options.sandbox = place.ledger, True
    async with reach_twenty(options) as twenty:
        await create_object(twenty.client, made)


def test_a_destination_without_a_key_is_told(planned: Place, mapping: Path) -> None:
    """An address without a key is wrong use; the plan is not written half-looked."""
    refused = plan(planned, mapping, "--twenty-url", "http://127.0.0.1:9")
    assert (refused.code, mapping.exists()) == (2, False)
    assert "API key" in refused.error
