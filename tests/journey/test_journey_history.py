"""What the auditor asks: the story of one record, one event in full, and whether anything was altered."""

import shutil
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from adapters.twenty import record_id
from commands.head import head
from commands.history import Asked, history
from commands.show import show
from commands.verify import verify
from ledger.errors import VerificationFailed
from ledger.reader import Reader
from tests.journey.world import Journey, by_email

JANE = "jane@kartra.example"
ROWS = [
    {"id": "41", "email": JANE, "first_name": "Jane", "company": "One Works"},
    {"id": "42", "email": "joe@kartra.example", "first_name": "Joe", "company": "One Works"},
    {"id": "41", "email": JANE, "first_name": "Janet", "company": ""},
]
NAME = "contacts_two_01-03-2026_69a4ef5c4f5f6.csv"
STORY = [
    "RowExtracted",
    "RowExtracted",
    "RowTransformed",
    "BatchIntended",
    "RecordCreated",
    "CompensationIntended",
    "RecordDeleted",
]


async def there_and_back(journey: Journey) -> str:
    """Load two people and take them back; Jane's id in Twenty."""
    await journey.load(journey.export("two", ROWS), "leave")
    jane = by_email(await journey.records("person"))[JANE]["id"]
    await journey.roll_back()
    return str(jane)


def types(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Event types, the names learnt left out: how many there are is the identity index's affair."""
    return [row["type"] for row in rows if row["type"] != "IdentityLinked"]


@pytest.mark.anyio
async def test_email_row_and_twenty_id_tell_the_same_whole_story(journey: Journey) -> None:
    """From source rows over payload and call to creation and deletion, by whichever name the auditor asks."""
    jane = await there_and_back(journey)
    by_mail = await history(journey.options, Asked(email=" JANE@Kartra.example "))
    assert types(by_mail) == STORY
    assert [row["source_ref"].rpartition(":")[2] for row in by_mail if row["type"] == "RowExtracted"] == ["2", "4"]
    assert await history(journey.options, Asked(twenty_id=jane.upper())) == by_mail
    for line in (2, 4):
        assert await history(journey.options, Asked(source=f"{NAME}:{line}")) == by_mail
    assert [row["position"] for row in by_mail] == sorted(row["position"] for row in by_mail)


@pytest.mark.anyio
async def test_each_step_names_the_step_that_caused_it(journey: Journey) -> None:
    """The creation was caused by its batch's intent, the deletion by its own; the id follows from the ledger alone."""
    jane = await there_and_back(journey)
    story = {row["type"]: row for row in await history(journey.options, Asked(email=JANE))}
    assert story["RecordCreated"]["cause"] == story["BatchIntended"]["position"]
    assert story["RecordDeleted"]["cause"] == story["CompensationIntended"]["position"]
    assert story["RecordCreated"]["twenty_id"] == story["RecordDeleted"]["twenty_id"] == jane
    async with Reader.open(journey.options.ledger) as reader:
        namespace = UUID(await reader.namespace())
    assert str(record_id(namespace, "person", story["RecordCreated"]["source_key"], 0)) == jane


@pytest.mark.anyio
async def test_show_gives_the_row_as_kartra_wrote_it_and_the_payload_as_sent(journey: Journey) -> None:
    """An event in full has its bodies: the source row's cells, and the values that went to Twenty."""
    await there_and_back(journey)
    story = {row["type"]: row for row in await history(journey.options, Asked(email=JANE))}
    read = await show(journey.options, story["RowExtracted"]["position"])
    [row] = read["bodies"].values()
    assert row is not None
    assert row.value["cells"] == {"id": "41", "email": JANE, "first_name": "Janet"}
    made = await show(journey.options, story["RecordCreated"]["position"])
    [payload] = made["bodies"].values()
    assert payload is not None
    assert payload.value["fields"]["name"] == {"firstName": "Janet", "lastName": ""}
    assert payload.value["fields"]["emails"]["primaryEmail"] == JANE
    assert payload.labels == {"name": "Janet"}


@pytest.mark.anyio
async def test_nothing_personal_stands_in_the_events(journey: Journey) -> None:
    """Neither e-mail nor name is found in any column of `event`; only bodies hold them."""
    await there_and_back(journey)
    columns = [row[1] for row in journey.ledger_rows("PRAGMA table_info(event)")]
    everything = " ".join(f"coalesce({name}, '') || ' ' ||" for name in columns)
    text = "\n".join(row[0] for row in journey.ledger_rows(f"SELECT {everything} '' FROM event")).lower()
    for personal in (JANE, "jane", "janet", "joe", "one works", "oneworks"):
        assert personal not in text


@pytest.mark.anyio
async def test_a_tail_that_was_cut_off_is_found_by_a_head_kept_elsewhere(journey: Journey) -> None:
    """An older copy put in the ledger's place is sound by itself; a head that was kept tells that something is gone."""
    await journey.load(journey.export("two", ROWS), "leave")
    middle = await head(journey.options)
    shutil.copy(journey.options.ledger, journey.folder / "older.db")
    await journey.roll_back()
    last = await head(journey.options)
    for kept in (middle, last):
        assert (await verify(journey.options, kept, record=False)).head == last
    for path in journey.folder.glob("ledger.db*"):
        path.unlink()
    shutil.move(journey.folder / "older.db", journey.options.ledger)
    assert (await verify(journey.options, None, record=False)).head == middle
    with pytest.raises(VerificationFailed):
        await verify(journey.options, last, record=False)
    assert journey.told("verify", "--expect", str(last), code=6)["error"]["exit_code"] == 6


@pytest.mark.anyio
async def test_the_log_is_filtered_by_run_and_by_type(journey: Journey) -> None:
    """`--run` gives what one run did, from its start to its end, and `--type` every event of a type."""
    await journey.load(journey.export("two", ROWS), "leave")
    done = await journey.roll_back()
    rows = await history(journey.options, Asked(run=done.run))
    assert (rows[0]["type"], rows[-1]["type"]) == ("RunStarted", "RunCompleted")
    assert {row["run_id"] for row in rows} == {done.run}
    assert rows[-1]["position"] == done.head.position
    created = await history(journey.options, Asked(type="recordcreated"))
    assert [row["object"] for row in created] == ["company", "person", "person"]
    printed = journey.run("history", "--type", "RecordCreated", "--format", "csv")
    assert len(printed.splitlines()) == 1 + len(created)
