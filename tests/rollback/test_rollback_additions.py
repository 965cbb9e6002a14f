"""An object of ours that others gave fields stays, and is named; by force it goes, and what they made is stored."""

import pytest

from tests.journey.world import Journey

pytestmark = pytest.mark.anyio

_ADD = "mutation($i:CreateOneFieldMetadataInput!){createOneField(input:$i){id name}}"


async def test_an_object_that_others_built_upon_is_kept(journey: Journey) -> None:
    """A field on our subscriptions and a relation from sales to them: the object stays with both, and is told."""
    await journey.load(journey.sample(2, everything=True, dirty=False), "leave")
    async with journey.twenty() as twenty:
        ours, deals = (twenty.model.object(name).id for name in ("kartraSubscription", "opportunity"))
        notes = {"objectMetadataId": ours, "name": "theirNotes", "label": "Their notes", "type": "TEXT"}
        way = {"type": "MANY_TO_ONE", "targetObjectMetadataId": ours, "targetFieldLabel": "deals"}
        tie = {"objectMetadataId": deals, "name": "subscription", "label": "Subscription", "type": "RELATION",
               "relationCreationPayload": {**way, "targetFieldIcon": "IconX"}}  # fmt: skip
        for field in (notes, tie):
            await twenty.client.metadata_write(_ADD, {"i": {"field": field}})
    done = await journey.roll_back(patience_s=0)
    assert (done.fields_kept, done.proof.exact) == (["kartraSubscription"], False)
    async with journey.twenty() as twenty:
        fields = twenty.model.object("kartraSubscription").fields
        assert {"theirNotes", "deals"} <= set(fields)
        assert "subscription" in twenty.model.object("opportunity").fields
        assert not {name for name in fields if name.startswith("kartra")}
    forced = await journey.roll_back(force=True, patience_s=0)
    assert {one.name: one.records for one in forced.forced} == {
        "kartraSubscription.theirNotes": 0,
        "kartraSubscription.deals": 0,
    }
    async with journey.twenty() as twenty:
        assert "kartraSubscription" not in twenty.model.objects
        assert "subscription" not in twenty.model.object("opportunity").fields
