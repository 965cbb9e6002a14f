"""Contacts with every kind of file and dirty rows, loaded: what Twenty holds equals what was made up."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import pytest

from adapters.twenty import Count
from commands.holds import holds
from commands.loading import Loaded
from tests.journey.csv_sums import sums_of
from tests.journey.readback import PERSON_COLUMNS, Found, count_all, read_back, rows_set_aside
from tests.journey.world import Journey

pytestmark = pytest.mark.timeout(300)

SEED = 11
PARTS = {
    "person": "people",
    "company": "companies",
    "opportunity": "opportunities",
    "kartraSubscription": "subscriptions",
    "kartraAffiliate": "affiliates",
    "task": "tasks",
    "note": "notes",
}
"""Object → where the truth tells of it."""


class Story(NamedTuple):
    """A load, what must come of it, and what there was in Twenty before and after."""

    journey: Journey
    exports: Path
    truth: Any
    before: Mapping[str, Count]
    loaded: Loaded
    after: Mapping[str, Count]
    found: Found

    def expected(self, object_name: str) -> dict[str, Any]:
        """The truth's entries for an object, by the stream of the record each is about."""
        entries = self.truth[PARTS[object_name]]
        match object_name:
            case "person" | "note":
                streams = {email["primaryEmail"]: key for key, email in self.found.values("person", "emails").items()}
                return {streams.get(one["email" if object_name == "person" else "key"], one): one for one in entries}
            case "company":
                keys = {key: stream for stream, key in self.found.values("company", "kartraKey").items()}
                return {keys.get(one["key"], one["key"]): one for one in entries}
            case "kartraAffiliate":
                names = {name: stream for stream, name in self.found.values("kartraAffiliate", "username").items()}
                return {names.get(one["key"], one["key"]): one for one in entries}
            case _:
                return {one["key"]: one for one in entries}


@pytest.fixture(scope="module", params=[700, pytest.param(5_000, marks=pytest.mark.soak)])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The load, into a workspace whose limit is out of the way: calls are another file's concern."""
    journey = Journey(tmp_path_factory.mktemp("everything"))
    journey.settings |= {"rate_limit": None, "timeline_delay_s": 0.05}
    exports = journey.sample(request.param, seed=SEED, everything=True)
    truth = json.loads((exports / "truth.json").read_text("utf-8"))

    async def tell() -> Story:
        before = await count_all(journey)
        loaded = await journey.load(exports)
        await journey.settled_dump()
        after = await count_all(journey)
        return Story(journey, exports, truth, before, loaded, after, await read_back(journey))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("commands.session._embedded", journey.embedded)
        return anyio.run(tell)


@pytest.mark.parametrize("object_name", PARTS)
def test_records_equal_the_truth_field_by_field(story: Story, object_name: str) -> None:
    """Every record made up is there once, with exactly the values made up; no other is, no other field is filled."""
    expected = story.expected(object_name)
    assert len(expected) == len(story.truth[PARTS[object_name]]) > 0
    if object_name == "company":
        fields = {key: {"name": one["name"], "kartraKey": one["key"]} for key, one in expected.items()}
    else:
        fields = {key: one["fields"] for key, one in expected.items()}
    assert story.found.amiss(object_name, fields) == []


@pytest.mark.parametrize("object_name", PERSON_COLUMNS)
def test_what_people_bought_points_at_them(story: Story, object_name: str) -> None:
    """Every sale, subscription and affiliate points at the person made up for it, or at nobody."""
    expected = {key: one["person"] for key, one in story.expected(object_name).items()}
    assert story.found.people_of(object_name) == expected
    assert None in expected.values()


@pytest.mark.parametrize("object_name", ["task", "note"])
def test_tasks_and_notes_are_tied_to_people(story: Story, object_name: str) -> None:
    """Every task and note that is somebody's is tied to that person, once; the others to nobody."""
    expected = {key: [one["person"]] for key, one in story.expected(object_name).items() if one["person"]}
    assert story.found.targets(object_name) == expected


@pytest.mark.parametrize("object_name", ["person", "opportunity"])
def test_people_and_sales_point_at_companies(story: Story, object_name: str) -> None:
    """Everybody points at the company made up, as does every sale: the person's, else the one it names; or at none."""
    keys = {row["id"]: row["kartraKey"] for row in story.found.of("company").values()}
    linked = {key: keys.get(one) for key, one in story.found.values(object_name, "companyId").items()}
    assert linked == {key: one["company"] for key, one in story.expected(object_name).items()}


