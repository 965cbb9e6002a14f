"""Records of others that made way for ours: what is not known to have gone, and what is not there again."""

import pytest

from ledger.events import (
    DisplacedReturned,
    DisplacementIntended,
    DisplacementSpared,
    RecordAdopted,
    RecordCreated,
    RecordDisplaced,
    RecordReturned,
)
from ledger.losses import Displaced, displaced, unsettled
from ledger.reader import Reader
from ledger.scopes import Scope
from ledger.store import Ledger
from tests.ledger.crowded import A, created, made, tell

pytestmark = pytest.mark.anyio


def going(key: str, id_: str, object_name: str = "person") -> DisplacementIntended:
    """A record of others is about to make way."""
    return DisplacementIntended(object=object_name, source_key=key, twenty_id=id_, payload_hash=A)


def gone(key: str, id_: str, object_name: str = "person") -> RecordDisplaced:
    """It made way."""
    return RecordDisplaced(object=object_name, source_key=key, twenty_id=id_)


def spared(key: str, id_: str, object_name: str = "person") -> DisplacementSpared:
    """It stays."""
    return DisplacementSpared(object=object_name, source_key=key, twenty_id=id_)


def back(key: str, id_: str, object_name: str = "person") -> DisplacedReturned:
    """It is there again."""
    return DisplacedReturned(object=object_name, source_key=key, twenty_id=id_, payload_hash=A)


def ids(found: list[Displaced]) -> list[str]:
    """The Twenty ids of what was found."""
    return [one.twenty_id for one in found]


async def at(reader: Reader, position: int) -> Displaced:
    """A displacement as its event tells it."""
    rows = await reader.rows("SELECT * FROM event WHERE position = :position", position=position)
    return Displaced(**{name: rows[0][name] for name in Displaced.__struct_fields__})


async def test_displacements_without_an_outcome(fresh: Ledger) -> None:
    """Only what became of just this record, since then, settles one: that it went, or that it was spared."""
    assert await unsettled(fresh.reader) == []
    positions = await tell(
        fresh,
        going("k1", "open"),
        *(going("k2", "went"), gone("k2", "went")),
        *(going("k3", "stayed"), spared("k3", "stayed")),
        *(spared("k4", "stayed before"), gone("k4", "stayed before"), going("k4", "stayed before")),
        *(going("k5", "other's", "company"), gone("k5", "other's", "person")),
        *(going("k6", "only back"), back("k6", "only back")),
    )
    found = await unsettled(fresh.reader)
    assert ids(found) == ["open", "stayed before", "other's", "only back"]
    assert found[0] == await at(fresh.reader, positions[0])


async def test_records_that_made_way_and_are_not_there(fresh: Ledger) -> None:
    """Those that went and did not come back, each once and as it stood when it went last."""
    assert await displaced(fresh.reader, Scope()) == []
    positions = await tell(
        fresh,
        *(going("k1", "open"), going("k2", "spared"), spared("k2", "spared")),
        *(going("k3", "twice meant"), going("k3", "twice meant"), gone("k3", "twice meant")),
        *(going("k4", "back"), gone("k4", "back"), back("k4", "back")),
        *(going("k5", "again"), gone("k5", "again"), back("k5", "again"), going("k5", "again"), gone("k5", "again")),
        *(going("k6", "spared later"), gone("k6", "spared later"), back("k6", "spared later")),
        *(going("k6", "spared later"), spared("k6", "spared later")),
        *(going("k7", "of two"), gone("k7", "of two"), going("k7", "of two", "company")),
        *(gone("k7", "of two", "company"), going("k8", "half", "company"), gone("k8", "half", "person")),
        *(going("k9", "theirs"), gone("k9", "theirs"), back("k9", "theirs", "company")),
    )
    found = await displaced(fresh.reader, Scope())
    assert [(one.twenty_id, one.object) for one in found] == [
        ("twice meant", "person"), ("again", "person"), ("of two", "person"), ("of two", "company"),
        ("theirs", "person"),
    ]  # fmt: skip
    assert found[:2] == [await at(fresh.reader, positions[4]), await at(fresh.reader, positions[12])]


async def test_records_that_made_way_by_scope(fresh: Ledger) -> None:
    """By the run, the position, the object and the stream of the intent."""
    [first, *_] = await tell(fresh, going("k1", "one"), gone("k1", "one"), run="r1")
    [second, *_] = await tell(fresh, going("k2", "two", "company"), gone("k2", "two", "company"), run="r2")
    await tell(fresh, going("k3", "three"), run="r2")
    await tell(fresh, gone("k3", "three"), run="r1")
    for scope, expected in (
        (Scope(), ["one", "two", "three"]),
        (Scope(run_id="r1"), ["one"]),
        (Scope(run_id="r2"), ["two", "three"]),
        (Scope(since=first - 1), ["one", "two", "three"]),
        (Scope(since=first), ["two", "three"]),
        (Scope(since=second), ["three"]),
        (Scope(objects=("company", "note")), ["two"]),
        (Scope(run_id="r2", objects=("person",)), ["three"]),
        (Scope(keys=frozenset({("person", "k1"), ("person", "k2")})), ["one"]),
        (Scope(keys=frozenset()), []),
    ):
        assert ids(await displaced(fresh.reader, scope)) == expected, scope


async def test_records_that_made_way_for_one_of_ours(fresh: Ledger) -> None:
    """Asked for by their own id, or by that of ours they made way for, made or made again; by no other's."""
    await tell(
        fresh,
        *(going("k1", "one"), gone("k1", "one"), going("k2", "two"), gone("k2", "two")),
        *(made("person", "k1"), made("person", "k2"), made("company", "k1"), created("person", "k1")),
        RecordCreated(object="company", source_key="k1", twenty_id="our company", payload_hash=A, updated_at=""),
        RecordReturned(
            object="person", source_key="k2", twenty_id="id k2 anew", payload_hash=A, updated_at="", made_in="r",
            made_at=1, obsolete=False,
        ),
        RecordAdopted(object="person", source_key="k2", twenty_id="adopted", payload_hash=A, updated_at=""),
    )  # fmt: skip
    for records, expected in (
        (("one",), ["one"]),
        (("id k1",), ["one"]),
        (("nobody's", "id k1", "two"), ["one", "two"]),
        (("id k1", "one"), ["one"]),
        (("id k2 anew",), ["two"]),
        (("adopted",), []),
        (("our company",), []),
        (("nobody's",), []),
    ):
        assert ids(await displaced(fresh.reader, Scope(records=records))) == expected, records
