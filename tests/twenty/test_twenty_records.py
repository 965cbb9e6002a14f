"""Records in the embedded Twenty: written once, read whole, destroyed only where nobody edited."""

import anyio
import pytest

from adapters.twenty import (
    Ask,
    DuplicateRecord,
    Ids,
    InvalidValue,
    NotFound,
    counts,
    create,
    dependents,
    destroy,
    destroy_as_read,
    holders,
    locate,
    marked,
    read_many,
    read_model,
    reading,
    restore,
    soft_delete,
    split,
    update_one,
    upsert_by_id,
    walk,
)
from tests.twenty.embedded import RUN, company, embedded, person, stranger, with_tags

pytestmark = pytest.mark.anyio


def ids_of(rows: list[dict[str, str]]) -> Ids:
    """The ids of rows to create."""
    return Ids([row["id"] for row in rows])


async def test_batch_is_created_once() -> None:
    """A batch of 200 lands under the ids it carries; sent again it is refused, and nothing is doubled."""
    async with embedded() as client:
        model = await read_model(client)
        people = model.object("person")
        rows = [person(number, createdAt="2020-01-02T03:04:05.000Z") for number in range(200)]
        stored = await create(client, people, rows)
        assert [one.id for one in stored] == [row["id"] for row in rows]
        assert {one.created_at for one in stored} == {"2020-01-02T03:04:05.000Z"}
        with pytest.raises(DuplicateRecord):
            await create(client, people, rows)
        assert (await counts(client, [people]))["person"].live == 200
    assert client.calls["create"] == 2


async def test_refused_batch_leaves_nothing_and_names_its_row() -> None:
    """One bad value refuses the batch whole; the row is found locally and the rest lands."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        rows = [person(number) for number in range(5)]
        rows[3]["emails"] = {"primaryEmail": "not-an-email"}
        with pytest.raises(InvalidValue) as refusal:
            await create(client, people, rows)
        [bad] = locate(rows, refusal.value)
        assert bad == 3
        assert len(await create(client, people, rows[:bad] + rows[bad + 1 :])) == 4


async def test_conflict_names_its_holder_and_one_read_tells_all() -> None:
    """A taken e-mail names its holder; holders tells every conflict of the batch, those in the bin included."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        live, binned = (
            stranger(emails={"primaryEmail": "p1@example.com"}),
            stranger(emails={"primaryEmail": "p2@example.com"}),
        )
        await create(client, people, [live, binned])
        await soft_delete(client, people, Ids([binned["id"]]))
        rows = [person(number) for number in range(4)]
        with pytest.raises(DuplicateRecord) as refusal:
            await create(client, people, rows)
        assert refusal.value.conflicting_id == live["id"]
        emails = [row["emails"]["primaryEmail"] for row in rows]
        found = await holders(client, people, "emails.primaryEmail", emails, ids_of(rows))
        held = {one.value: (one.id, one.deleted_at is not None) for one in found}
        assert held == {"p1@example.com": (live["id"], False), "p2@example.com": (binned["id"], True)}


async def test_holders_finds_ids_too() -> None:
    """With ids, records under these ids are found although they hold none of the values."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        await create(client, people, [person(1)])
        found = await holders(client, people, "emails.primaryEmail", [], Ids([person(1)["id"], person(2)["id"]]))
        assert [(one.id, one.value) for one in found] == [(person(1)["id"], "p1@example.com")]


async def test_several_objects_are_read_in_one_call() -> None:
    """Records of two objects, one of them in the bin, come with one call; what is not there is left out."""
    async with embedded() as client:
        model = await read_model(client)
        await create(client, model.object("company"), [company(1)])
        await create(client, model.object("person"), [person(1, companyId=company(1)["id"]), person(2)])
        await soft_delete(client, model.object("person"), Ids([person(2)["id"]]))
        before = client.calls["read"]
        asks = [
            Ask("person", Ids([person(number)["id"] for number in (1, 2, 3)]), ("name", "companyId", "emails")),
            Ask("company", Ids([company(1)["id"]]), ("name", "createdBy")),
        ]
        rows = await read_many(client, model, asks)
        assert client.calls["read"] == before + 1
    assert [row["id"] for row in rows["person"]] == [person(1)["id"], person(2)["id"]]
    assert [row["deletedAt"] is None for row in rows["person"]] == [True, False]
    assert rows["person"][0]["companyId"] == company(1)["id"]
    assert rows["company"][0]["createdBy"]["context"] == {"run": RUN}


async def test_edited_record_survives_compare_and_delete() -> None:
    """Of three records read, the one edited after the read survives; the answer names those that went."""
    async with embedded() as client:
        model = await read_model(client)
        people = model.object("person")
        rows = [person(number) for number in range(3)]
        stored = await create(client, people, rows)
        shown = max(one.updated_at for one in stored)
        await anyio.sleep(0.005)
        await update_one(client, people, rows[1]["id"], {"jobTitle": "edited"})
        gone = await destroy(client, people, ids_of(rows), shown)
        assert set(gone) == {rows[0]["id"], rows[2]["id"]}
        left = await read_many(client, model, [Ask("person", ids_of(rows), ("jobTitle",))])
    assert [row["jobTitle"] for row in left["person"]] == ["edited"]


async def test_each_record_is_compared_by_itself() -> None:
    """One whose time lies far ahead hides no edit of another; what was read otherwise stays."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        rows = [person(number) for number in range(3)]
        rows[0]["updatedAt"] = "2099-01-01T00:00:00.000Z"
        read = {one.id: one.updated_at for one in await create(client, people, rows)}
        await anyio.sleep(0.005)
        await update_one(client, people, rows[1]["id"], {"jobTitle": "edited"})
        assert set(await destroy_as_read(client, people, read)) == {rows[0]["id"], rows[2]["id"]}
        with pytest.raises(ValueError, match="milliseconds"):
            await destroy_as_read(client, people, {rows[1]["id"]: "2026-01-01"})


