"""Damaged and malicious rows of what people bought and booked: what is good lands, the rest waits by its place."""

import json
from typing import NamedTuple

import pytest

from tests.hostile.place import Place, Told, assert_inert

SALES = "ID,Transaction Type,Date,Product,Amount (USD),Buyer Email\n"
WHEN = "2021-08-22 07:11:57"
PRODUCT = "\x1b[31m=cmd|'/c calc'!A0\u202e"


def _sale(number: str, kind: str = "Sale", date: str = WHEN, amount: str = "9.00", buyer: str = "ann@x.org") -> str:
    return f"{number},{kind},{date},{PRODUCT},{amount},{buyer}\n"


FILES = {
    "sales.csv": SALES
    + "".join([
        _sale("1"), _sale("2", date="2021-13-45 99:99:99"), _sale("3", date=""), _sale("4", amount="NaN"),
        _sale("5", amount="1e999"), _sale("6", amount="9" * 40), _sale("7", amount=""), _sale("8", kind="Gift"),
        _sale("9", buyer="nobody@x.org"), _sale("10", buyer="no address"), _sale(""), _sale("12", kind="Failed"),
        "13,Sale\n", _sale("14", amount="=1+1"), _sale("1\x1b[2J"), _sale("16", kind="Refund"),
    ]),
    "subscriptions.csv": "Subscription_ID,Product,Recurrence_Term,Status,Buyer_Email,Next payment amount\n"
    + f"1,{PRODUCT},Monthly,\x1b[31mOn hold,ann@x.org,1e999\n"
    + ",A,Monthly,Active,ann@x.org,9\n3,A,Monthly,Active,nobody@x.org,9\n",
    "bookings.csv": "calendar_subscription_id,calendar_name,email,event_date,vendor_timezone\n"
    + f"1,{PRODUCT},ann@x.org,2026-02-30 08:45,Mars/Olympus\n2,{PRODUCT},ann@x.org,2026-02-23 08:45,Mars/Olympus\n",
    "webhooks.jsonl": "\n".join([
        '{"action": "calendar_subscribe", "lead": {"email": "ann@x.org"}, "action_details": ' + "[" * 5_000,
        '{"action": "' + "assign_tag" * 3 + '", "lead": {"email": "\\u0000"}}', "null", '{"action": 1e999}', "{",
    ]),
    "affiliates.csv": "Affiliate,Username,Email,Status,Products,Earned,Reserve,Due,Paid\n"
    + f"{PRODUCT},\x1b[31mann,ann@x.org,\x1b[31mBest,0,1e999,0,-∞,9\nBob,,bob@x.org,Approved,0,0,0,0,0\n",
}  # fmt: skip


class Loaded(NamedTuple):
    """The place after its one load, and how the load ended."""

    place: Place
    told: Told


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """All files, and one contact, loaded at once."""
    place = Place(tmp_path_factory.mktemp("bought"))
    place.contacts("ann@x.org")
    for name, content in FILES.items():
        place.write(name, content)
    return Loaded(place, place.load())


def test_what_is_good_lands_and_the_rest_is_left_undone(loaded: Loaded) -> None:
    """The load ends 3: what can be told lands, nothing else does, and the ledger proves itself."""
    assert loaded.told.code == 3
    made = loaded.place.rows("SELECT source_key FROM record WHERE state = 'written' AND object NOT LIKE 'kartra%'")
    assert {key for (key,) in made} == {
        "contact:1",
        "transaction:1",
        "transaction:1\x1b[2J",
        "transaction:16",
        "booking:2/2026-02-23T08:45",
    }
    custom = loaded.place.rows("SELECT object, state FROM record WHERE object LIKE 'kartra%' ORDER BY object")
    assert custom == [("kartraAffiliate", "written"), ("kartraSubscription", "written")]
    loaded.place.assert_intact()


def test_every_bad_row_is_held_with_file_line_and_column(loaded: Loaded) -> None:
    """A row that cannot become a record waits under a reason code, by the place a person can look at."""
    assert loaded.place.held_at() == {
        ("sales.csv", 3, "date", "date_invalid"),
        ("sales.csv", 4, "date", "date_invalid"),
        ("sales.csv", 5, "amount", "amount_invalid"),
        ("sales.csv", 6, "amount", "amount_invalid"),
        ("sales.csv", 7, "amount", "amount_invalid"),
        ("sales.csv", 8, "amount", "amount_invalid"),
        ("sales.csv", 9, "transaction_type", "amount_invalid"),
        ("sales.csv", 10, "buyer_email", "buyer_unknown"),
        ("sales.csv", 11, "buyer_email", "buyer_unknown"),
        ("sales.csv", 12, "id", "identity_missing"),
        ("sales.csv", 14, "date", "row_malformed"),
        ("sales.csv", 15, "amount", "amount_invalid"),
        ("subscriptions.csv", 3, "subscription_id", "identity_missing"),
        ("subscriptions.csv", 4, "buyer_email", "buyer_unknown"),
        ("bookings.csv", 2, "event_date", "date_invalid"),
        ("webhooks.jsonl", 1, None, "row_malformed"),
        ("webhooks.jsonl", 3, None, "row_malformed"),
        ("webhooks.jsonl", 4, None, "row_malformed"),
        ("webhooks.jsonl", 5, None, "row_malformed"),
        ("affiliates.csv", 3, "username", "identity_missing"),
    }


def test_history_is_set_aside(loaded: Loaded) -> None:
    """A failed payment and an event that is no booking are told apart from rows at fault."""
    aside = loaded.place.rows("SELECT json_extract(data, '$.reason') FROM event WHERE type = 'RowSetAside'")
    assert {reason for (reason,) in aside} == {"failed", "not_a_booking"}


def test_money_nobody_can_read_is_left_out(loaded: Loaded) -> None:
    """An amount beside the point costs that field, not the record; a refund is less money, whatever its sign was."""
    bodies = loaded.place.rows("SELECT object, source_key, body FROM record JOIN payload ON hash = payload_hash")
    fields = {(name, key): json.loads(body)["value"]["fields"] for name, key, body in bodies}
    assert fields["opportunity", "transaction:16"]["amount"] == {"amountMicros": -9_000_000, "currencyCode": "USD"}
    assert "nextPayment" not in fields["kartraSubscription", "subscription:1"]
    [affiliate] = [one for (name, _), one in fields.items() if name == "kartraAffiliate"]
    assert affiliate["paid"] == {"amountMicros": 9_000_000, "currencyCode": "USD"}
    assert not {"earned", "due"} & affiliate.keys()


@pytest.mark.parametrize(
    "command", [["holds"], ["history"], ["history", "--json"], ["status"], ["rollback"]], ids=" ".join
)
def test_nothing_read_can_steer_the_terminal(loaded: Loaded, command: list[str]) -> None:
    """Products, user names and keys of streams are shown escaped wherever they show."""
    told = loaded.place.run(*command)
    assert told.code == 0
    assert_inert(told)
