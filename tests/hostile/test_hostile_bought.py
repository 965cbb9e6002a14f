"""Damaged and malicious rows of what people bought and booked: what is good lands, the rest waits by its place."""

from typing import NamedTuple

import pytest

from tests.hostile.place import Place, Told

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


def test_show(loaded: Loaded) -> None:
    """See."""
    print(loaded.told.out, loaded.told.err)
    for one in sorted(loaded.place.held_at()): print(one)
    print(loaded.place.rows("select object, source_key, state, label from record"))
    print(loaded.place.rows("select data from event where type='RowSetAside'"))
    loaded.place.assert_intact()
    assert 0
