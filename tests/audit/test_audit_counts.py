"""What the survey counts, against an account counted by hand (`account`)."""

from collections import Counter

from adapters.kartra import scan
from adapters.mapping import load_mapping
from commands.discovery.document import Audit, Column, Count, Lines, Sum
from commands.discovery.survey import Surveyed, survey
from tests.audit.account import write_account

CONTACTS = "contacts_all_01-03-2026_69a4ef5c4f5f6.csv"
VIP = "contacts_vip_04-03-2026_69a8e3dc8ea76.csv"
SALES = "report_all_transactions.csv"


def test_every_file_balances(audit: Audit) -> None:
    """Rows = taken + held + set aside; reasons add up to the two latter."""
    assert {file.name: (file.kind, file.rows, file.held, file.set_aside) for file in audit.files} == {
        CONTACTS: ("contacts", 9, 4, 0),
        VIP: ("contacts", 4, 0, 0),
        SALES: ("transactions", 11, 5, 1),
        "report_eur.csv": ("transactions", 1, 0, 0),
        "subscriptions.csv": ("subscriptions", 3, 1, 0),
        "bookings.csv": ("bookings", 3, 1, 0),
        "affiliates.csv": ("affiliates", 3, 1, 0),
        "leads.jsonl": ("lead_details", 2, 0, 0),
    }
    for file in audit.files:
        assert sum(reason.count for reason in file.reasons) == file.held + file.set_aside


def test_files_without_rows_and_strangers_are_named(audit: Audit) -> None:
    """Descriptions are used and named; a stranger is left, with a reason."""
    assert set(audit.descriptions) == {"sequences.json", "fields.json"}
    assert [(left.name, left.code) for left in audit.left] == [("stranger.csv", "wrong_kind")]


def test_separators_are_told_file_by_file(audit: Audit) -> None:
    """A semicolon in one export says nothing about another."""
    separators = {file.name: file.separators for file in audit.files if file.separators}
    assert separators[CONTACTS]["tags"] == ";"
    assert separators[VIP]["tags"] == ","
    assert separators["leads.jsonl"]["tags"] == "[]"


def test_rows_become_contacts(audit: Audit) -> None:
    """Rows = held + placed, placed = clean + repeated."""
    found = audit.contacts
    assert (found.rows, found.held, found.placed, found.clean, found.repeated) == (15, 4, 11, 6, 5)
    assert (found.in_several_files, found.repeated_in_a_file, found.without_number) == (2, 1, 1)
    assert found.with_notes == 1


def test_held_rows_are_pointed_at(audit: Audit) -> None:
    """Every row that will wait, with its reason, file and physical line."""
    assert {(found.kind, found.reason): found.places for found in audit.problems} == {
        ("contacts", "email_missing"): (Lines(file=CONTACTS, lines=(5, 7)),),
        ("contacts", "email_invalid"): (Lines(file=CONTACTS, lines=(6,)),),
        ("contacts", "row_malformed"): (Lines(file=CONTACTS, lines=(10,)),),
        ("transactions", "date_invalid"): (Lines(file=SALES, lines=(7,)),),
        ("transactions", "amount_invalid"): (Lines(file=SALES, lines=(8, 11)),),
        ("transactions", "buyer_unknown"): (Lines(file=SALES, lines=(9,)),),
        ("transactions", "identity_missing"): (Lines(file=SALES, lines=(10,)),),
        ("subscriptions", "buyer_unknown"): (Lines(file="subscriptions.csv", lines=(4,)),),
        ("bookings", "date_invalid"): (Lines(file="bookings.csv", lines=(4,)),),
        ("affiliates", "identity_missing"): (Lines(file="affiliates.csv", lines=(4,)),),
    }


