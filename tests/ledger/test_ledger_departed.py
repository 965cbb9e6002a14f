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
from ledger.losses import Departed, departed
from ledger.scopes import Scope
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


async def left(ledger: Ledger, scope: Scope | None = None) -> list[tuple[str, str]]:
    """Object and stream of what left."""
    return [(one.object, one.source_key) for one in await departed(ledger.reader, scope or Scope())]


async def test_a_record_that_left_as_it_stood(fresh: Ledger) -> None:
    """Where it was made and what it held last, by its own last events: not by its namesake's, or its neighbour's."""
    await begin(fresh, load="load", early="delta", late="delta")
    await stand(fresh, "k1", "k2", run="before")
    position, _ = await stand(fresh, "k1", "k2")
    await tell(fresh, updated("k1"), run="early")
    await stand(fresh, "k1", object_name="company", run="early")
    await tell(fresh, updated("k1", "company"), created("person", "k2"))
    assert await departed(fresh.reader, Scope()) == []
    [deletion] = await tell(fresh, destroyed("k1"), run="late")
    assert await departed(fresh.reader, Scope()) == [
        Departed(
            position=deletion, run_id="late", object="person", source_key="k1", twenty_id="id k1", generation=1,
            made_in="load", made_at=position, written_hash=B, created_at="born", updated_at="updated", obsolete=0,
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
    one, two, three = await departed(fresh.reader, Scope())
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
    [one] = await departed(fresh.reader, Scope())
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
    found = {one.source_key: one.obsolete for one in await departed(fresh.reader, Scope())}
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
    """Made anew it is there; to be made, it is not; gone a second time, only that counts, and only as a delta's."""
    await begin(fresh, load="load", delta="delta", later="delta", back="rollback")
    keys = ("anew", "waits", "taken", "twice")
    await stand(fresh, *keys)
    await stand(fresh, *keys, object_name="company")
    await tell(fresh, *(destroyed(key) for key in keys), run="delta")
    assert await left(fresh) == [("person", key) for key in keys]
    await tell(fresh, made("person", "waits"), run="load")
    await stand(fresh, "anew", "taken", "twice")
    assert await left(fresh) == [("person", "waits")]
    await tell(fresh, destroyed("taken"), destroyed("waits", "company"), run="back")
    [position] = await tell(fresh, destroyed("twice"), run="later")
    assert await left(fresh) == [("person", "waits"), ("person", "twice")]
    [_, twice] = await departed(fresh.reader, Scope())
    assert (twice.position, twice.run_id, twice.generation) == (position, "later", 2)


async def test_what_left_by_scope(fresh: Ledger) -> None:
    """By the run, the position, the object, the id and the stream of what went, in the order it went."""
    await begin(fresh, load="load", z="delta", a="delta")
    await stand(fresh, "k1", "k2")
    await stand(fresh, "k1", object_name="company")
    [first, second] = await tell(fresh, destroyed("k2"), destroyed("k1", "company"), run="z")
    await tell(fresh, destroyed("k1"), run="a")
    k2, company, k1 = ("person", "k2"), ("company", "k1"), ("person", "k1")
    for scope, expected in (
        (Scope(), [k2, company, k1]),
        (Scope(run_id="z"), [k2, company]),
        (Scope(run_id="a"), [k1]),
        (Scope(run_id="load"), []),
        (Scope(since=first - 1), [k2, company, k1]),
        (Scope(since=first), [company, k1]),
        (Scope(since=second), [k1]),
        (Scope(objects=("company",)), [company]),
        (Scope(objects=("person",)), [k2, k1]),
        (Scope(records=("id k2", "nobody's")), [k2]),
        (Scope(keys=frozenset({("company", "k1"), ("company", "k2")})), [company]),
        (Scope(keys=frozenset()), []),
    ):
        assert await left(fresh, scope) == expected, scope