async def test_bin_and_back() -> None:
    """A binned record is counted apart, comes back on restore, and can be destroyed from the bin."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        rows = [person(number) for number in range(3)]
        await create(client, people, rows)
        assert len(await soft_delete(client, people, ids_of(rows[:2]))) == 2
        count = (await counts(client, [people]))["person"]
        assert (count.live, count.deleted) == (1, 2)
        assert await restore(client, people, ids_of(rows[:1])) == [rows[0]["id"]]
        assert len(await destroy(client, people, ids_of(rows), None)) == 3
        assert (await counts(client, [people], deleted=False))["person"].live == 0


async def test_many_changes_go_by_id() -> None:
    """Different changes of many records go in one call, in any order, and leave other fields alone."""
    async with embedded() as client:
        model = await read_model(client)
        people = model.object("person")
        rows = [person(number) for number in range(3)]
        created = await create(client, people, rows)
        changes = [{"id": row["id"], "jobTitle": f"Job {row['id'][-1]}"} for row in reversed(rows)]
        stored = await upsert_by_id(client, people, changes)
        assert [one.id for one in stored] == [change["id"] for change in changes]
        assert {one.created_at for one in stored} == {one.created_at for one in created}
        read = (await read_many(client, model, [Ask("person", ids_of(rows), ("jobTitle", "emails"))]))["person"]
    assert [row["jobTitle"] for row in read] == ["Job 1", "Job 2", "Job 3"]
    assert read[0]["emails"]["primaryEmail"] == "p0@example.com"


async def test_change_of_a_record_that_is_gone_is_told() -> None:
    """A single change says NotFound; a change by upsert makes a stump, told by its createdAt."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        [kept] = await create(client, people, [person(1, createdAt="2020-01-01T00:00:00.000Z")])
        await destroy(client, people, Ids([kept.id]), None)
        with pytest.raises(NotFound):
            await update_one(client, people, kept.id, {"jobTitle": "x"})
        [stump] = await upsert_by_id(client, people, [{"id": kept.id, "jobTitle": "x"}])
    assert stump.created_at != kept.created_at


async def test_marks_are_found_by_run() -> None:
    """Records carrying our mark are found, by any run or by one, in the bin too, and nobody else's."""
    async with embedded() as client:
        model = await read_model(client)
        kinds = [model.object("person"), model.object("company")]
        await create(client, kinds[0], [person(1), person(2), stranger()])
        await soft_delete(client, kinds[0], Ids([person(2)["id"]]))
        anyones = await marked(client, kinds)
        assert [one.id for one in anyones["person"].first] == [person(1)["id"], person(2)["id"]]
        assert [one.run for one in anyones["person"].first] == [RUN, RUN]
        assert anyones["person"].first[1].deleted_at
        assert anyones["company"].total == 0
        assert (await marked(client, kinds, RUN, first=1))["person"].total == 2
        assert (await marked(client, kinds, "0198c0de-ffff"))["person"].total == 0


