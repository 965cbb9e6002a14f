"""Scenes of the recordings that destroy: by ids, by ids and time, and whole loads."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.conformance.scenes.modelling import create_field, create_object
from tests.conformance.world import Scene, World, made_up_ids, settings, with_pinned

_READ_AT = "2026-11-23T17:47:08.310Z"
_EDITED_AT = "2026-11-23T17:47:08.400Z"
_THOUSAND_READ_AT = "2026-11-23T17:47:09.293Z"
_FIFTY_READ_AT = "2026-11-23T17:59:58.840Z"

_MANY = {
    0: "7b6be935-effa-473d-aa3e-c7a7a45c29f7",
    1: "52dcf487-913d-4274-a738-b93582d17d24",
    2: "bf9f09a1-984b-4c22-942a-e4574e08f054",
    3: "ffaa724f-cb7e-4971-909b-527857cabcc0",
    4: "67314049-f3c5-4ab3-8202-271049aad901",
    10: "a8660e32-cc9a-4c30-9622-162d74dd53a6",
    200: "2995b372-4623-49b5-85bf-011e2e938a21",
    400: "15332d7e-fd8e-45c7-88f7-d59e223e0b2f",
    500: "8e9de278-1ca4-4630-bfb3-84122b87a878",
    1400: "a47633d2-a8ed-4ab0-89e6-8e8fc937b904",
    2000: "d87b9639-45f9-41cc-a526-c16a270ac497",
    6400: "adc79834-da11-461f-a662-6f7f8d3966fa",
    6401: "2b7c7f54-42ad-4fff-a653-6c00c2a8d23c",
    6402: "fe663165-2f64-405a-baf7-8316977567f1",
}
_HUNDRED = {
    0: "e331a2e7-8088-4e7e-a926-ceaf6b2958d1",
    1: "5e8bfa8d-08be-4786-b5fc-2f534d51418b",
    2: "00a21aa9-e58a-4760-85d4-a650f6c7c663",
    3: "00d831e5-158d-4c78-bc98-572c89a1f7a6",
}
_TWO_HUNDRED = {0: "01bf03e4-c206-4ebf-90a8-0e1ba8384a1a", 1: "0740075f-4198-499d-995e-5bb898f579b3"}
_THOUSAND = {0: "001b4556-3251-4bd8-9b58-7f2532b6f1af", 1: "a3bbd813-037c-4714-aed7-907c8e0c3fdd"}
_FIFTY = {
    0: "06c1db13-2c62-42c0-b88f-d07e76c2955e",
    1: "11fe1274-0648-41fa-bcf4-ed2f8ee40a48",
    2: "978d9380-9429-449b-9755-2d0b55e6f429",
    3: "b84c52fc-d4fb-4b73-a971-6da79fe261a1",
}
_SINGLE = (
    "c19a9751-de61-421f-b073-ca8725f86043",
    "75cdb927-5f30-4378-8447-3a54da3a89e9",
    "8ac25414-c73a-4857-bc23-12dd92236e74",
)
_CHOSEN_TIME = (
    "676321dd-8f0d-4107-b7da-59d723573081",
    "493cf079-a9b3-4152-a54f-57039e2c3fef",
    "384f2daa-4791-4d9b-8bf4-0cc97e276b2d",
)


async def _people(world: World, ids: Sequence[str], updated_at: str = _READ_AT) -> None:
    world.remember(ids)
    await world.create("People", "Person", [{"id": own, "updatedAt": updated_at} for own in ids])


async def _edited(world: World, own_id: str) -> None:
    query = "mutation($i:UUID!,$d:PersonUpdateInput!){updatePerson(id:$i,data:$d){id}}"
    await world.call(query, {"i": own_id, "d": {"jobTitle": "edited", "updatedAt": _EDITED_AT}})


async def _people_to_destroy(world: World) -> None:
    await _people(world, with_pinned(made_up_ids(6403), _MANY))
    hundred = with_pinned(made_up_ids(100, seed=1), _HUNDRED)
    await _people(world, hundred)
    await _edited(world, hundred[-1])
    await _people(world, with_pinned(made_up_ids(200, seed=2), _TWO_HUNDRED))
    await _people(world, with_pinned(made_up_ids(1000, seed=3), _THOUSAND), _THOUSAND_READ_AT)
    await _people(world, _SINGLE)
    await _people(world, _CHOSEN_TIME, "2020-01-02T00:00:00.000Z")
    await _edited(world, _CHOSEN_TIME[1])
    fifty = with_pinned(made_up_ids(50, seed=4), _FIFTY)
    await _people(world, fifty, _FIFTY_READ_AT)
    await _edited(world, fifty[-1])


async def _pointed_at(world: World) -> None:
    note = made_up_ids(1, seed=5)[0]
    await world.create("Notes", "Note", [{"id": note}])
    opportunity = {"id": "5aed5bb7-3b13-4e71-8c76-bcc028c2b686", "pointOfContactId": _SINGLE[2]}
    await world.create("Opportunities", "Opportunity", [opportunity])
    target = {"id": "bfdcf525-b003-4c51-b427-151cd5c24908", "noteId": note, "targetPersonId": _SINGLE[2]}
    await world.create("NoteTargets", "NoteTarget", [target])


DELETE_RESTORE_DESTROY = Scene(before={0: _people_to_destroy, 25: _pointed_at})


_COUNTS = {
    "Company": 500,
    "Person": 2000,
    "Opportunity": 1000,
    "Note": 300,
    "NoteTarget": 300,
    "Task": 300,
    "TaskTarget": 300,
    "KartraAffiliate": 200,
}
_PLURALS = {
    "Company": "Companies",
    "Person": "People",
    "Opportunity": "Opportunities",
    "Note": "Notes",
    "NoteTarget": "NoteTargets",
    "Task": "Tasks",
    "TaskTarget": "TaskTargets",
}


class _Load:
    """One recorded load: the first id of each object, as the recording shows it, and the run's mark."""

    def __init__(self, mark: str, first: Mapping[str, str]) -> None:
        self._mark = {"createdBy": {"source": "IMPORT", "name": "Kartra", "context": {"run": mark}}}
        self.ids = {name: [own, *made_up_ids(_COUNTS[name] - 1, len(name))] for name, own in first.items()}

    async def begin(self, world: World) -> None:
        """The custom object is there; the ids the long lists hold are known."""
        await create_object(world, "kartraAffiliate", "kartraAffiliates")
        person = (await world.model_ids())["person"]
        payload = {"type": "MANY_TO_ONE", "targetObjectMetadataId": person, "targetFieldLabel": "Affiliates"}
        relation = {"name": "person", "type": "RELATION", "relationCreationPayload": payload}
        await create_field(world, "kartraAffiliate", **relation)
        for ids in self.ids.values():
            world.remember(ids)

    async def rest(self, world: World) -> None:
        """The calls that follow the recorded first one of each object: 200 records were in that."""
        note, task, person = (self.ids[name][0] for name in ("Note", "Task", "Person"))
        rows: dict[str, dict[str, Any]] = {
            "Company": self._mark,
            "Person": self._mark,
            "Opportunity": self._mark,
            "Note": self._mark,
            "NoteTarget": {"noteId": note, "targetPersonId": person},
            "Task": self._mark,
            "TaskTarget": {"taskId": task, "targetPersonId": person},
        }
        for name, row in rows.items():
            await world.create(_PLURALS[name], name, [{"id": own, **row} for own in self.ids[name][200:]])


