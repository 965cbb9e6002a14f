"""One recorded file, replayed from its first exchange to its last against a fresh workspace."""

import functools

import anyio

from tests.conformance.expansion import expanded
from tests.conformance.matching import Matcher
from tests.conformance.recordings import Exchange, exchanges, names
from tests.conformance.scenes import SCENES
from tests.conformance.world import Scene, World


@functools.cache
def replayed(file: str) -> dict[int, list[str]]:
    """Of each exchange of the file, by its number: what differs from the recording, empty where nothing does."""
    return anyio.run(_replay, file)


async def _replay(file: str) -> dict[int, list[str]]:
    scene = SCENES.get(file, Scene())
    async with World(scene, names(file)) as world:
        return {exchange.index: await _differences(world, exchange) for exchange in exchanges(file)}


async def _differences(world: World, exchange: Exchange) -> list[str]:
    scene = world.scene
    if exchange.index in scene.before:
        await scene.before[exchange.index](world)
    if scene.each is not None:
        await scene.each(world)
    if exchange.index in scene.variables:
        variables = await scene.variables[exchange.index](world, exchange)
    else:
        variables = expanded(exchange, world.next_ids)
    status, body = await world.replay(exchange, variables)
    return Matcher(exchange, world.bindings).compare(status, body)
