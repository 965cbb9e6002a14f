"""What decisions ask the ledger: conflicts given up, the first row of a stream, every record a stream ever had."""

import pytest

from ledger.events import (
    DisplacementIntended,
    Event,
    ExportRegistered,
    HoldAbandoned,
    RecordAdopted,
    RecordDisplaced,
    RecordReturned,
    RecordSkipped,
    RowExtracted,
    RowHeld,
    RunStarted,
)
from ledger.hashing import seal
from ledger.losses import ever_made
from ledger.projections.holds import conflicts_given_up
from ledger.sources import row_of_stream
from ledger.store import Ledger
from tests.ledger.crowded import A, B, C, created, made, tell

pytestmark = pytest.mark.anyio

CONFLICT = seal("k", {"conflicts": ["score", "emails.primaryEmail"]})
NO_CONFLICT = seal("k", {"said": "no"})


async def given_up(ledger: Ledger, *keys: str, object_name: str = "person") -> list[tuple[str, str]]:
    """The streams of these with a conflict given up, and what their records meant then."""
    found = await conflicts_given_up(ledger.reader, object_name, keys)
    assert all(one.fields == {"score", "emails"} for one in found)
    return [(one.source_key, one.payload_hash) for one in found]


def waits(key: str, reason: str = "conflict", body: str = CONFLICT.hash, object_name: str = "person") -> Event:
    """A record waits for a person."""
    return RowHeld(
        object=object_name, source_ref="f1:2", reason=reason, stage="write", source_key=key, payload_hash=body
    )


async def test_conflicts_that_were_given_up_until_the_record_is_written(fresh: Ledger) -> None:
    """With what the record meant when it was held, not what it means since; other holds, objects, streams are none."""
    bodies = (CONFLICT, NO_CONFLICT)
    await tell(fresh, RunStarted(command="delta"), made("person", "k", A), made("person", "k", B), run="delta")
    await tell(fresh, made("person", "o"), made("person", "r"), made("person", "n"), made("company", "k", C))
    holds = await tell(
        fresh, waits("k"), waits("r", "rejected"), waits("n", body=NO_CONFLICT.hash), waits("u"), bodies=bodies
    )
    assert await given_up(fresh, "k", "r", "n", "u", "o") == []
    await tell(fresh, *(HoldAbandoned(hold=one, payload_hash=A) for one in holds))
    await tell(fresh, waits("o"), made("person", "k", C), bodies=bodies)
    assert await given_up(fresh, "k", "r", "n", "u", "o") == [("k", B)]
    assert (await given_up(fresh, "o"), await given_up(fresh, "k", object_name="company")) == ([], [])
    await tell(fresh, created("company", "k"))
    assert await given_up(fresh, "k") == [("k", B)]
    await tell(fresh, created("person", "k"))
    assert await given_up(fresh, "k") == []


async def test_where_the_first_row_of_a_stream_stands(fresh: Ledger) -> None:
    """By name and line, in the file read first; a stream without a row has none."""

    def file(id_: str) -> Event:
        return ExportRegistered(
            file=id_, kind="contacts", name=f"{id_}.csv", size=1, sha256=id_, exported_at="", payload_hash=C
        )

    await tell(fresh, RunStarted(command="load"), file("z"), file("a"), run="load")
    refs = ("a:2", "z:9", "z:11")
    await tell(fresh, *(RowExtracted(source_key="k", source_ref=one, payload_hash=A) for one in refs))
    await tell(fresh, RowExtracted(source_key="other", source_ref="z:1", payload_hash=A))
    assert await row_of_stream(fresh.reader, "k") == "z.csv:9"
    assert await row_of_stream(fresh.reader, "nobody") is None


async def test_every_record_a_stream_ever_had(fresh: Ledger) -> None:
    """Made, adopted, stood for, or made again, of these streams and this object; and which made way since."""

    def anew(type_: type[Event], id_: str, key: str = "k", **more: object) -> Event:
        return type_(object="person", source_key=key, twenty_id=id_, **more)

    await tell(fresh, RunStarted(command="load"), made("person", "k"), made("company", "k"), run="load")
    await tell(fresh, created("person", "k"), created("company", "k"), created("person", "other"))
    way = {"object": "person", "source_key": "k", "twenty_id": "id k"}
    await tell(fresh, DisplacementIntended(**way, payload_hash=A))
    everyone = await ever_made(fresh.reader, "person", ["k", "nobody"])
    assert everyone == {"k": {"id k": False}}
    await tell(fresh, RecordDisplaced(**way))
    await tell(
        fresh,
        anew(RecordAdopted, "adopted", payload_hash=A, updated_at="then", before_hash=B),
        anew(RecordSkipped, "stood for"),
        anew(RecordReturned, "again", payload_hash=A, updated_at="t", made_in="load", made_at=2, obsolete=False),
    )
    assert await ever_made(fresh.reader, "person", ["k"]) == {
        "k": {"id k": True, "adopted": False, "stood for": False, "again": False}
    }
    assert await ever_made(fresh.reader, "company", ["k"]) == {"k": {"id k": False}}
