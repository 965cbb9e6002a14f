"""A load of every kind of file, taken back: Twenty's whole database, the data model included, is as it was before."""

from typing import Any

import pytest

from tests.journey.handmade import sign_mapping
from tests.journey.world import Journey, lines_apart

pytestmark = pytest.mark.timeout(180)

AS_OBJECTS = (
    ('from = "tags"\nas = "options"', 'from = "tags"\nas = "objects"'),
    ('from = "lists"\nas = "options"', 'from = "lists"\nas = "objects"'),
)
AS_OPPORTUNITIES = (('[subscription]\nas = "object"', '[subscription]\nas = "opportunity"'),)

CUSTOM = {"kartraSubscription", "kartraAffiliate"}
NAMES = {"kartraTag", "kartraPersonTag", "kartraList", "kartraPersonList"}


async def model_of(journey: Journey) -> dict[str, Any]:
    """Twenty's data model as its API tells it."""
    async with journey.twenty() as twenty:
        return dict(twenty.model.objects)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("edits", "custom"),
    [
        pytest.param((), CUSTOM, id="shipped"),
        pytest.param(AS_OBJECTS, CUSTOM | NAMES, id="names as objects"),
        pytest.param(
            (*AS_OBJECTS, *AS_OPPORTUNITIES), {"kartraAffiliate"} | NAMES, id="subscriptions as opportunities"
        ),
    ],
)
async def test_everything_goes_and_the_model_with_it(
    journey: Journey, edits: tuple[tuple[str, str], ...], custom: set[str]
) -> None:
    """After the rollback of the whole no line of the dump and no element of the model differs; nothing was kept."""
    before, model = await journey.settled_dump(), await model_of(journey)
    sign_mapping(journey, *edits)
    loaded = await journey.load(journey.sample(120, everything=True), "leave")
    assert (await model_of(journey)).keys() - model.keys() == custom
    assert custom | {"opportunity", "task", "taskTarget", "note", "noteTarget"} <= {
        one.object for one in loaded.books.records if one.created
    }
    done = await journey.roll_back()
    assert done.proof.exact
    assert done.undone == 0
    assert not done.fields_kept
    assert done.destroyed == {one.object: one.created for one in loaded.books.records}
    assert lines_apart(before, await journey.settled_dump()) == ([], [])
    assert await model_of(journey) == model
