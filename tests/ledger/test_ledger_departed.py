"""Records of ours that left Kartra: what deltas destroyed and is not there again, as it stood then."""

from pathlib import Path
from typing import Any

import pytest

from ledger.events import (
    Event,
    RecordAdopted,
    RecordDeleted,
    RecordRestored,
    RecordReturned,
    RecordUnlinked,
    RecordUpdated,
    RecordWithdrawn,
    RunStarted,
)
from ledger.losses import Departed, Generation, departed, generations
from ledger.store import Ledger
from tests.ledger.crowded import A, B, C, created, made, tell
from tests.ledger.plain import forced

pytestmark = pytest.mark.anyio


def destroyed(key: str, object_name: str = "person", outcome: Any = "destroyed", id_: str | None = None) -> Event:
    """A record of ours is gone."""
    return RecordDeleted(object=object_name, source_key=key, twenty_id=id_ or f"id {key}", outcome=outcome)


def updated(key: str, object_name: str = "person") -> Event:
    """A record of ours holds B, where it held A."""
    return RecordUpdated(
        object=object_name, source_key=key, twenty_id=f"id {key}", payload_hash=B, updated_at="updated", base_hash=A
    )


def returned(key: str, **more: Any) -> Event:
    """A record of ours is there again, with B, and counts as made before."""
    return RecordReturned(
        object="person", source_key=key, twenty_id=f"id {key} anew", payload_hash=B, updated_at="returned",
        made_in="first", made_at=2, obsolete=False, **more,
    )  # fmt: skip


async def stand(ledger: Ledger, *keys: str, object_name: str = "person", run: str = "load") -> list[int]:
    """Records of ours are made; answers the positions of that."""
    await tell(ledger, *(made(object_name, key) for key in keys), run=run)
    return await tell(ledger, *(created(object_name, key, created_at="born") for key in keys))


async def begin(ledger: Ledger, **commands: str) -> None:
    """Runs that began, by their names."""
    for run, command in commands.items():
        await tell(ledger, RunStarted(command=command), run=run)


async def left(ledger: Ledger) -> list[tuple[str, str]]:
    """Object and stream of what left."""
    return [(one.object, one.source_key) for one in await departed(ledger.reader)]


async def test_a_record_that_left_as_it_stood(fresh: Ledger) -> None:
    """Where it was made and what it held last, by its own last events: not by its namesake's, or its neighbour's."""
    await begin(fresh, load="load", early="delta", late="delta")
    await stand(fresh, "k1", "k2", run="before")
    position, _ = await stand(fresh, "k1", "k2")
    await tell(fresh, updated("k1"), run="early")
    await stand(fresh, "k1", object_name="company", run="early")
    await tell(fresh, updated("k1", "company"), created("person", "k2"))
    assert await departed(fresh.reader) == []
    [deletion] = await tell(fresh, destroyed("k1"), run="late")
    assert await departed(fresh.reader) == [
        Departed(
            position=deletion, run_id="late", object="person", source_key="k1", twenty_id="id k1", generation=1,
            made_in="load", made_at=position, written_hash=B, created_at="born", updated_at="updated", obsolete=0,
            standing=None,
        )
    ]  # fmt: skip


async def test_what_a_record_that_left_held_by_every_way_it_came_about(fresh: Ledger) -> None:
    """As it was made, made again, or put back; what only unlinked it says nothing of that."""
    await begin(fresh, load="load", delta="delta")
    await stand(fresh, "made", "again", "put back")
    await tell(
        fresh,
        RecordUnlinked(object="person", source_key="made", twenty_id="id made", unlinked=("companyId",)),
        *(destroyed("again"), returned("again", created_at="reborn")),
        RecordRestored(
            object="person", source_key="put back", twenty_id="id put back", payload_hash=C, updated_at="restored",
            written_hash=B,
        ),
    )  # fmt: skip
    last = (destroyed("made"), destroyed("again", id_="id again anew"), destroyed("put back"))
    await tell(fresh, *last, run="delta")
    one, two, three = await departed(fresh.reader)
    assert (one.written_hash, one.created_at, one.updated_at, one.generation) == (A, "born", "then", 1)
    assert (two.written_hash, two.created_at, two.updated_at, two.generation) == (B, "reborn", "returned", 2)
    assert (two.twenty_id, two.made_in, two.made_at) == ("id again anew", "first", 2)
    assert (three.written_hash, three.created_at, three.updated_at) == (B, "born", "restored")
    assert three.made_in == "load"


async def test_when_a_record_was_made_is_empty_where_no_event_told_it(fresh: Ledger, path: Path) -> None:
    """Older events lack it altogether."""
    await begin(fresh, load="load", delta="delta")
    await stand(fresh, "k1")
    await tell(fresh, destroyed("k1"), run="delta")
    with forced(path) as connection:
        connection.execute("UPDATE event SET data = json_remove(data, '$.created_at') WHERE type = 'RecordCreated'")
    [one] = await departed(fresh.reader)
    assert one.created_at == ""