async def test_walk_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Walking page by page brings every record once, in id order."""
    monkeypatch.setattr(reading, "ROWS_A_PAGE", 7)
    async with embedded() as client:
        model = await read_model(client)
        rows = [person(number) for number in range(50)]
        await create(client, model.object("person"), rows)
        walked = [row["id"] async for page in walk(client, model, "person", ["name"]) for row in page]
        named = {"name": {"firstName": {"eq": "First3"}}}
        some = [row["id"] async for page in walk(client, model, "person", ["name"], named) for row in page]
    assert walked == [row["id"] for row in rows]
    assert some == [rows[3]["id"]]


async def test_dependents_of_any_object_are_found() -> None:
    """Plain, shared and custom relations lead to their pointing records; ours and timeline rows are left out."""
    async with embedded() as client:
        model = await with_tags(client)
        ours = [person(1, companyId=company(1)["id"])]
        await create(client, model.object("company"), [company(1)])
        await create(client, model.object("person"), ours)
        foreign = stranger(companyId=company(1)["id"], emails={"primaryEmail": "x@example.com"})
        tag = stranger(name="VIP", personId=ours[0]["id"])
        note, deal = stranger(title="Called"), stranger(name="Deal", pointOfContactId=ours[0]["id"])
        link = stranger(noteId=note["id"], targetPersonId=ours[0]["id"])
        await create(client, model.object("person"), [foreign])
        for name, row in [("kartraTag", tag), ("note", note), ("opportunity", deal), ("noteTarget", link)]:
            await create(client, model.object(name), [row])
        await soft_delete(client, model.object("opportunity"), Ids([deal["id"]]))
        before = client.calls["read"]
        found = await dependents(
            client,
            model,
            {"company": Ids([company(1)["id"]]), "person": ids_of(ours)},
            lambda name, one: (name, one) == ("person", ours[0]["id"]),
        )
        calls = client.calls["read"] - before
    assert {(one.object, one.field, one.id) for one in found} == {
        ("person", "companyId", foreign["id"]),
        ("kartraTag", "personId", tag["id"]),
        ("opportunity", "pointOfContactId", deal["id"]),
        ("noteTarget", "targetPersonId", link["id"]),
    }
    assert {one.created_by and one.created_by["name"] for one in found} == {"Jane"}
    assert calls == 1


async def test_dependents_beyond_a_page_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where more records point than a page holds, the rest is read too."""
    monkeypatch.setattr("adapters.twenty.pointers.NARROW_ROWS_A_PAGE", 3)
    async with embedded() as client:
        model = await read_model(client)
        await create(client, model.object("company"), [company(1)])
        rows = [person(number, companyId=company(1)["id"]) for number in range(10)]
        await create(client, model.object("person"), rows)
        found = await dependents(client, model, {"company": Ids([company(1)["id"]])})
    assert {one.id for one in found} == {row["id"] for row in rows}


async def test_dependents_of_very_many_are_asked_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """More targets than a filter should hold are asked for in several calls, and nobody is missed."""
    monkeypatch.setattr("adapters.twenty.pointers.TARGETS_A_CALL", 2)
    async with embedded() as client:
        model = await read_model(client)
        companies = [company(number) for number in range(5)]
        await create(client, model.object("company"), companies)
        rows = [person(number, companyId=company(number)["id"]) for number in range(5)]
        await create(client, model.object("person"), rows)
        found = await dependents(client, model, {"company": ids_of(companies), "person": ids_of(rows)})
    assert {(one.id, one.target_id) for one in found} == {(row["id"], row["companyId"]) for row in rows}


async def test_edited_record_is_not_binned_either() -> None:
    """Binning compares like destroying: who was edited since stays live."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        rows = [person(number) for number in range(2)]
        shown = max(one.updated_at for one in await create(client, people, rows))
        await anyio.sleep(0.005)
        await update_one(client, people, rows[0]["id"], {"jobTitle": "edited"})
        assert await soft_delete(client, people, ids_of(rows), shown) == [rows[1]["id"]]


async def test_records_nothing_leads_to_have_no_dependents() -> None:
    """A record nobody points at has none."""
    async with embedded() as client:
        model = await read_model(client)
        await create(client, model.object("person"), [person(1)])
        assert await dependents(client, model, {"person": Ids([person(1)["id"]])}) == []


async def test_load_passes_a_real_limit() -> None:
    """With Twenty's own kind of bucket every batch lands, refused calls included, and none twice."""
    async with embedded(rate_limit=(5, 0.2)) as client:
        people = (await read_model(client)).object("person")
        rows = [person(number) for number in range(24)]
        for batch in split(rows, 2):
            await create(client, people, batch)
        assert (await counts(client, [people], deleted=False))["person"].live == 24
    assert client.calls["create"] == 12
    assert 0 < client.calls["refused"] < 6
