"""A sample of every kind of file: what is in it, and a truth that accounts for every row a reader finds."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapters.kartra import read, scan
from adapters.kartra.sample import SampleSummary, write_sample
from adapters.mapping.types import RowProblem, SourceRow

KINDS = ["contacts", "lead_details", "transactions", "subscriptions", "bookings", "affiliates"]
RECORDS = ("people", "opportunities", "subscriptions", "affiliates", "tasks", "notes")
HELD = {
    "row_malformed", "identity_missing", "email_missing", "email_invalid", "email_taken", "date_invalid",
    "amount_invalid", "buyer_unknown",
}  # fmt: skip
ASIDE = {"failed", "cancellation", "request_can", "revert_can", "not_a_booking"}

Row = SourceRow | RowProblem


class Account(NamedTuple):
    """A sample as written and as read."""

    folder: Path
    summary: SampleSummary
    truth: dict[str, Any]
    rows: dict[tuple[str, int], Row]

    def cells(self, kind: str, column: str) -> list[str]:
        """Every cell of a column, as written."""
        rows = (row for row in self.rows.values() if isinstance(row, SourceRow) and row.kind == kind)
        return [row.cells[column] for row in rows if column in row.cells]


def account(folder: Path, contacts: int, seed: int, **said: Any) -> Account:
    """Write a sample, and read it with the adapter's own readers."""
    summary = write_sample(folder, contacts, seed, **said)
    rows = {(row.file, row.line): row for export in scan(folder).exports for row in read(export, verify=True)}
    return Account(folder, summary, json.loads((folder / "truth.json").read_text("utf-8")), rows)


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """An account of 400 contacts with everything."""
    return account(tmp_path_factory.mktemp("dirty"), 400, 3, everything=True)


def places(truth: dict[str, Any], *records: str) -> set[tuple[str, int]]:
    """Where the rows of some records stand."""
    refs = (ref.rpartition(":") for name in records for one in truth[name] for ref in one["rows"])
    return {(file, int(line)) for file, _, line in refs}


def everything_in(folder: Path) -> dict[str, tuple[bytes, float]]:
    """Every file's bytes and modification time, the truth's time left out: it is written when it is."""
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime if path.name != "truth.json" else 0)
        for path in folder.iterdir()
    }


def test_a_seed_gives_the_same_files_of_every_kind(tmp_path: Path) -> None:
    """Same arguments, same names, bytes and modification times; another seed, other bytes."""
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_sample(tmp_path / folder, 60, seed, everything=True)
    assert everything_in(tmp_path / "a") == everything_in(tmp_path / "b")
    first, other = everything_in(tmp_path / "a"), everything_in(tmp_path / "c")
    described = {"custom_fields.json", "helpdesk_tickets.csv"}
    assert [name for name in first if first[name] == other[name]] == [name for name in first if name in described]


@pytest.mark.parametrize("dirty", [True, False])
def test_the_other_kinds_leave_contacts_as_they_are(tmp_path: Path, dirty: bool) -> None:
    """Contacts exports are byte for byte those of a sample of contacts only."""
    write_sample(tmp_path / "alone", 80, 9, dirty=dirty)
    write_sample(tmp_path / "beside", 80, 9, dirty=dirty, everything=True)
    alone = {path.name: path.read_bytes() for path in (tmp_path / "alone").glob("contacts_*")}
    assert alone == {path.name: path.read_bytes() for path in (tmp_path / "beside").glob("contacts_*")}


def test_every_kind_is_recognised_and_a_stranger_left(dirty: Account) -> None:
    """Files are of the kinds they are said to be, oldest first; the rest is a description, or a stranger and named."""
    found = scan(dirty.folder)
    assert {export.name: export.kind for export in found.exports} == dirty.summary.kinds
    assert [export.name for export in found.exports] == [name for name, _ in dirty.summary.files]
    assert list(dict.fromkeys(export.kind for export in found.exports)) == KINDS
    assert [(one.name, one.kind) for one in found.descriptions] == [("custom_fields.json", "custom_fields")]
    assert [unknown.path.name for unknown in found.unknown] == ["helpdesk_tickets.csv", "truth.json"]


