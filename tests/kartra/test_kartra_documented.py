"""The files of Kartra's documented shapes, verbatim: each is recognised, and every awkward cell comes as written."""

from pathlib import Path

import pytest

from adapters.kartra import Export, read, recognise, scan
from adapters.mapping.types import SourceRow

FOLDER = Path(__file__).parent / "documented"


def rows_of(name: str) -> list[SourceRow]:
    """Every row of a documented file; none of them is a problem."""
    rows = list(read(_export(name), verify=True))
    found = [row for row in rows if isinstance(row, SourceRow)]
    assert len(found) == len(rows)
    return found


def _export(name: str) -> Export:
    made = recognise(FOLDER / name)
    assert isinstance(made, Export)
    return made


@pytest.mark.parametrize(
    ("name", "kind", "lines"),
    [
        ("contacts_a.csv", "contacts", [2, 5, 6]),
        ("contacts_b.csv", "contacts", [2, 3, 4]),
        ("transactions.csv", "transactions", [2, 3, 4, 5, 6]),
        ("subscriptions.csv", "subscriptions", [2, 3, 4]),
        ("bookings.csv", "bookings", [2, 3, 4]),
        ("affiliates.csv", "affiliates", [2, 3, 4]),
        ("webhook.json", "bookings", [1]),
        ("lead_details.json", "lead_details", [1]),
    ],
)
def test_every_documented_file_is_read(name: str, kind: str, lines: list[int]) -> None:
    """Each has its kind, and its rows start where they stand."""
    assert _export(name).kind == kind
    assert [row.line for row in rows_of(name)] == lines
    assert {(row.kind, row.file) for row in rows_of(name)} == {(kind, name)}


def test_the_folder_holds_no_stranger() -> None:
    """A scan takes them all."""
    assert scan(FOLDER).unknown == ()


def test_all_57_transaction_columns_are_known() -> None:
    """The documented header has no column that keeps another name than its own, money with its currency."""
    made = _export("transactions.csv")
    money = [column for column in made.columns if ":" in column]
    assert len(made.columns) == 57
    assert made.repeats == {}
    assert len(money) == 9
    assert {column.partition(":")[2] for column in money} == {"USD"}


def test_transactions_come_as_written() -> None:
    """Quotes, line breaks, thousands, signs and sentinels are the mapping's business, no date is judged here."""
    sale, failed, refund, request, impossible = rows_of("transactions.csv")
    assert sale.cells["product"] == 'Course A, "Deluxe" – Frühling'
    assert sale.cells["landing_page"] == "https://example.com/offer?x=1,2"
    assert (sale.cells["lead_id"], sale.cells["subscription_id"], sale.cells["affiliate_id"]) == (
        "4174086",
        "993037",
        "5512",
    )
    assert failed.cells["transaction_type"] == "Failed"
    assert (refund.cells["amount:USD"], refund.cells["buyer_email"]) == ("-1,020.50", "Zoe.Larsson@Example.com")
    assert (refund.cells["subscription_id"], request.cells["transaction_type"]) == ("N/A", "Request Can.")
    assert (impossible.cells["date"], impossible.cells["product"]) == ("2026-02-30 10:00", "Buch „Erste\nSchritte“")
    assert "buyer_email" not in impossible.cells


def test_subscriptions_come_as_written() -> None:
    """Headers with blanks and with underscores in one file, three shapes of dates, and a dollar sign."""
    ending, running, ended = rows_of("subscriptions.csv")
    assert (ending.cells["subscription_id"], ending.cells["status"]) == ("993037", "Pending Cancellation")
    assert (ending.cells["start_date"], ending.cells["next_payment_date"]) == ("03 Mar 2026", "03 May 2026")
    assert (running.cells["end_date"], running.cells["next_payment_amount"]) == ("0000-00-00 00:00:00", "$499.00")
    assert (ended.cells["start_date"], ended.cells["next_payment_amount"]) == ("31 Feb 2025", "N/A")


def test_bookings_come_alike_from_csv_and_from_the_event() -> None:
    """The neutral CSV and the webhook event of one booking agree on every column both have."""
    booked = rows_of("bookings.csv")[0].cells
    (event,) = (row.cells for row in rows_of("webhook.json"))
    assert {name: event[name] for name in booked if name in event} == {
        name: cell for name, cell in booked.items() if name not in {"phone", "booked_on"}
    }
    assert rows_of("bookings.csv")[2].cells == {
        "calendar_subscription_id": "125",
        "calendar_name": 'VIP "day"',
        "class_name": "Full day\n(on site)",
        "event_date": "16 Jan 2026 15:00",
        "calendar_subscription_status": "Completed",
    }


def test_affiliates_come_as_written() -> None:
    """A name with a comma, money with signs and thousands, and a row that is little more than a user name."""
    jo, aenne, ghost = rows_of("affiliates.csv")
    assert (jo.cells["affiliate"], jo.cells["earned"], jo.cells["paid"]) == ("Jo Partner", "$1,204.50", "$1,000.00")
    assert (aenne.cells["affiliate"], aenne.cells["email"]) == ("Müller, Änne", "AENNE@example.net")
    assert ghost.cells == {"username": "ghost", "status": "Declined"}


def test_a_lead_comes_as_a_contact_with_its_relations() -> None:
    """Scalars and own fields are cells as of a contacts export; what the export lacks is JSON text."""
    (row,) = rows_of("lead_details.json")
    assert row.cells["id"] == "4174086"
    assert (row.cells["budget_band"], row.cells["coaching_goal"]) == ("1k-5k", "Grow")
    assert row.cells["tags"] == '["Buyer: Course A"]'
    assert row.cells["lists"] == '["Newsletter"]'
    assert row.cells["list_activity"] == '[{"name":"Newsletter","active":"1"},{"name":"Webinar 2021","active":"0"}]'
    assert row.cells["sequences"] == '[{"name":"Welcome","step":"4","status":"active"}]'
    assert row.cells["memberships"] == '[{"name":"Course A","level":"Gold","active":"1"}]'
    assert not {"status", "custom_fields"} & set(row.cells)
