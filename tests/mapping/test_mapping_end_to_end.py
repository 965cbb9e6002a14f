"""From files to records without ledger or network: what the sample's generator says must come out comes out."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.kartra import IdentityIndex, read, scan
from adapters.kartra.sample import write_sample
from adapters.mapping import (
    Refusal,
    assign_companies,
    company,
    company_link,
    company_of,
    fields_of,
    gather,
    identify,
    load_mapping,
    merge,
    person,
    person_target,
    plans,
    vocabulary,
)
from adapters.mapping.types import FieldPlan, Record, RowProblem, SourceRow


class Outcome(NamedTuple):
    """Everything a folder of exports becomes."""

    people: list[tuple[Record, list[SourceRow]]]
    companies: list[Record]
    held: list[tuple[str, int, str | None, str]]
    plans: Sequence[FieldPlan]


def digest(email: str) -> str:
    """A stand-in for the ledger's keyed digest."""
    return hashlib.sha256(email.encode()).hexdigest()[:20]


def run(folder: Path) -> Outcome:
    """Read, resolve, merge and map a folder the way a load does."""
    config = load_mapping()
    held: list[tuple[str, int, str | None, str]] = []
    rows: list[SourceRow] = []
    for export in scan(folder).exports:
        for row in read(export, verify=True):
            if isinstance(row, RowProblem):
                held.append((row.file, row.line, row.column, row.reason))
            elif isinstance(refusal := identify(row).held, Refusal):
                held.append((row.file, row.line, "email", refusal.reason))
            else:
                rows.append(row)
    index = IdentityIndex(digest, {}.get)
    for row in rows:
        index.observe(identify(row).number, identify(row).email)
    streams: dict[str, list[SourceRow]] = {}
    for row in rows:
        placement = index.place(identify(row).number, identify(row).email)
        if placement.stream is None:
            held.append((row.file, row.line, placement.column, str(placement.reason)))
        else:
            streams.setdefault(placement.stream, []).append(row)
    order = {id(row): position for position, row in enumerate(rows)}
    placed = sorted((row for group in streams.values() for row in group), key=lambda row: order[id(row)])
    gathered = gather(placed, config)
    words = vocabulary(gathered, config)
    companies = assign_companies(gathered.company_spellings)
    fields = fields_of(person_target(config), config, words)
    people = []
    for stream, group in streams.items():
        merged = merge(group, words)
        made = company_of(merged, config.person.company, companies)
        people.append((person(stream, merged, fields, company_link(made) if made else None), group))
    return Outcome(people, [company(made, config) for made in companies.companies], held, plans(config, words))


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, Outcome]:
    """The truth about 800 awkward contacts, and what was made of them."""
    folder = tmp_path_factory.mktemp("dirty")
    write_sample(folder, 800, seed=11)
    return json.loads((folder / "truth.json").read_text("utf-8")), run(folder)


def test_every_person_is_as_the_truth_says(dirty: tuple[dict, Outcome]) -> None:
    """Each contact of the sample becomes one person with exactly the fields its rows mean together."""
    truth, outcome = dirty
    expected = {entry["email"]: entry["fields"] for entry in truth["people"]}
    found = {record.fields["emails"]["primaryEmail"]: record.fields for record, _ in outcome.people}
    assert found.keys() == expected.keys()
    for email, fields in expected.items():
        assert found[email] == fields, email


def test_every_row_lands_with_its_person(dirty: tuple[dict, Outcome]) -> None:
    """The rows merged into a person are the rows the generator wrote about it, by file and physical line."""
    truth, outcome = dirty
    expected = {entry["email"]: entry["rows"] for entry in truth["people"]}
    found = {
        record.fields["emails"]["primaryEmail"]: [f"{row.file}:{row.line}" for row in rows]
        for record, rows in outcome.people
    }
    assert found == expected


def test_every_awkward_row_is_held_where_it_stands(dirty: tuple[dict, Outcome]) -> None:
    """Rows that cannot be placed are held with reason, file, line and column, and no other row is."""
    truth, outcome = dirty
    expected = {(entry["file"], entry["line"], entry["column"], entry["reason"]) for entry in truth["held"]}
    assert set(outcome.held) == expected
    assert len(outcome.held) == len(expected)
    assert {reason for *_, reason in expected} == {"email_missing", "email_invalid", "email_taken", "row_malformed"}


def test_companies_and_their_people(dirty: tuple[dict, Outcome]) -> None:
    """Spellings fall together into the true companies, named as first spelled, and people point at theirs."""
    truth, outcome = dirty
    companies = [{"key": record.fields["kartraKey"], "name": record.fields["name"]} for record in outcome.companies]
    assert companies == truth["companies"]
    keys = {record.source_key: record.fields["kartraKey"] for record in outcome.companies}
    found = {
        record.fields["emails"]["primaryEmail"]: keys[record.links["companyId"].source_key] if record.links else None
        for record, _ in outcome.people
    }
    assert found == {entry["email"]: entry["company"] for entry in truth["people"]}


def test_records_fit_their_plan(dirty: tuple[dict, Outcome]) -> None:
    """Every custom field of a record is planned, and every option it holds is among the planned ones."""
    _, outcome = dirty
    planned = {plan.name: plan for plan in outcome.plans if plan.object == "person"}
    for record, _ in outcome.people:
        for name, value in record.fields.items():
            assert not name.startswith("kartra") or name in planned
            if name in planned and planned[name].type in {"SELECT", "MULTI_SELECT"}:
                assert set([value] if isinstance(value, str) else value) <= planned[name].options.keys()


def test_rows_balance(dirty: tuple[dict, Outcome]) -> None:
    """Every row of every file is either merged into a person or held: none is lost and none is twice."""
    truth, outcome = dirty
    landed = sum(len(rows) for _, rows in outcome.people)
    assert landed + len(outcome.held) == sum(file["rows"] for file in truth["files"])


@pytest.mark.parametrize("seed", [*range(6), 20, 21, 47])
def test_small_samples_are_true_too(tmp_path: Path, seed: int) -> None:
    """A company spelled without its form only, a file with next to no names: the truth holds for few rows too."""
    write_sample(tmp_path, 5 + seed % 12, seed)
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    outcome = run(tmp_path)
    found = {record.fields["emails"]["primaryEmail"]: record.fields for record, _ in outcome.people}
    assert found == {entry["email"]: entry["fields"] for entry in truth["people"]}
    companies = [{"key": record.fields["kartraKey"], "name": record.fields["name"]} for record in outcome.companies]
    assert companies == truth["companies"]
    assert set(outcome.held) == {tuple(entry.values()) for entry in truth["held"]}


def test_a_clean_sample_is_one_row_a_person(tmp_path: Path) -> None:
    """A clean sample has no held row, one row a contact, and exactly the companies asked for."""
    write_sample(tmp_path, 500, seed=3, dirty=False, companies=40)
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    outcome = run(tmp_path)
    assert outcome.held == []
    assert [len(rows) for _, rows in outcome.people] == [1] * 500
    assert len(outcome.companies) == 40
    assert [record.fields for record, _ in outcome.people] == [entry["fields"] for entry in truth["people"]]
    assert all(record.warnings == () for record, _ in outcome.people)