def test_every_row_read_is_accounted_for_once(dirty: Account) -> None:
    """A row lands in a record, is held or is set aside: never two of these, and none is left out."""
    landed = places(dirty.truth, *RECORDS)
    held = [(one["file"], one["line"]) for one in dirty.truth["held"]]
    aside = [(one["file"], one["line"]) for one in dirty.truth["set_aside"]]
    assert Counter([*landed, *held, *aside]) == Counter(dirty.rows.keys())


def test_the_files_counts_balance(dirty: Account) -> None:
    """Rows of a file = moved + merged + held + set aside, and each is what the rows of the records say."""
    truth = dirty.truth
    read_rows = Counter(file for file, _ in dirty.rows)
    streams = [one["rows"] for name in ("people", "opportunities", "subscriptions") for one in truth[name]]
    moved = Counter(rows[0].rpartition(":")[0] for rows in streams)
    landed = Counter(file for file, _ in places(truth, *RECORDS))
    for one in truth["files"]:
        name = one["name"]
        assert one["rows"] == read_rows[name] == one["moved"] + one["merged"] + one["held"] + one["set_aside"]
        assert one["moved"] + one["merged"] == landed[name]
        assert one["held"] == sum(held["file"] == name for held in truth["held"])
        if one["kind"] not in {"bookings", "affiliates"}:
            assert one["moved"] == moved[name]
    assert [(one["name"], one["rows"]) for one in truth["files"]] == list(dirty.summary.files)


@pytest.mark.parametrize("seed", [2, 5])
def test_malformed_rows_are_those_the_reader_refuses(tmp_path: Path, seed: int) -> None:
    """Rows held as malformed are exactly the reader's problems, at the columns it names.

    Seed 2 once ended a file with two open quotes, and what stood between them was nobody's.
    """
    made = account(tmp_path, 300, seed, everything=True)
    problems = {place: row for place, row in made.rows.items() if isinstance(row, RowProblem)}
    held = {(one["file"], one["line"]): one for one in made.truth["held"] if one["reason"] == "row_malformed"}
    assert {place: row.column for place, row in problems.items()} == {
        place: one["column"] for place, one in held.items()
    }


def test_the_truth_covers_every_object_and_every_reason(dirty: Account) -> None:
    """Each object has records with and, where it can be, without a person; every reason is there."""
    truth = dirty.truth
    assert {one["reason"] for one in truth["held"]} == HELD
    assert {one["reason"] for one in truth["set_aside"]} == ASIDE
    for name in ("opportunities", "subscriptions", "affiliates", "tasks"):
        assert {one["person"] is None for one in truth[name]} == {True, False}, name
        assert getattr(dirty.summary, name) == len(truth[name]) > 0
    assert {(one["type"], one["currency"]) for one in truth["sums"]} == {
        (kind, currency)
        for kind in ("SALE", "REBILL", "REFUND", "PARTIAL_REFUND", "CHARGEBACK")
        for currency in ("USD", "EUR")
    }
    assert {one["fields"]["status"] for one in truth["tasks"]} == {"TODO", "DONE"}
    assert all(one["active"] and one["unsubscribed"] and one["steps"] for one in truth["inventory"])


def test_people_and_companies_named_exist(dirty: Account) -> None:
    """Whom a record points at is one of the people, and where is one of the companies; keys are their own."""
    truth = dirty.truth
    emails = {one["email"] for one in truth["people"]}
    keys = {one["key"] for one in truth["companies"]}
    for name in ("opportunities", "subscriptions", "affiliates", "tasks", "notes"):
        assert {one["person"] for one in truth[name]} <= emails | {None}
        assert len({one["key"] for one in truth[name]}) == len(truth[name])
    assert {one["company"] for one in truth["opportunities"]} <= keys | {None}
    from_contacts = {one["company"] for one in truth["people"]}
    assert {one["company"] for one in truth["opportunities"]} - from_contacts >= {"sablefinch llc"}