def test_held_rows_equal_the_truth(story: Story) -> None:
    """Every row that cannot be placed is held once, with its file, line, column and reason; no other row is."""
    listed = anyio.run(holds, story.journey.options, None)
    found = Counter((one.file, one.line, one.column, one.reason) for one in listed)
    assert found == Counter((one["file"], one["line"], one["column"], one["reason"]) for one in story.truth["held"])
    assert {one.state for one in listed} == {"open"}
    assert story.loaded.undone == story.loaded.open_holds == len(listed)
    reasons = {"row_malformed", "identity_missing", "date_invalid", "amount_invalid", "buyer_unknown", "email_missing"}
    assert reasons <= {one.reason for one in listed}


def test_rows_set_aside_equal_the_truth(story: Story) -> None:
    """Every row that is history is set aside once, with its reason, and no other row is."""
    found = Counter(anyio.run(rows_set_aside, story.journey))
    assert found == Counter((one["file"], one["line"], one["reason"]) for one in story.truth["set_aside"])
    assert {reason for *_, reason in found} == {
        "failed",
        "cancellation",
        "request_can",
        "revert_can",
        "not_a_booking",
    }


def test_the_books_of_every_file_equal_the_truth(story: Story) -> None:
    """Per file: rows read = moved + merged + held + set aside, and each number is the one made up."""
    books = {
        one.name: (one.kind, one.read, one.transformed, one.merged, one.held, one.set_aside, one.waiting)
        for one in story.loaded.books.files
    }
    named = ("kind", "rows", "moved", "merged", "held", "set_aside")
    assert books == {one["name"]: (*(one[name] for name in named), 0) for one in story.truth["files"]}
    assert all(read == moved + merged + held + aside for _, read, moved, merged, held, aside, _ in books.values())
    assert {kind for kind, *_ in books.values()} == {
        "contacts",
        "lead_details",
        "transactions",
        "subscriptions",
        "bookings",
        "affiliates",
    }


def test_nothing_else_was_made(story: Story) -> None:
    """Beside the records of the truth and their ties there is one row of the timeline for each, and nothing more."""
    made = {name: len(story.truth[part]) for name, part in PARTS.items()}
    made |= {f"{name}Target": sum(bool(one["person"]) for one in story.truth[PARTS[name]]) for name in ("task", "note")}
    grown = {name: count.live - story.before.get(name, Count(0, 0)).live for name, count in story.after.items()}
    assert {name: count for name, count in grown.items() if count} == {**made, "timelineActivity": sum(made.values())}
    assert {name: count.deleted for name, count in story.after.items() if count.deleted} == {
        name: count.deleted for name, count in story.before.items() if count.deleted
    }
    written = {one.object: (one.created, one.transformed) for one in story.loaded.books.records}
    assert written == {name: (count, count) for name, count in made.items()}


def test_every_record_carries_our_mark(story: Story) -> None:
    """Whatever we made says that it was imported, from Kartra, by this run."""
    marks = [row["createdBy"] for rows in story.found.records.values() for row in rows.values()]
    ours = {"source": "IMPORT", "workspaceMemberId": None, "name": "Kartra", "context": {"run": story.loaded.run}}
    assert [mark for mark in marks if mark != ours] == []
    assert len(marks) == sum(one.created for one in story.loaded.books.records)


@pytest.mark.parametrize("object_name", [name for name in PARTS if name != "company"])
def test_every_record_is_told_back_to_its_rows(story: Story, object_name: str) -> None:
    """The ledger names, for every record in Twenty, the very rows it was made from, oldest first.

    Of an affiliate that has rows of its own the first sale that names it comes behind them.
    """
    expected = {key: one["rows"] for key, one in story.expected(object_name).items()}
    sources = {key: story.found.sources[object_name, key] for key in expected}
    if object_name == "kartraAffiliate":
        sources = {key: rows[: len(expected[key])] for key, rows in sources.items()}
    assert sources == expected


def test_amounts_equal_those_of_the_files_to_the_micro(story: Story) -> None:
    """Sums by type and currency, of what Twenty holds, of the files read by hand, and of the truth, are the same."""
    in_twenty: Counter[tuple[str, str]] = Counter()
    for row in story.found.of("opportunity").values():
        amount = row["amount"]
        in_twenty[row["kartraTransactionType"], amount["currencyCode"]] += int(amount["amountMicros"])
    held = {(one["file"], one["line"]) for one in story.truth["held"]}
    assert in_twenty == sums_of(story.exports, held)
    assert in_twenty == {(one["type"], one["currency"]): one["micros"] for one in story.truth["sums"]}
    assert len(in_twenty) == 10
