"""What the survey counts, against the truth of a made-up account that knows nothing of the survey."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest

from adapters.kartra import scan
from adapters.kartra.sample import write_sample
from adapters.mapping import load_mapping
from commands.discovery.document import Audit
from commands.discovery.survey import survey


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dirty exports of every kind, and their truth."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder, 600, 11, everything=True)
    return folder


@pytest.fixture(scope="module")
def truth(folder: Path) -> dict[str, Any]:
    """What must come of them."""
    decoded: dict[str, Any] = msgspec.json.decode((folder / "truth.json").read_bytes())
    return decoded


@pytest.fixture(scope="module")
def found(folder: Path) -> Audit:
    """What the survey says of them."""
    return survey(scan(folder), load_mapping(), str(folder), None, lambda _rows: None).audit


def test_files_are_counted_as_the_load_counts_them(found: Audit, truth: dict[str, Any]) -> None:
    """Rows, held and set aside, file by file."""
    expected = {each["name"]: (each["kind"], each["rows"], each["held"], each["set_aside"]) for each in truth["files"]}
    assert {each.name: (each.kind, each.rows, each.held, each.set_aside) for each in found.files} == expected


def test_every_held_row_is_found(found: Audit, truth: dict[str, Any]) -> None:
    """The same rows for the same reasons, by file and line."""
    expected = Counter((held["file"], held["line"], held["reason"]) for held in truth["held"])
    listed = Counter(
        (lines.file, line, problem.reason)
        for problem in found.problems
        for lines in problem.places
        for line in lines.lines
    )
    assert listed == expected


def test_records_are_counted_as_the_load_makes_them(found: Audit, truth: dict[str, Any]) -> None:
    """People, companies, sales, subscriptions, affiliates, tasks, notes."""
    assert found.contacts.clean == len(truth["people"])
    assert found.companies.companies == len(truth["companies"])
    assert found.transactions.moved == len(truth["opportunities"])
    assert found.subscriptions.count == len(truth["subscriptions"])
    assert found.affiliates.count == len(truth["affiliates"])
    assert found.bookings.events == len(truth["tasks"])
    assert found.contacts.with_notes == len(truth["notes"])


def test_sums_are_exact(found: Audit, truth: dict[str, Any]) -> None:
    """By type and currency, to the micro."""
    expected = {(each["type"], each["currency"]): each["micros"] for each in truth["sums"]}
    sums = {(each.name.upper().replace(" ", "_"), each.currency): each.micros for each in found.transactions.by_type}
    assert sums == expected


def test_tags_and_lists_are_those_of_the_people(found: Audit, truth: dict[str, Any]) -> None:
    """As many names as there are options, each on as many contacts; the truth has the options' values only."""
    for field, taxonomy in (("kartraTags", found.tags), ("kartraLists", found.lists)):
        borne = Counter(name for person in truth["people"] for name in set(person["fields"].get(field, ())))
        assert sorted(each.count for each in taxonomy.names) == sorted(borne.values())


def test_consent_and_blocks_are_those_of_the_people(found: Audit, truth: dict[str, Any]) -> None:
    """Whom to review follows from the newest word of every contact."""
    people = [person["fields"] for person in truth["people"]]
    review = {each.reason: each.count for each in found.contacts.review}
    assert review.get("blocked", 0) == sum(person.get("kartraBlocked") is True for person in people)
    assert review.get("gdpr_refused", 0) == sum(person.get("kartraGdprStatus") == "REFUSED" for person in people)


def test_sequences_are_those_of_the_inventory(found: Audit, truth: dict[str, Any]) -> None:
    """By name: active and unsubscribed contacts."""
    expected = {each["sequence"]: (each["active"], each["unsubscribed"]) for each in truth["inventory"]}
    assert {each.name: (each.active, each.unsubscribed) for each in found.engagement.sequences} == expected