def test_the_sums_are_those_of_the_opportunities(dirty: Account) -> None:
    """What moved, by type and currency, is what the opportunities hold; money back is below zero."""
    sums: Counter[tuple[str, str]] = Counter()
    for one in dirty.truth["opportunities"]:
        fields = one["fields"]
        sums[fields["kartraTransactionType"], fields["amount"]["currencyCode"]] += fields["amount"]["amountMicros"]
    told = {(one["type"], one["currency"]): one["micros"] for one in dirty.truth["sums"]}
    assert told == dict(sums)
    assert {kind for (kind, _), micros in told.items() if micros < 0} == {"REFUND", "PARTIAL_REFUND", "CHARGEBACK"}


def test_the_inventory_counts_the_newest_answers(dirty: Account) -> None:
    """Contacts by sequence and step are those of the newest answer about each lead."""
    newest: dict[str, list[dict[str, str]]] = {}
    for place, row in dirty.rows.items():
        if isinstance(row, SourceRow) and row.kind == "lead_details" and place in places(dirty.truth, "people"):
            newest[row.cells["id"]] = json.loads(row.cells.get("sequences", "[]"))
    counted = Counter((one["name"], one["status"], one["step"]) for some in newest.values() for one in some)
    for told in dirty.truth["inventory"]:
        mine = {key: count for key, count in counted.items() if key[0] == told["sequence"]}
        assert told["steps"] == {step: count for (_, status, step), count in mine.items() if status == "active"}
        for status in ("active", "unsubscribed"):
            assert told[status] == sum(count for (_, of, _), count in mine.items() if of == status)


AWKWARD: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "a thousands separator": ("transactions", "amount:USD", lambda cell: "1,497" in cell),
    "a currency sign": ("transactions", "amount:USD", lambda cell: "$" in cell),
    "accounting parentheses": ("transactions", "amount:USD", lambda cell: cell.startswith("(")),
    "a decimal comma": ("transactions", "amount:EUR", lambda cell: cell.endswith(",00")),
    "a fraction of a cent": ("transactions", "amount:USD", lambda cell: cell.endswith(".333333")),
    "a second currency beside the first": ("transactions", "amount:EUR", lambda cell: cell == "0,00"),
    "no amount": ("transactions", "amount:USD", lambda cell: cell == "free"),
    "an impossible date": ("transactions", "date", lambda cell: cell.startswith("2026-02-30")),
    "an ambiguous date": ("transactions", "date", lambda cell: cell.startswith("03/04/2026")),
    "a date with a month's name": ("transactions", "date", lambda cell: " Mar " in cell),
    "an unknown type": ("transactions", "transaction_type", lambda cell: cell == "Upsell"),
    "a type of the API": ("transactions", "transaction_type", lambda cell: cell == "partial_refund"),
    "a line break in a product": ("transactions", "product", lambda cell: "\n" in cell),
    "quotes in a product": ("transactions", "product", lambda cell: '"Deluxe"' in cell),
    "a formula": ("transactions", "product", lambda cell: cell.startswith("=")),
    "an e-mail in another case": ("transactions", "buyer_email", lambda cell: cell.isupper()),
    "an e-mail that was left behind": ("transactions", "buyer_email", lambda cell: cell.startswith("old.")),
    "an e-mail that is none": ("transactions", "buyer_email", lambda cell: cell == "not-an-email"),
    "a held contact's number": ("transactions", "lead_id", lambda cell: cell.startswith("90000")),
    "no subscription": ("transactions", "subscription_id", lambda cell: cell == "N/A"),
    "an affiliate nobody must be made of": ("transactions", "affiliate_username", lambda cell: cell == "partner5"),
    "an open end": ("subscriptions", "end_date", lambda cell: cell == "0000-00-00 00:00:00"),
    "an impossible day": ("subscriptions", "start_date", lambda cell: cell == "31 Feb 2025"),
    "a status spelled another way": ("subscriptions", "status", lambda cell: cell == "canceled"),
    "a status nobody knows": ("subscriptions", "status", lambda cell: cell == "Trialing"),
    "pounds": ("subscriptions", "next_payment_amount", lambda cell: cell.startswith("£")),
    "a time the clocks jumped over": ("bookings", "event_date", lambda cell: "02:30" in cell),
    "several events": ("bookings", "events", lambda cell: cell.count("event_date") == 2),
    "a zone that is none": ("bookings", "vendor_timezone", lambda cell: cell == "Detroit time"),
    "another event": ("bookings", "action", lambda cell: cell == "assign_tag"),
    "a user name in another case": ("affiliates", "username", lambda cell: cell != cell.lower()),
    "a tag with a semicolon": ("lead_details", "tags", lambda cell: "VIP; gold" in cell),
    "a list that was left": ("lead_details", "list_activity", lambda cell: '"active":"0"' in cell),
    "a membership": ("lead_details", "memberships", lambda cell: "Course A" in cell),
}


