"""Generated exports of contacts with dirty rows, loaded: what Twenty holds equals what was made up."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import anyio
import pytest

from adapters.twenty import counts, differences
from commands.holds import holds
from commands.loading import Loaded
from tests.journey.world import Journey, blank, by_email, to_come, written

pytestmark = pytest.mark.timeout(180)

_OTHERS = ("opportunity", "task", "taskTarget", "attachment", "workflowRun")


@pytest.fixture(scope="module", params=[500, pytest.param(5_000, marks=pytest.mark.soak)])
def contacts(request: pytest.FixtureRequest) -> int:
    """How many contacts the exports hold."""
    return int(request.param)


@pytest.fixture(scope="module")
def journey(contacts: int, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """An empty ledger and a new workspace, for all tests of the file."""
    return Journey(tmp_path_factory.mktemp(f"truth{contacts}"))


@pytest.fixture(scope="module")
def exports(journey: Journey, contacts: int) -> Path:
    """The exports."""
    return journey.sample(contacts, seed=11)


@pytest.fixture(scope="module")
def loaded(journey: Journey, exports: Path) -> Loaded:
    """What the load came to."""
    return anyio.run(journey.load, exports)


@pytest.fixture(scope="module")
def truth(exports: Path) -> Any:
    """What must come of the exports."""
    return json.loads((exports / "truth.json").read_text())


@pytest.mark.anyio
async def test_people_equal_the_truth_field_by_field(journey: Journey, loaded: Loaded, truth: Any) -> None:
    """Every contact is one person with exactly the values made up, no other field is filled, and our mark."""
    found = by_email(await journey.records("person"))
    async with journey.twenty() as twenty:
        nothing = blank(twenty.model.object("person"))
    assert found.keys() == {one["email"] for one in truth["people"]}
    wrong = [
        (one["email"], difference)
        for one in truth["people"]
        for difference in differences({**nothing, **one["fields"]}, found[one["email"]])
    ]
    assert wrong == []
    marks = {json.dumps(one["createdBy"], sort_keys=True) for one in found.values()}
    assert [json.loads(mark) for mark in marks] == [
        {"source": "IMPORT", "workspaceMemberId": None, "name": "Kartra", "context": {"run": loaded.run}}
    ]


@pytest.mark.anyio
async def test_companies_and_who_works_there_equal_the_truth(journey: Journey, loaded: Loaded, truth: Any) -> None:
    """Companies are those made up, each once, nothing else filled in; every person points at hers, or at none."""
    companies = await journey.records("company")
    keys = {one["id"]: one["kartraKey"] for one in companies}
    async with journey.twenty() as twenty:
        nothing = blank(twenty.model.object("company"))
    named = {one["key"]: one["name"] for one in truth["companies"]}
    assert sorted(keys.values()) == sorted(named)
    expected = {key: {**nothing, "name": name, "kartraKey": key} for key, name in named.items()}
    assert [found for one in companies for found in differences(expected[one["kartraKey"]], one)] == []
    people = by_email(await journey.records("person"))
    linked = {email: keys.get(one["companyId"]) for email, one in people.items()}
    assert linked == {one["email"]: one["company"] for one in truth["people"]}


@pytest.mark.anyio
async def test_notes_and_whose_they_are_equal_the_truth(journey: Journey, loaded: Loaded, truth: Any) -> None:
    """Every contact's notes are one note with exactly what was made up, tied to her and to nothing else."""
    notes = {one["id"]: one for one in await journey.records("note")}
    ties = await journey.records("noteTarget")
    async with journey.twenty() as twenty:
        nothing, no_tie = blank(twenty.model.object("note")), blank(twenty.model.object("noteTarget"))
    people = {one["id"]: email for email, one in by_email(await journey.records("person")).items()}
    found = {people[one["targetPersonId"]]: notes.pop(one["noteId"]) for one in ties}
    assert notes == {}
    assert found.keys() == {one["person"] for one in truth["notes"]}
    expected = {one["person"]: {**nothing, **one["fields"]} for one in truth["notes"]}
    assert [each for email, one in expected.items() for each in differences(one, found[email])] == []
    assert [each for one in ties for each in differences(no_tie, one)] == []


@pytest.mark.anyio
async def test_nothing_else_was_made(journey: Journey, loaded: Loaded, truth: Any, exports: Path) -> None:
    """Of every other object there is nothing, and of the timeline one row a record, once the queue is done."""
    await journey.settled_dump()
    async with journey.twenty() as twenty:
        found = await counts(twenty.client, [twenty.model.object(name) for name in (*_OTHERS, "timelineActivity")])
    assert {name: found[name].live for name in _OTHERS} == dict.fromkeys(_OTHERS, 0)
    assert {count.deleted for count in found.values()} == {0}
    assert found["timelineActivity"].live == sum(to_come(exports).values())


@pytest.mark.anyio
async def test_held_rows_equal_the_truth(journey: Journey, loaded: Loaded, truth: Any) -> None:
    """Every row that cannot be placed is held once, with its file, line, column and reason; no other row is."""
    listed = await holds(journey.options, None)
    found = Counter((one.file, one.line, one.column, one.reason) for one in listed)
    assert found == Counter((one["file"], one["line"], one["column"], one["reason"]) for one in truth["held"])
    assert {one.state for one in listed} == {"open"}
    assert loaded.undone == loaded.open_holds == len(listed)


def test_the_shape_of_holds_is_as_published(journey: Journey, loaded: Loaded, truth: Any) -> None:
    """`holds --json` is one document, `{"holds": [{id, file, line, column, object, reason, state}]}`."""
    told = journey.told("holds")
    assert list(told) == ["holds"]
    assert {tuple(one) for one in told["holds"]} == {("id", "file", "line", "column", "object", "reason", "state")}
    assert len(told["holds"]) == len(truth["held"])


def test_the_books_balance(loaded: Loaded, truth: Any, exports: Path) -> None:
    """Every row read is accounted for, and every record made is written."""
    rows = loaded.books.rows
    assert loaded.books.imbalances == ()
    assert rows.read == sum(one["rows"] for one in truth["files"])
    assert (rows.held, rows.set_aside, rows.waiting) == (len(truth["held"]), 0, 0)
    assert rows.transformed == len(truth["people"])
    assert written(loaded) == to_come(exports)
    assert all(one.created == one.transformed for one in loaded.books.records)


@pytest.mark.anyio
async def test_every_person_is_told_back_to_her_rows(journey: Journey, loaded: Loaded, truth: Any) -> None:
    """The ledger names, for every record in Twenty, the very rows it was made from, oldest first."""
    names = {one.event.file: one.event.name for one in await journey.events("ExportRegistered")}
    streams = {one.event.twenty_id: one.event.source_key for one in await journey.events("RecordCreated")}
    sources = {one.event.source_key: one.event.sources for one in await journey.events("RowTransformed")}
    people = by_email(await journey.records("person"))

    def rows_of(email: str) -> list[str]:
        refs = (ref.rpartition(":") for ref in sources[streams[people[email]["id"]]])
        return [f"{names[file]}:{line}" for file, _, line in refs]

    assert {one["email"]: rows_of(one["email"]) for one in truth["people"]} == {
        one["email"]: one["rows"] for one in truth["people"]
    }