def test_whom_to_review(audit: Audit) -> None:
    """Blocked and refused contacts are pointed at by their newest row of an export, and counted once each."""
    assert {found.reason: found.places for found in audit.contacts.review} == {
        "blocked": (Lines(file=VIP, lines=(3,)),),
        "gdpr_refused": (Lines(file=CONTACTS, lines=(9,)), Lines(file=VIP, lines=(3,))),
    }
    assert audit.contacts.to_review == 2
    assert audit.contacts.gdpr == (Count("Accepted", 3), Count("Refused", 2), Count("Nothing said", 1))
    assert audit.contacts.may_contact == (Count("Agreed", 3), Count("Has not agreed", 1), Count("Nothing said", 2))


def test_who_is_stale(audit: Audit) -> None:
    """Joined before the day, and no sale, running subscription or booking since: one; an unreadable date is no date."""
    assert (audit.stale.before, audit.stale.count, audit.stale.of, audit.stale.joined_unknown) == (
        "2024-06-01",
        1,
        6,
        2,
    )
    assert audit.stale.places == (Lines(file=CONTACTS, lines=(9,)),)


def test_the_sheet_lists_every_row_mentioned(surveyed: Surveyed) -> None:
    """Held, to review and stale rows, each with file, line, kind and reason."""
    reasons = Counter(reason for _, _, _, reason in surveyed.rows)
    found = (*surveyed.audit.problems, *surveyed.audit.contacts.review)
    assert reasons.pop("stale") == surveyed.audit.stale.count
    assert reasons.total() == sum(each.count for each in found)
    assert (VIP, 3, "contacts", "blocked") in surveyed.rows


def test_amounts_are_exact_and_signed_by_type(audit: Audit) -> None:
    """A repeated number counts once; held and set-aside rows not at all; the sign is the type's."""
    found = audit.transactions
    assert found.by_type == (
        Sum(name="Sale", currency="EUR", count=1, micros=12_345_678),
        Sum(name="Sale", currency="USD", count=1, micros=1_000_100_000),
        Sum(name="Rebill", currency="USD", count=1, micros=200_000),
        Sum(name="Refund", currency="USD", count=1, micros=-100_000),
        Sum(name="Partial refund", currency="USD", count=1, micros=-5_000_000),
    )
    assert (found.moved, found.without_buyer, found.signs) == (5, 1, 1)
    assert (found.first, found.last) == ("2024-05-01", "2025-06-02")
    assert sum(each.micros for sums in found.by_year.values() for each in sums) == sum(
        each.micros for each in found.by_type
    )
    assert set(found.by_year) == {"2024", "2025"}


def test_what_moved_no_money_stands_apart(audit: Audit) -> None:
    """A failed charge is counted with what it attempted, and is no revenue."""
    assert audit.transactions.set_aside == (Count("Failed", 1),)
    assert audit.transactions.attempted == (Sum(name="Failed", currency="USD", count=1, micros=77_000_000),)


def test_subscriptions_bookings_and_affiliates(audit: Audit) -> None:
    """By state, in one spelling; affiliates of both sources by user name without case."""
    assert audit.subscriptions.states == (Count("Active", 1), Count("Cancelled", 1))
    assert [(each.name, each.micros) for each in audit.subscriptions.next_payments] == [("Active", 97_000_000)]
    assert (audit.bookings.count, audit.bookings.events) == (2, 2)
    assert audit.bookings.calendars == (Count("Calls", 2),)
    assert (audit.affiliates.count, audit.affiliates.exported) == (2, 2)
    assert {each.name: each.micros for each in audit.affiliates.sums} == {"earned": 1_204_500_000, "due": 4_500_000}


def test_tags_and_lists(audit: Audit) -> None:
    """Contacts by name, united over files; a comma in a name of the API's stays; left lists do not count."""
    assert {each.name: each.count for each in audit.tags.names} == {
        "VIP": 2,
        "vip": 1,
        "Webinar 2021": 1,
        "Form: Contact us": 1,
        "Leads": 3,
        "Watched, video": 1,
    }
    assert audit.tags.variants == (("VIP", "vip"),)
    assert (audit.tags.contacts, audit.tags.once) == (4, 4)
    assert [each.name for each in audit.lists.names] == ["News"]