@pytest.mark.parametrize("accident", AWKWARD)
def test_awkward_rows_are_there(dirty: Account, accident: str) -> None:
    """Every way in which real files are awkward is in the files."""
    kind, column, is_awkward = AWKWARD[accident]
    assert any(map(is_awkward, dirty.cells(kind, column)))


def test_files_of_a_kind_overlap(dirty: Account) -> None:
    """Transactions, subscriptions and bookings stand in two files each, some of them differing."""
    for name in ("opportunities", "subscriptions", "tasks"):
        files = [{ref.rpartition(":")[0] for ref in one["rows"]} for one in dirty.truth[name]]
        assert any(len(of) > 1 for of in files), name
    several = [one["rows"] for one in dirty.truth["opportunities"] if len(one["rows"]) > 1]
    products = [
        {dirty.rows[place].cells.get("product") for place in places({"a": [{"rows": rows}]}, "a")} for rows in several
    ]
    assert any(len(of) > 1 for of in products)


def test_a_transactions_file_has_all_columns(dirty: Account) -> None:
    """The 57 columns of a real file, in its order, money in the account's currency."""
    name = next(name for name in dirty.summary.kinds if name.startswith("report_all_transactions"))
    header = (dirty.folder / name).read_text("utf-8").partition("\n")[0].split(",")
    assert len(header) == 57
    assert header[:3] + header[-1:] == ["ID", "Transaction_Type", "Date", "Rebill_reattempt"]
    assert header[20] == "Amount (USD)"


@pytest.mark.parametrize("everything", [True, False])
def test_a_clean_account_is_a_row_a_record(tmp_path: Path, everything: bool) -> None:
    """Exactly as many opportunities as asked for; nothing held, merged or set aside; contacts buy in turn."""
    clean = account(tmp_path, 90, 4, dirty=False, companies=30, transactions=135, everything=everything)
    truth = clean.truth
    assert (len(truth["opportunities"]), len(truth["people"]), len(truth["companies"])) == (135, 90, 30)
    assert truth["held"] == truth["set_aside"] == []
    assert [one["merged"] for one in truth["files"]] == [0] * len(truth["files"])
    assert set(Counter(one["person"] for one in truth["opportunities"]).values()) == {1, 2}
    assert all(len(one["rows"]) == 1 for name in RECORDS for one in truth[name])
    others = [len(truth[name]) for name in ("subscriptions", "tasks", "affiliates")]
    assert others == ([22, 20, 8] if everything else [0, 0, 0])
    assert len(clean.rows) == 90 + 135 + sum(others)


@pytest.mark.parametrize("contacts", [1, 2, 7])
def test_a_tiny_account_has_every_kind(tmp_path: Path, contacts: int) -> None:
    """Even of one contact there is a file of every kind, and every row is accounted for."""
    tiny = account(tmp_path, contacts, 4, everything=True)
    assert list(dict.fromkeys(tiny.summary.kinds.values())) == KINDS
    explained = places(tiny.truth, *RECORDS)
    explained |= {(one["file"], one["line"]) for name in ("held", "set_aside") for one in tiny.truth[name]}
    assert explained == tiny.rows.keys()


def test_transactions_below_zero_are_refused(tmp_path: Path) -> None:
    """A count that cannot be is refused before anything is written."""
    with pytest.raises(ValueError, match="-1 transactions cannot be"):
        write_sample(tmp_path / "out", 5, 1, transactions=-1)
    assert not (tmp_path / "out").exists()