_ACTIVE = _Load(
    "kartra-run-e1039b31-7342-4924-af94-ecf4cd9a9cdf",
    {
        "Company": "2ddce868-f76b-4fce-b9ff-ebea86a4adbb",
        "Person": "bfe163f2-88a1-42fa-b2f3-d8ae3d305a94",
        "Opportunity": "81ab7d5d-31b2-4a5f-b432-d75ae39c028e",
        "Note": "93ac9b57-28ba-481c-a116-8089f5cd4864",
        "NoteTarget": "82072976-89af-43c8-b439-c541d07c5e3e",
        "Task": "8c4963d8-b7b5-4143-8307-e6bad65b8429",
        "TaskTarget": "35cf1388-ff5f-44f8-9f75-3e241e040715",
        "KartraAffiliate": "80e49951-5490-406f-a593-cd2db70d313b",
    },
)
_SUSPENDED = _Load(
    "kartra-run-7c754e13-d260-459d-a7c8-81291ec08ed6",
    {
        "Company": "e4af6eb9-dc4c-443e-be2c-11feeeeda65f",
        "Person": "93720a0a-aa94-4ab2-bfed-2db54cd48a7e",
        "Opportunity": "830f756c-7a35-465f-b187-ceb108f099ad",
        "Note": "2ff288b2-e08f-4ba6-8e05-d8e4739e8fa2",
        "NoteTarget": "11025523-116f-456a-873e-427bf7bf484e",
        "Task": "e792e838-7371-41ae-87cb-8c63e7654b3f",
        "TaskTarget": "bea9dc65-ef45-4ec2-a1d7-cb8839dbaff4",
        "KartraAffiliate": "45961095-aa44-4a05-bec9-c67e1669d371",
    },
)


async def _suspended_begins(world: World) -> None:
    await _SUSPENDED.begin(world)
    data = await world.call("{workflowAutomatedTriggers{edges{node{id}}}}")
    trigger = data["workflowAutomatedTriggers"]["edges"][0]["node"]["id"]
    assert world.bindings.bind("4c51a079-a8c0-5379-b2ba-53753c5ed578", trigger)


ROLLBACK_FULL = Scene(settings=settings(workflow_active=True), before={0: _ACTIVE.begin, 8: _ACTIVE.rest})
ROLLBACK_FULL_SUSPENDED = Scene(
    settings=settings(workflow_active=True), before={0: _suspended_begins, 9: _SUSPENDED.rest}
)
