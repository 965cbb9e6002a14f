"""`plan --assist`: headers and shapes leave the house, values never; whatever goes wrong, the plan goes on."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.mapping import load_mapping
from commands.planning.assisting import KEY
from tests.assist.endpoint import Endpoint, endpoint
from tests.hostile.place import Place, Told

SECRETS = ("Marlowe", "Chandler", "Philippa", "Zebedee")


@pytest.fixture
def server() -> Iterator[Endpoint]:
    """An endpoint of the test's own."""
    with endpoint() as told:
        yield told


@pytest.fixture
def private(tmp_path: Path) -> Place:
    """Exports with an open column of personal values, and one of sales nobody knows."""
    place = Place(tmp_path, {KEY: "sk-secret-key"})
    rows = [f"p{at}@x.org,{SECRETS[at % 4]},{SECRETS[at % 4]} {at} Street,{at}" for at in range(40)]
    place.write("contacts.csv", "\n".join(["email,first_name,where_to,Score", *rows]) + "\n")
    sale = "1,Sale,2026-01-02,p1@x.org,9.50,Stripe Marlowe"
    place.write("sales.csv", f"ID,Transaction_Type,Date,Buyer_Email,Amount (EUR),Paid through\n{sale}\n")
    return place


def plan(place: Place, server: Endpoint, *more: str) -> Told:
    """Plan with the endpoint's help."""
    mapping = place.folder / "mapping.toml"
    return place.run("--mapping", mapping, "plan", place.exports, "--force", "--assist", server.url, "model", *more)


def columns(told: Told) -> dict[str, dict[str, Any]]:
    """The proposals by column."""
    assert told.code == 0, told.err
    return {one["column"]: one for one in told.document["columns"]}


def test_no_value_leaves_the_house(private: Place, server: Endpoint) -> None:
    """Of unmapped columns the header and shapes are sent; of the others nothing; of no cell a word."""
    plan(private, server)
    [(_, _, body)] = server.requests
    sent = body.decode()
    assert not [word for word in (*SECRETS, *map(str.lower, SECRETS), "x.org", "9.50", "Stripe") if word in sent]
    assert [one["column"] for one in server.asked["columns"]] == ["where_to", "paid_through"]
    assert "Aaaa 9 Aaaaaa" not in sent
    assert server.asked["columns"][0]["shapes"]


def test_suggestions_are_taken_marked_and_written(private: Place, server: Endpoint) -> None:
    """A known column and a reading; what they say they are is kept low, and told everywhere."""
    server.content = json.dumps(
        {
            "suggestions": [
                {"kind": "transactions", "column": "paid_through", "like": "processor", "confidence": 1, "why": "\x1b"},
                {"kind": "contacts", "column": "where_to", "as": "option", "confidence": 0.4, "why": "few # places"},
                {"kind": "contacts", "column": "score", "as": "text"},
                {"kind": "contacts", "column": "where_to", "as": "drop table"},
            ]
        }
    )
    told = plan(private, server, "--json")
    found = columns(told)
    assert (found["paid_through"]["by"], found["paid_through"]["confidence"]) == ("assist", 0.5)
    assert found["paid_through"]["fields"] == ["opportunity.kartraProcessor"]
    assert (found["where_to"]["by"], found["where_to"]["type"]) == ("assist", "SELECT")
    assert found["score"]["by"] == "header"
    config = load_mapping(private.folder / "mapping.toml")
    assert config.opportunity is not None
    assert config.opportunity.fields["kartraProcessor"].columns == ("paid_through",)
    assert "# 0.40: assist: few # places" in config.text
    assert "\x1b" not in told.out + told.err + config.text
    assert "2 taken" in told.err


@pytest.mark.parametrize(("status", "content"), [(500, ""), (401, ""), (200, "Sure! Here you go.")])
def test_a_failure_is_a_warning(private: Place, server: Endpoint, status: int, content: str) -> None:
    """The plan is written as if nobody had been asked; the warning holds no key."""
    without = private.run("--mapping", private.folder / "m2.toml", "plan", private.exports)
    server.status, server.content = status, content
    told = plan(private, server)
    assert (told.code, without.code) == (0, 0)
    assert "warning: assist" in told.err
    assert "sk-secret-key" not in told.out + told.err
    assert (private.folder / "mapping.toml").read_bytes() == (private.folder / "m2.toml").read_bytes()


def test_nobody_is_asked_without_a_question(place: Place, server: Endpoint) -> None:
    """Where every column has its place, no call is made."""
    place.contacts("ann@x.org", "bob@x.org")
    assert plan(place, server).code == 0
    assert server.requests == []


def test_a_wrong_address_is_wrong_use(private: Place, server: Endpoint) -> None:
    """It is told before a file is read, without the secret somebody put into it."""
    server.url = "https://me:sesame@x.org/v1"
    told = plan(private, server)
    assert told.code == 2
    assert "sesame" not in told.err