async def test_whether_a_row_made_a_record_when_it_left(fresh: Ledger) -> None:
    """It was obsolete only if just this record was withdrawn after it was written last, and before it went."""
    await begin(fresh, load="load", delta="delta")
    await stand(fresh, "before", "between", "after", "never")
    await stand(fresh, "never", object_name="company")
    await tell(fresh, RecordWithdrawn(object="person", source_key="before"), updated("before"))
    pairs = (("person", "between"), ("company", "never"))
    withdrawn = [RecordWithdrawn(object=name, source_key=key) for name, key in pairs]
    gone = [destroyed(key) for key in ("before", "between", "after", "never")]
    await tell(fresh, *withdrawn, made("person", "never"), *gone, run="delta")
    await tell(fresh, RecordWithdrawn(object="person", source_key="after"))
    found = {one.source_key: one.obsolete for one in await departed(fresh.reader)}
    assert found == {"before": 0, "between": 1, "after": 0, "never": 0}


async def test_only_what_a_delta_destroyed_left(fresh: Ledger) -> None:
    """Not what a rollback took, nor what is in the bin or was gone before; an adopted record was never ours to lose."""
    await begin(fresh, load="load", delta="delta", other="delta", back="rollback")
    await stand(fresh, "left", "taken", "binned", "missing", "lost")
    await tell(fresh, destroyed("taken"), run="back")
    await tell(fresh, destroyed("lost"), run="unknown")
    await tell(
        fresh,
        made("person", "adopted"),
        RecordAdopted(object="person", source_key="adopted", twenty_id="id adopted", payload_hash=A, updated_at=""),
        *(destroyed("binned", outcome="soft_deleted"), destroyed("missing", outcome="already_gone")),
        *(destroyed("left"), destroyed("adopted")),
        run="delta",
    )
    assert await left(fresh) == [("person", "left")]


async def test_what_left_and_is_there_again_or_went_again(fresh: Ledger) -> None:
    """Made anew it stands; to be made, it does not; gone a second time as a delta's, it left twice."""
    await begin(fresh, load="load", delta="delta", later="delta", back="rollback")
    keys = ("anew", "waits", "taken", "twice")
    await stand(fresh, *keys)
    await stand(fresh, *keys, object_name="company")
    await tell(fresh, *(destroyed(key) for key in keys), run="delta")
    assert await left(fresh) == [("person", key) for key in keys]
    await tell(fresh, made("person", "waits"), run="load")
    await stand(fresh, "anew", "taken", "twice")
    await tell(fresh, destroyed("taken"), destroyed("waits", "company"), run="back")
    [position] = await tell(fresh, destroyed("twice"), run="later")
    found = await departed(fresh.reader)
    assert [(one.source_key, one.standing) for one in found] == [
        ("anew", "id anew"), ("waits", None), ("taken", None), ("twice", None), ("twice", None),
    ]  # fmt: skip
    assert (found[-1].position, found[-1].run_id, found[-1].generation) == (position, "later", 2)


async def test_what_streams_had_after_a_delta_destroyed_theirs(fresh: Ledger) -> None:
    """Made anew, made again, adopted; what left since, and in which run; of other streams and of before, nothing."""
    await begin(fresh, load="load", delta="delta", back="rollback")
    keys = ("anew", "again", "adopted", "never")
    await stand(fresh, *keys)
    await tell(fresh, destroyed("never"), run="back")
    await stand(fresh, "never")
    _, _, gone = await tell(fresh, *(destroyed(key) for key in keys[:3]), run="delta")
    anew, again, adopted = await tell(
        fresh,
        created("person", "anew"),
        returned("again"),
        RecordAdopted(object="person", source_key="adopted", twenty_id="id theirs", payload_hash=A, updated_at=""),
        run="load",
    )
    await stand(fresh, "anew", object_name="company")
    [left_at] = await tell(fresh, destroyed("anew"), run="back")
    later = Generation(
        object="person", source_key="anew", twenty_id="id anew", position=anew, made_in="load", made_at=anew,
        left_at=left_at, left_in="back", taken_back=1,
    )  # fmt: skip
    first, second, third = await generations(fresh.reader)
    assert (first, anew > gone) == (later, True)
    assert (second.position, second.made_in, second.made_at, second.left_at) == (again, "first", 2, None)
    assert (third.position, third.twenty_id, third.made_at, third.taken_back) == (adopted, "id theirs", adopted, 0)
    [left_by_delta] = await tell(fresh, destroyed("again", id_="id again anew"), run="delta")
    [_, second, _] = await generations(fresh.reader)
    assert (second.left_at, second.left_in, second.taken_back) == (left_by_delta, "delta", 0)
