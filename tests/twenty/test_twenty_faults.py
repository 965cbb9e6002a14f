"""The embedded Twenty breaking: what a caller sees, and that looking by id settles it."""

from typing import Any

import pytest

from adapters.twenty import (
    Ask,
    Ids,
    KeyRevoked,
    NoToken,
    OutcomeUnknown,
    PermissionDenied,
    Unauthenticated,
    counts,
    create,
    read_many,
    read_model,
)
from tests.twenty.embedded import embedded, person

pytestmark = pytest.mark.anyio
ROWS = [person(number) for number in range(10)]
IDS = Ids([row["id"] for row in ROWS])


@pytest.mark.parametrize(
    ("fault", "landed"), [("drop-before", 0), ("drop-after", 10), ("http-500", None), ("http-502", None)]
)
async def test_broken_write_is_settled_by_one_read(tmp_path: Any, fault: str, landed: int | None) -> None:
    """However a batch breaks its outcome is unknown, and one read by ids, deleted ones too, tells all or nothing."""
    db = str(tmp_path / "sandbox.db")
    async with embedded(db=db) as client:
        model = await read_model(client)
    async with embedded(db=db, faults={fault: 1.0}) as client:
        with pytest.raises(OutcomeUnknown):
            await create(client, model.object("person"), ROWS)
    async with embedded(db=db) as client:
        found = (await read_many(client, model, [Ask("person", IDS, ())]))["person"]
    assert len(found) in ({landed} if landed is not None else {0, 10})


async def test_faults_now_and_then_do_not_stop_reads() -> None:
    """With a server that breaks now and then, reading still succeeds."""
    async with embedded(faults={"drop-before": 0.2, "http-502": 0.2}, seed=1) as client:
        model = await read_model(client)
        for _ in range(5):
            assert (await counts(client, [model.object("person")], deleted=False))["person"].live == 0
    assert client.calls["metadata"] + client.calls["read"] > 6


@pytest.mark.parametrize(
    ("state", "error"), [("revoked", KeyRevoked), ("expired", Unauthenticated), ("read-only", PermissionDenied)]
)
async def test_key_that_may_not_write_is_told(state: str, error: type[Exception]) -> None:
    """Revoked, expired and restricted keys are told apart, and none of them is named in the error."""
    async with embedded(key="other-key", other_keys={"other-key": state}) as client, embedded() as admin:
        people = (await read_model(admin)).object("person")
        with pytest.raises(error) as refusal:
            await create(client, people, ROWS)
    assert "other-key" not in str(refusal.value)


async def test_wrong_key_is_told() -> None:
    """A key Twenty does not know is Unauthenticated, on either endpoint."""
    async with embedded(key="unknown") as client:
        with pytest.raises(Unauthenticated):
            await read_model(client)
        with pytest.raises((Unauthenticated, NoToken)):
            await client.read("query($n:Int){people(first:$n){totalCount}}", {"n": 0})
