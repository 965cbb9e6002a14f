"""The steps of a rollback as the command appends them: what somebody edited is kept, the rest is destroyed."""

from collections.abc import Sequence
from typing import Any

from ledger.events import Compensated, CompensationIntended, CompensationKept, Event, RecordDeleted, RollbackProven
from ledger.hashing import Payload, seal
from ledger.store import Draft
from tests.bench.steps import BATCH, Record, Steps


async def take_back(steps: Steps, of_run: str, people: Sequence[Record], objects: Sequence[str]) -> tuple[int, int]:
    """Take the people of a run back, but for one in ten, and prove it; answers how many went and how many stay."""
    going = [one for at, one in enumerate(people) if at % 10]
    staying = [one for at, one in enumerate(people) if not at % 10]
    kept = [_kept(steps, one) for one in staying]
    await steps.ledger.append([event for event, _ in kept], [body for _, body in kept])
    for start in range(0, len(going), BATCH):
        await _destroy(steps, going[start : start + BATCH])
    report = _proof(of_run, len(people), [steps.id_of("person", one.key) for one in staying], objects)
    body = seal(f"rollback:{steps.ledger.run_id}", report)
    proven = RollbackProven(everything=False, exact=False, kept=len(staying), payload_hash=body.hash)
    await steps.ledger.append([proven], [body])
    return len(going), len(staying)


def _kept(steps: Steps, one: Record) -> tuple[CompensationKept, Payload]:
    detail = [{"path": "jobTitle", "ours": None, "theirs": "Buyer"}]
    body = seal(one.key, {"why": "edited", "detail": detail})
    identity = steps.id_of("person", one.key)
    event = CompensationKept(
        object="person", source_key=one.key, twenty_id=identity, why="edited", payload_hash=body.hash
    )
    return event, body


async def _destroy(steps: Steps, batch: Sequence[Record]) -> None:
    ids = {one.key: steps.id_of("person", one.key) for one in batch}
    items = tuple(Compensated(key=key, id=identity) for key, identity in ids.items())
    [cause] = await steps.ledger.append([CompensationIntended(object="person", action="destroy", items=items)])
    gone: list[Event] = [
        RecordDeleted(object="person", source_key=key, twenty_id=identity, outcome="destroyed")
        for key, identity in ids.items()
    ]
    await steps.ledger.append([Draft(event, cause) for event in gone])


def _proof(of_run: str, asked: int, staying: Sequence[str], objects: Sequence[str]) -> dict[str, Any]:
    none: dict[str, int] = dict.fromkeys(objects, 0)
    kept = [{"object": "person", "id": one, "why": "edited", "detail": ["jobTitle"]} for one in staying]
    return {
        "scope": f"run {of_run}", "everything": False, "asked": {"person": asked},
        "answered": {"person": list(staying)}, "binned": {}, "compared": {}, "unequal": {}, "kept": kept, "lost": [],
        "not_back": [], "marked": {}, "schema_left": [], "schema_binned": [], "baseline": none, "now": none,
        "unexplained": {}, "could_land": None, "may_still_come": [], "not_restorable": [], "not_visible": [],
    }  # fmt: skip
