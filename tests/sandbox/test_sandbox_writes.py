"""Creates, upserts, updates and destroys keep Twenty's promises, as SQL keeps them."""

import pytest

from tests.sandbox.conftest import CREATE, DESTROY, EVER, UPSERT, Start, person

pytestmark = pytest.mark.anyio


async def test_a_batch_lands_whole_or_not_at_all(start: Start) -> None:
    """One bad row among two hundred and nothing of the batch is there."""
    twenty = await start()
    rows = [person(f"p{place}@x.com") for place in range(199)] + [person("not-an-email")]
    error = await twenty.refused(CREATE, d=rows)
    assert error["extensions"]["subCode"] == "INVALID_ARGS_DATA"
    assert await twenty.count("people", EVER) == 0


async def test_a_conflict_in_the_last_row_undoes_the_first(start: Start) -> None:
    """A unique value that is taken is found by the database's own index, and the whole insert goes back."""
    twenty = await start()
    await twenty.ask(CREATE, d=[person("taken@x.com")])
    await twenty.refused(CREATE, d=[person("free@x.com"), person("TAKEN@x.com")])
    assert {node["emails"]["primaryEmail"] for node in (await twenty.people()).values()} == {"taken@x.com"}


async def test_a_repeat_of_a_create_changes_nothing(start: Start) -> None:
    """Client-chosen ids make creates idempotent: the second is refused, whatever its data."""
    twenty = await start()
    one = person("a@x.com", jobTitle="first")
    await twenty.ask(CREATE, d=[one])
    error = await twenty.refused(CREATE, d=[one | {"jobTitle": "second"}])
    assert "conflictingRecordId" not in error["extensions"]
    assert (await twenty.people())[one["id"]]["jobTitle"] == "first"


async def test_a_deleted_person_keeps_its_address_until_destroyed(start: Start) -> None:
    """Soft-deleted rows count for uniqueness and are not named; a hard delete frees the value and the id."""
    twenty = await start()
    one = person("a@x.com")
    await twenty.ask(CREATE, d=[one])
    await twenty.ask("mutation($i:UUID!){deletePerson(id:$i){id}}", i=one["id"])
    error = await twenty.refused(CREATE, d=[person("a@x.com")])
    assert "conflictingRecordId" not in error["extensions"]
    await twenty.ask(DESTROY, f={"id": {"in": [one["id"]]}})
    await twenty.ask(CREATE, d=[one])


async def test_empty_values_never_collide(start: Start) -> None:
    """Empty and missing addresses are NULL, and NULLs repeat."""
    twenty = await start()
    rows = [person(), person(), person() | {"emails": {"primaryEmail": ""}}, person() | {"emails": None}]
    assert len(await twenty.ask(CREATE, d=rows)) == 4


async def test_an_upsert_keeps_its_updates_when_its_insert_is_refused(start: Start) -> None:
    """Upserts are not atomic: what was updated stays."""
    twenty = await start()
    old = person("old@x.com", jobTitle="before")
    await twenty.ask(CREATE, d=[old])
    new = [person("twice@x.com"), person("twice@x.com")]
    await twenty.refused(UPSERT, d=[{"id": old["id"], "jobTitle": "after"}, *new])
    people = await twenty.people()
    assert {node["jobTitle"] for node in people.values()} == {"after"}


async def test_an_upsert_revives_and_answers_the_updated_first(start: Start) -> None:
    """A soft-deleted match comes back to life, and answers stand in another order than was sent."""
    twenty = await start()
    old, new = person("old@x.com"), person("new@x.com")
    await twenty.ask(CREATE, d=[old])
    await twenty.ask("mutation($i:UUID!){deletePerson(id:$i){id}}", i=old["id"])
    answered = await twenty.ask(UPSERT, d=[new, {"id": old["id"], "jobTitle": "back"}])
    assert [node["id"] for node in answered] == [old["id"], new["id"]]
    assert set(await twenty.people()) == {old["id"], new["id"]}


