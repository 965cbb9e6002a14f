"""Traces and automations in the embedded Twenty."""

import anyio
import pytest

from adapters.twenty import (
    Ids,
    NotFound,
    TwentyClient,
    count_timeline,
    create,
    destroy,
    destroy_runs,
    destroy_timeline,
    firing,
    pause,
    paused,
    put_back,
    read_model,
    run_count,
    run_ids,
    timeline_about,
    timeline_filter,
)
from adapters.twenty.documents import TRIGGERS
from tests.twenty.embedded import RUN, company, embedded, person, stranger, with_tags

pytestmark = pytest.mark.anyio


async def runs_settle(client: TwentyClient, expected: int) -> int:
    """Poll until the queue has written that many runs, or a second is over."""
    for _ in range(50):
        if (found := await run_count(client, RUN)) >= expected:
            return found
        await anyio.sleep(0.02)
    return found


async def test_traces_are_noted_while_records_live_and_destroyed_by_id() -> None:
    """Timeline rows of standard and custom records are counted, listed and destroyed; nobody else's are."""
    async with embedded() as client:
        model = await with_tags(client)
        await create(client, model.object("person"), [person(1), person(2), stranger()])
        await create(client, model.object("company"), [company(1)])
        tag = stranger(name="VIP", personId=person(1)["id"])
        await create(client, model.object("kartraTag"), [tag])
        ours = {
            "person": Ids([person(1)["id"], person(2)["id"]]),
            "company": Ids([company(1)["id"]]),
            "kartraTag": Ids([tag["id"]]),
        }
        assert await count_timeline(client, model, ours) == 4
        noted = await timeline_about(client, model, ours)
        assert len(noted) == 4
        assert client.calls["poll"] >= 1
        assert set(await destroy_timeline(client, Ids(noted))) == set(noted)
        assert await count_timeline(client, model, ours) == 0


async def test_a_row_that_tells_of_a_note_is_the_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is found without whom the note is tied to, told of once beside them, and counted once in any portions."""
    async with embedded() as client:
        model = await read_model(client)
        await create(client, model.object("person"), [person(1)])
        [note, tie] = [stranger(title="n"), stranger(targetPersonId=person(1)["id"])]
        await create(client, model.object("note"), [note])
        await create(client, model.object("noteTarget"), [{**tie, "noteId": note["id"]}])
        notes, both = {"note": Ids([note["id"]])}, {"note": Ids([note["id"]]), "person": Ids([person(1)["id"]])}
        assert sorted((await timeline_about(client, model, notes)).values()) == [note["id"]] * 2
        assert len(await timeline_about(client, model, both)) == 3
        monkeypatch.setattr("adapters.twenty.traces.TARGETS_A_CALL", 1)
        assert len(await timeline_about(client, model, both)) == 3
        assert [await count_timeline(client, model, one) for one in (notes, both)] == [2, 3]
        await destroy_timeline(client, Ids(await timeline_about(client, model, notes)))
        assert await count_timeline(client, model, both) == 1


async def test_objects_without_timeline_have_no_filter() -> None:
    """Where no timeline row can lead to the records there is no filter, rather than one for everything."""
    async with embedded() as client:
        model = await read_model(client)
        ids = Ids([person(1)["id"]])
        assert timeline_filter(model, {"noteTarget": ids}) is None
        assert timeline_filter(model, {}) is None
        assert await count_timeline(client, model, {}) == 0
        assert await timeline_about(client, model, {"noteTarget": ids}) == {}


async def test_runs_are_found_by_the_mark() -> None:
    """Workflow runs of our people are found by the run's mark, also once the people are gone, and destroyed by id."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        await create(client, people, [person(1), person(2), stranger(emails={"primaryEmail": "z@example.com"})])
        assert await runs_settle(client, 2) == 2
        await destroy(client, people, Ids([person(1)["id"], person(2)["id"]]), None)
        noted = await run_ids(client, RUN)
        assert len(await destroy_runs(client, Ids(noted))) == 2
        assert await run_count(client, RUN) == 0


@pytest.mark.parametrize("mark", ["", "%", "%%%%%%%%%", "short"])
async def test_wide_mark_never_leaves(mark: str) -> None:
    """A mark that would match other runs is refused before any call."""
    async with embedded() as client:
        with pytest.raises(ValueError, match="mark"):
            await run_ids(client, mark)
    assert not client.calls


async def test_prefilled_workflow_is_found_paused_and_put_back() -> None:
    """The trigger of a new workspace fires on people; paused nothing fires; put back it has its old time and fires."""
    async with embedded() as client:
        people = (await read_model(client)).object("person")
        [found] = await firing(client, ["person"])
        assert (found.kind, found.name) == ("workflow", "Create company when adding a new person")
        assert found.updated_at
        assert await firing(client, ["company"]) == []

        await pause(client, found.id)
        assert await firing(client, ["person"]) == []
        assert await paused(client, Ids([found.id])) == [found.id]
        await create(client, people, [person(1)])
        assert await runs_settle(client, 1) == 0

        for _ in range(2):
            await put_back(client, found.id, found.updated_at)
        [again] = await firing(client, ["person"])
        assert again.updated_at == found.updated_at
        assert await paused(client, Ids([found.id])) == []
        await create(client, people, [person(2)])
        assert await runs_settle(client, 1) == 1


async def test_trigger_the_trash_has_taken_is_told() -> None:
    """A paused trigger that is gone for good cannot be put back, and that is said."""
    async with embedded() as client:
        [found] = await firing(client, ["person"])
        await destroy(client, TRIGGERS, Ids([found.id]), None)
        assert await paused(client, Ids([found.id])) == []
        with pytest.raises(NotFound):
            await put_back(client, found.id, str(found.updated_at))
