"""Scenes of the recordings about the data model."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.expansion import expanded
from tests.conformance.recordings import Exchange
from tests.conformance.world import Scene, World

STAGE_IDS: Mapping[str, str] = {
    "opportunity.stage": "866c696b-7062-4212-9034-7adf0b43fcdf",
    "opportunity.stage.NEW": "20202020-8e01-4afd-9c39-d2063097587a",
    "opportunity.stage.SCREENING": "20202020-e685-4671-ac32-26d304dacb6e",
    "opportunity.stage.MEETING": "20202020-dde9-4acc-b5ca-f6531a8ecb4a",
    "opportunity.stage.PROPOSAL": "20202020-696e-4f6b-91bc-f413e9b2f654",
    "opportunity.stage.CUSTOMER": "20202020-0bb5-4a6f-a8b2-774bbad21104",
}
_STANDARD_IDS: Mapping[str, str] = {
    "person": "58a37225-e30d-4d0e-9467-6c2792172189",
    "person.jobTitle": "636e97c3-62be-4d22-8892-a363704060cd",
    **STAGE_IDS,
}


async def create_field(world: World, owner: str, **sent: Any) -> None:
    """Make a field of the scene's own on the object `owner`, labelled as it is named."""
    query = "mutation($i:CreateOneFieldMetadataInput!){createOneField(input:$i){id}}"
    object_id = (await world.model_ids())[owner]
    field = {"objectMetadataId": object_id, "label": sent["name"], **sent}
    await world.call(query, {"i": {"field": field}}, path="/metadata")


async def create_object(world: World, singular: str, plural: str) -> None:
    """Make an object of the scene's own."""
    names = {"nameSingular": singular, "namePlural": plural, "labelSingular": singular, "labelPlural": plural}
    query = "mutation($i:CreateOneObjectInput!){createOneObject(input:$i){id}}"
    await world.call(query, {"i": {"object": names}}, path="/metadata")


async def _bind_standard_ids(world: World) -> None:
    await world.bind_model(_STANDARD_IDS)


async def _hundred_more_options(world: World, exchange: Exchange) -> dict[str, Any]:
    """The 300 options the workspace has, with their ids, and 100 new ones without; two are shown."""
    variables = expanded(exchange, world.next_ids)
    made_up = variables["i"]["update"]["options"]
    held = await _held_options(world, exchange)
    fresh = [{key: value for key, value in option.items() if key != "id"} for option in made_up[len(held) :]]
    return _with_options(variables, held + fresh)


async def _without_the_first_option(world: World, exchange: Exchange) -> dict[str, Any]:
    """The options numbered 1 to 299, with their ids; two are shown."""
    held = await _held_options(world, exchange)
    return _with_options(dict(exchange.request["variables"]), held[1:300])


async def _held_options(world: World, exchange: Exchange) -> list[dict[str, Any]]:
    field_id = world.bindings.request(exchange.request["variables"]["i"]["id"])
    query = "query($f:FieldFilter!){fields(filter:$f){edges{node{options}}}}"
    data = await world.call(query, {"f": {"id": {"eq": field_id}}}, path="/metadata")
    options: list[dict[str, Any]] = data["fields"]["edges"][0]["node"]["options"]
    return options


def _with_options(variables: dict[str, Any], options: list[dict[str, Any]]) -> dict[str, Any]:
    return {"i": {**variables["i"], "update": {"options": options}}}


METADATA = Scene(before={0: _bind_standard_ids}, variables={70: _hundred_more_options, 71: _without_the_first_option})
ROLLBACK_METADATA = Scene(before={0: _bind_standard_ids})