async def test_a_hard_delete_cascades_and_clears_as_the_relations_say(start: Start) -> None:
    """Targets of a person go with it, orders and people pointing at what went are set free, silently."""
    twenty = await start()
    company, buyer, note = person(), person("b@x.com"), person()
    await twenty.ask("mutation($d:[X!]!){createCompanies(data:$d){id}}", d=[company | {"name": "Acme"}])
    await twenty.ask(CREATE, d=[buyer | {"companyId": company["id"]}])
    await twenty.ask("mutation($d:[X!]!){createNotes(data:$d){id}}", d=[note | {"title": "n"}])
    target = {"noteId": note["id"], "targetPersonId": buyer["id"]}
    await twenty.ask("mutation($d:[X!]!){createNoteTargets(data:$d){id}}", d=[target])
    order = {"name": "o", "pointOfContactId": buyer["id"], "companyId": company["id"]}
    await twenty.ask("mutation($d:[X!]!){createOpportunities(data:$d){id}}", d=[order])
    (before,) = await twenty.nodes("{people{edges{node{updatedAt}}}}")
    await twenty.ask("mutation($i:UUID!){destroyCompany(id:$i){id}}", i=company["id"])
    (after,) = await twenty.nodes("{people{edges{node{updatedAt companyId}}}}")
    assert after == before | {"companyId": None}
    await twenty.ask("mutation($i:UUID!){destroyPerson(id:$i){id}}", i=buyer["id"])
    (left,) = await twenty.nodes("{opportunities{edges{node{companyId pointOfContactId}}}}")
    assert left == {"companyId": None, "pointOfContactId": None}
    assert [await twenty.count(plural) for plural in ("noteTargets", "notes")] == [0, 1]


@pytest.mark.parametrize("everything", [{}, {"and": []}])
async def test_an_empty_filter_destroys_everything(start: Start, everything: dict[str, object]) -> None:
    """The danger a client must make impossible is there, soft-deleted records included."""
    twenty = await start()
    rows = [person(), person(), person()]
    await twenty.ask(CREATE, d=rows)
    await twenty.ask("mutation($i:UUID!){deletePerson(id:$i){id}}", i=rows[0]["id"])
    await twenty.ask(DESTROY, f=everything)
    assert await twenty.count("people", EVER) == 0


async def test_compare_and_destroy_spares_what_was_edited(start: Start) -> None:
    """Ids with `updatedAt lte` the greatest read take all but the edited record; so do a thousand pairs in one call."""
    twenty = await start()
    rows = [person(updatedAt="2026-01-02T03:04:05.678901Z") for _ in range(200)]
    for part in range(0, len(rows), 200):
        await twenty.ask(CREATE, d=rows[part : part + 200])
    edited = rows[17]["id"]
    await twenty.ask('mutation($i:UUID!){updatePerson(id:$i,data:{jobTitle:"x"}){id}}', i=edited)
    pairs = [
        {"and": [{"id": {"eq": row["id"]}}, {"updatedAt": {"eq": "2026-01-02T03:04:05.678Z"}}]} for row in rows
    ] * 5
    gone = await twenty.ask(DESTROY, f={"or": pairs})
    assert len(gone) == 199
    assert set(await twenty.people()) == {edited}


async def test_updates_by_filter_stop_at_two_hundred(start: Start) -> None:
    """One record over the limit and none is changed."""
    twenty = await start()
    for size in (200, 1):
        await twenty.ask(CREATE, d=[person() for _ in range(size)])
    update = "mutation($f:X!,$d:X!){updatePeople(filter:$f,data:$d){id}}"
    await twenty.refused(update, f={"id": {"is": "NOT_NULL"}}, d={"jobTitle": "x"})
    assert {node["jobTitle"] for node in (await twenty.people()).values()} == {""}


async def test_roots_of_one_document_cannot_lean_on_their_order(start: Start) -> None:
    """Companies and people pointing at them in one document always meet the foreign key error Twenty mostly gives."""
    twenty = await start()
    company = person()
    document = "mutation($c:[X!]!,$d:[X!]!){createCompanies(data:$c){id} createPeople(data:$d){id}}"
    answer = await twenty.post(document, c=[company], d=[person(companyId=company["id"])])
    assert answer["data"]["createPeople"] is None
    assert answer["data"]["createCompanies"] == [{"id": company["id"]}]
    assert "foreign key" in answer["errors"][0]["message"]


async def test_a_person_is_on_a_list_once(start: Start) -> None:
    """List and person together are unique among live members."""
    twenty = await start()
    list_, member = person(), person()
    await twenty.ask("mutation($d:[X!]!){createMessageLists(data:$d){id}}", d=[list_ | {"name": "l"}])
    await twenty.ask(CREATE, d=[member])
    create = "mutation($d:[X!]!){createMessageListMembers(data:$d){id}}"
    row = {"listId": list_["id"], "personId": member["id"]}
    await twenty.ask(create, d=[row])
    error = await twenty.refused(create, d=[row])
    assert error["message"] == "A duplicate entry was detected"
