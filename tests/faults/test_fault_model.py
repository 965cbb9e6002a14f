"""The data model changed by a person half-way through a load: an option removed, an object renamed."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from adapters.twenty import Object, Stored, TwentyClient, remove_options
from commands import delivery
from commands.errors import SchemaConflict
from tests.journey.conftest import journey
from tests.journey.crossing import cut_after, rows_of, with_create
from tests.journey.renaming import rename_object
from tests.journey.test_journey_crossed_model import options_there
from tests.journey.test_journey_model import OURS, THEIRS, exports_of
from tests.journey.world import Journey

__all__ = ["journey"]


@pytest.mark.anyio
async def test_an_option_removed_half_way_is_made_again(journey: Journey) -> None:
    """Who has it is rejected and named, everybody else goes on; the next load makes the option anew and writes them."""
    tagged = zip(rows_of(3), ("alpha", "alpha", "beta"), strict=True)
    exports = journey.export("a", [{**row, "tags": tag} for row, tag in tagged])
    real = delivery.create
    removed: list[bool] = []

    async def create(client: TwentyClient, target: Object, rows: Sequence[Mapping[str, Any]]) -> Sequence[Stored]:
        if not removed:
            removed.append(True)
            await remove_options(client, target.field("kartraTags"), ["ALPHA"])
        return await real(client, target, rows)

    loaded = await with_create(lambda: journey.load(exports, "leave"), create)
    rejected = [one.event.source_key for one in await journey.events("RecordRejected")]
    assert (loaded.undone, rejected) == (2, ["contact:1", "contact:2"])
    again = await journey.load(exports, "leave")
    assert (again.undone, again.written.created, await options_there(journey)) == (0, {"person": 2}, ["BETA", "ALPHA"])
    assert [person["kartraTags"] for person in await journey.records("person")].count(["ALPHA"]) == 2
    assert (await journey.roll_back()).proof.exact


@pytest.mark.anyio
async def test_an_object_renamed_half_way_is_asked_back(journey: Journey) -> None:
    """`resume` names both names and writes nothing; renamed back, the load goes on, and can be taken back exactly."""
    exports = exports_of(journey)
    await cut_after(lambda: journey.load(exports, "leave"))
    rename_object(journey, OURS, THEIRS)
    written = len(await journey.events("BatchIntended"))
    with pytest.raises(SchemaConflict, match=rf"{OURS[0]}.*{THEIRS[0]}") as refused:
        await journey.resume()
    assert refused.value.exit_code == 4
    assert len(await journey.events("BatchIntended")) == written
    rename_object(journey, THEIRS, OURS)
    loaded = await journey.resume()
    assert (loaded.undone, {one.object: one.created for one in loaded.books.records}["person"]) == (0, 2)
    assert len(await journey.records(OURS[0])) == 2
    assert (await journey.roll_back()).proof.exact
