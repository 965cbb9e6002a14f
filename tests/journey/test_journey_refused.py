"""What Twenty does not take: taken values, refused values, too much at once. The rest lands, and each is told."""

from collections import Counter
from collections.abc import Mapping
from math import ceil
from typing import Any

import msgspec
import pytest

from adapters.mapping.types import Record
from adapters.sandbox.graphql import writing
from adapters.twenty import Ids, destroy
from commands.holds import holds
from commands.making import people
from tests.journey.world import Journey, by_email, create_person, soft_deleted, to_come

ROWS = [
    {"id": str(at), "email": f"{name}@kartra.example", "first_name": name.title(), "company": "One Works"}
    for at, name in enumerate(("ann", "bob", "cyd", "dee", "eve"), 1)
]


def mine(name: str) -> dict[str, Any]:
    """Somebody else's person with an e-mail that Kartra has as well."""
    return {"name": {"firstName": "Other"}, "emails": {"primaryEmail": f"{name}@kartra.example"}}


@pytest.mark.anyio
async def test_a_taken_email_holds_its_person_and_the_rest_lands(journey: Journey) -> None:
    """Who holds an e-mail already, live or in the bin, is left alone; ours wait with the reason, and who it was."""
    async with journey.twenty() as twenty:
        live = await create_person(twenty.client, data=mine("bob"))
        binned = await create_person(twenty.client, data=mine("cyd"))
        await soft_deleted(twenty, "person", binned)
    theirs = await journey.records("person")
    loaded = await journey.load(journey.export("five", ROWS), "leave")
    listed = await holds(journey.options, "open")
    assert {(one.line, one.column, one.object, one.reason) for one in listed} == {
        (3, "email", "person", "existing_in_twenty"),
        (4, "email", "person", "deleted_in_twenty"),
    }
    told = [await journey.body(one.event.payload_hash) for one in await journey.events("RowHeld")]
    assert {one["holder"]: one["deleted_at"] is not None for one in told} == {live: False, binned: True}
    assert (loaded.undone, loaded.books.imbalances) == (2, ())
    assert loaded.written.created == {"company": 1, "person": 3}
    people = await journey.records("person")
    now = {one["id"]: one for one in people}
    assert [{name: now[one["id"]][name] for name in one} for one in theirs] == theirs
    assert {one["name"]["firstName"] for one in people} == {"Other", "Ann", "Dee", "Eve"}


@pytest.mark.anyio
async def test_an_email_taken_while_the_batch_is_on_its_way(journey: Journey) -> None:
    """Twenty refuses the whole batch for one e-mail: that person is held, the others are sent again and land."""
    taken: list[str] = []

    async def take(stage: str, body: bytes) -> None:
        if stage == "before" and b"createPeople" in body and not taken:
            async with journey.twenty() as twenty:
                taken.append("")
                taken[0] = await create_person(twenty.client, data=mine("dee"))

    journey.settings["on_request"] = take
    loaded = await journey.load(journey.export("five", ROWS), "leave")
    [held] = await holds(journey.options, "open")
    assert (held.line, held.reason) == (5, "existing_in_twenty")
    assert loaded.written.created == {"company": 1, "person": 4}
    assert loaded.books.imbalances == ()
    people = by_email(await journey.records("person"))
    assert people["dee@kartra.example"]["id"] == taken[0]
    assert len(people) == 5
    done = await journey.roll_back()
    assert done.destroyed == {"person": 4, "company": 1}
    assert [one["id"] for one in await journey.records("person")] == taken


def spoilt(monkeypatch: pytest.MonkeyPatch, values: Mapping[str, Mapping[str, Any]]) -> None:
    """Let the mapping make values that Twenty refuses, by first name."""
    right = people.person

    def person(*arguments: Any) -> Record:
        record = right(*arguments)
        wrong = values.get(record.fields["name"]["firstName"], {})
        return msgspec.structs.replace(record, fields={**record.fields, **wrong})

    monkeypatch.setattr(people, "person", person)


@pytest.mark.anyio
async def test_what_twenty_refuses_is_rejected_in_its_own_words(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A value Twenty refuses rejects its own record, also where Twenty does not say whose it was; the rest lands."""
    spoilt(
        monkeypatch,
        {
            "Bob": {"linkedinLink": {"primaryLinkUrl": "not a url"}},
            "Dee": {"phones": {"primaryPhoneNumber": "call me"}},
        },
    )
    loaded = await journey.load(journey.export("five", ROWS), "leave")
    assert loaded.written.rejected == {"person": 2}
    assert loaded.written.created == {"company": 1, "person": 3}
    assert (loaded.undone, loaded.books.imbalances) == (2, ())
    rejected = [one.event for one in await journey.events("RecordRejected")]
    said = {one.code: (await journey.body(one.payload_hash))["said"] for one in rejected}
    assert said.keys() == {"twenty_invalid_link", "twenty_invalid_phone"}
    assert "URL" in str(said["twenty_invalid_link"])
    assert "call me" in str(said["twenty_invalid_phone"])
    assert {one["name"]["firstName"] for one in await journey.records("person")} == {"Ann", "Cyd", "Eve"}
    assert not any("call me" in data for (data,) in journey.ledger_rows("SELECT data FROM event"))


@pytest.mark.anyio
async def test_a_lower_maximum_is_learnt_from_the_server(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes 60 records a call (as hosted plans do) is asked once too much, then given 60 at a time."""
    monkeypatch.setattr(writing, "MAXIMUM_RECORDS", 60)
    sent: list[int] = []

    def weigh(stage: str, body: bytes) -> None:
        if stage == "before" and b"createPeople" in body:
            sent.append(len(msgspec.json.decode(body)["variables"]["d"]))

    journey.settings["on_request"] = weigh
    exports = journey.sample(250, dirty=False, companies=0)
    loaded = await journey.load(exports, "leave")
    assert sent == [200, 60, 60, 60, 20, 50]
    assert loaded.calls["create"] == len(sent) + sum(
        ceil(to_come(exports)[name] / 60) for name in ("note", "noteTarget")
    )
    assert loaded.written.created == to_come(exports)
    assert len(await journey.records("person")) == 250


@pytest.mark.anyio
async def test_a_company_destroyed_on_the_way_costs_the_link_and_not_the_person(journey: Journey) -> None:
    """Somebody destroys a company before the people arrive who work there: they land without it, and that is told."""
    gone: list[str] = []

    async def remove(stage: str, body: bytes) -> None:
        if stage == "before" and b"createPeople" in body and not gone:
            gone.append("")
            [gone[0]] = [one["id"] for one in await journey.records("company")]
            async with journey.twenty() as twenty:
                await destroy(twenty.client, twenty.model.object("company"), Ids(gone), None)

    journey.settings["on_request"] = remove
    loaded = await journey.load(journey.export("five", ROWS), "leave")
    assert loaded.written.created == {"company": 1, "person": 5}
    assert Counter(one["companyId"] for one in await journey.records("person")) == {None: 5}
    created = [one.event for one in await journey.events("RecordCreated") if one.event.object == "person"]
    assert {one.unlinked for one in created} == {("companyId",)}
    done = await journey.roll_back()
    assert done.proof.exact
    assert done.already_gone["company"] == 1