def test_behavioural_tags_say_what_is_absent(audit: Audit) -> None:
    """Names that tell of acts are sorted into families, each with what cannot be had any more."""
    families = {each.family: [tag.name for tag in each.tags] for each in audit.behaviour}
    assert families == {
        "Forms and opt-ins": ["Form: Contact us"],
        "Videos": ["Watched, video"],
        "Webinars and events": ["Webinar 2021"],
    }
    assert all(each.absent and each.contacts == 1 for each in audit.behaviour)


def test_companies(audit: Audit) -> None:
    """Spellings are joined by key, legal forms and near names only reported; one named on a sale counts."""
    found = audit.companies
    assert (found.spellings, found.companies, found.contacts) == (7, 5, 4)
    assert [each.spellings for each in found.joined] == [("Acme, Inc.", "ACME Incorporated", "Acme Inc")]
    assert found.forms == (("Acme, Inc.", "Acme GmbH"),)
    assert found.near == (("Northwind Ltd", "Northwinds"),)


def test_sequences_and_memberships(audit: Audit) -> None:
    """By the newest answer about each contact; step 10 is higher than step 9; names without members are kept."""
    [welcome] = audit.engagement.sequences
    assert (welcome.name, welcome.active, welcome.unsubscribed, welcome.highest_step) == ("Welcome", 1, 1, "10")
    assert audit.engagement.named_only == ("Cart rescue",)
    assert audit.engagement.memberships == (Count("Course – Gold", 1),)


def test_columns_say_how_full_they_are_and_where_they_go(audit: Audit) -> None:
    """Contacts are counted by contact, other kinds by row; what has no home says so."""
    columns = {(column.kind, column.name): column for column in audit.columns}
    email = columns["contacts", "email"]
    assert (email.filled, email.of, email.home, email.shape) == (6, 6, "person.emails", "abc.abc@abc.abc")
    assert _told(columns["contacts", "company"]) == (4, 6, 6, "company.name")
    assert _told(columns["contacts", "budget_band"]) == (1, 6, 1, "person (own field)")
    assert columns["contacts", "budget_band"].kartra_type == "drop_down"
    assert _told(columns["transactions", "amount:EUR"]) == (1, 11, 1, "opportunity.amount")
    assert _told(columns["transactions", "tracking_link"]) == (2, 11, 1, "")


def _told(column: Column) -> tuple[int, int, int, str]:
    return column.filled, column.of, column.distinct, column.home


def test_the_scope_has_its_counts_from_the_files(audit: Audit) -> None:
    """Every line has a verdict and a reason; what is moved is counted, what nobody can know is not."""
    lines = {line.what: line for line in audit.scope}
    assert (lines["Contacts"].verdict, lines["Contacts"].count) == ("migrates", 6)
    assert lines["Transactions"].count == 5
    assert (lines["Held rows"].verdict, lines["Held rows"].count) == ("rebuild", 12)
    assert lines["Sequences"].count == 2
    assert (lines["E-mails sent, opened, clicked"].verdict, lines["E-mails sent, opened, clicked"].count) == (
        "lost",
        None,
    )
    assert {line.verdict for line in audit.scope} == {"migrates", "rebuild", "lost"}
    assert all(line.reason and line.where for line in audit.scope)


def test_stale_is_two_years_before_the_newest_export_by_default(tmp_path) -> None:
    """Where nobody says a day, it is counted from the newest file's clock, not from today's."""
    folder = write_account(tmp_path)
    for path in folder.iterdir():
        if path.name not in (CONTACTS, VIP):
            path.unlink()
    found = survey(scan(folder), load_mapping(), "exports", None, lambda _rows: None).audit
    assert (found.newest_export, found.stale.before) == ("2026-03-05T02:01:00Z", "2024-03-05")
