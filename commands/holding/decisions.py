"""Deciding about holds: each decision is one append, so that it is made whole or not at all."""

from collections.abc import Mapping, Sequence

from adapters.mapping import fault_of
from commands.errors import WrongUse
from commands.holding.held import OPEN, Held, find_held, open_holds
from commands.mapping import last_mapping
from commands.naming import names_of
from commands.placing import Placed, place_again
from ledger.events import (
    Event,
    HoldAbandoned,
    HoldCorrected,
    RowExtracted,
    RowHeld,
    RowReleased,
    RunCompleted,
    RunStarted,
)
from ledger.hashing import Payload, seal
from ledger.projections import identities
from ledger.projections.holds import Hold
from ledger.sources import row_of_stream
from ledger.store import Ledger


async def correct(ledger: Ledger, hold_id: int, given: Mapping[str, str], why: str) -> Held:
    """Give a held row other cells, and let it go on; the row as it was read stays in the ledger.

    Raises:
        WrongUse: the hold is not open, the row has no such column, it would be held all the same, or be another's.
    """
    held = await find_held(ledger.reader, hold_id)
    _refuse_closed(held.hold)
    row = held.row(given)
    placed = await place_again(ledger, held.ref, row)
    if not isinstance(placed.outcome, RowExtracted) or placed.payload is None:
        raise WrongUse(f"hold {hold_id}: the row would be held again ({_reason(placed.outcome)}); nothing was changed")
    stream = placed.outcome.source_key
    await _refuse_anothers(ledger, held, stream)
    mapping = await last_mapping(ledger)
    fault = fault_of([row], 0, mapping.config) if mapping is not None and held.hold.stage == "transform" else None
    if fault is not None:
        raise WrongUse(
            f"hold {hold_id}: the row would be held again ({fault.reason}, {fault.column}); nothing was changed"
        )
    said = seal(stream, {"given": dict(given), "why": why})
    events: list[Event] = [
        HoldCorrected(hold=hold_id, payload_hash=said.hash),
        *placed.links,
        RowReleased(hold=hold_id),
        placed.outcome,
    ]
    await _decide(ledger, "holds set", {"hold": hold_id}, events, [said, placed.payload])
    return held


async def _refuse_anothers(ledger: Ledger, held: Held, stream: str) -> None:
    """A correction says what a row says, not whose it is: two that turn out to be one are not merged.

    A row that nobody could place may become whom nobody knows yet, or whom it named as it was read.
    """
    hold = held.hold
    if held.is_placed:
        if hold.source_key is not None and stream != hold.source_key.partition("/")[0]:
            raise WrongUse(
                f"hold {hold.id}: that would make another record of the row; correct what it says, not whose it is"
            )
        return
    there = await row_of_stream(ledger.reader, stream)
    if there is not None and stream not in await _named(ledger, held):
        raise WrongUse(
            f"hold {hold.id}: that would make the row one with {there}, which is another's as far as the ledger knows,"
            " and nothing is merged; correct it otherwise, or `holds give-up`"
        )


async def _named(ledger: Ledger, held: Held) -> set[str]:
    """The streams that a row names as it was read."""
    names = names_of(held.row({}), await ledger.reader.digest_key())
    return {*names, *(await identities.streams(ledger.reader, names)).values()}


async def release(ledger: Ledger, ids: Sequence[int], reason: str | None, object_name: str | None) -> list[Hold]:
    """Let rows and records go on as they are: what stood in their way is gone, or is to be tried again.

    Raises:
        WrongUse: one is not open, or nobody knows whose row it is.
    """
    waiting = await open_holds(ledger.reader, ids, reason, object_name)
    events: list[Event] = []
    payloads: list[Payload] = []
    for one in waiting:
        _refuse_closed(one)
        events.append(RowReleased(hold=one.id))
        if one.stage == "extract":
            placed = await _placed_by_now(ledger, one)
            events += [*placed.links, placed.outcome]
            payloads += [placed.payload] if placed.payload else []
    await _decide(ledger, "holds release", {"reason": reason}, events, payloads)
    return waiting


async def _placed_by_now(ledger: Ledger, hold: Hold) -> Placed:
    """Where a row belongs that nobody could place when it was read."""
    held = await find_held(ledger.reader, hold.id)
    placed = None if held.cells is None else await place_again(ledger, held.ref, held.row({}))
    if placed is None or not isinstance(placed.outcome, RowExtracted):
        raise WrongUse(f"hold {hold.id} ({hold.reason}): nobody knows whose row it is; `holds set` or `holds give-up`")
    return placed


async def give_up(
    ledger: Ledger, ids: Sequence[int], reason: str | None, object_name: str | None, why: str
) -> list[Hold]:
    """Give rows and records up: they count as set aside, and nothing tries them again unless Kartra changes them.

    Raises:
        WrongUse: one is not open.
    """
    waiting = await open_holds(ledger.reader, ids, reason, object_name)
    for one in waiting:
        _refuse_closed(one)
    said = [seal(one.source_key or f"row:{one.file}:{one.line}", {"hold": one.id, "why": why}) for one in waiting]
    events: list[Event] = [
        HoldAbandoned(hold=one.id, payload_hash=body.hash) for one, body in zip(waiting, said, strict=True)
    ]
    await _decide(ledger, "holds give-up", {"reason": reason}, events, said)
    return waiting


def _refuse_closed(hold: Hold) -> None:
    if hold.state not in OPEN:
        raise WrongUse(f"hold {hold.id} is {hold.state}; `holds --state open` lists those that wait")


def _reason(outcome: object) -> str:
    return f"{outcome.reason}, {outcome.column}" if isinstance(outcome, RowHeld) else "set aside"


async def _decide(
    ledger: Ledger,
    command: str,
    settings: Mapping[str, str | int | bool | None],
    events: Sequence[Event],
    payloads: Sequence[Payload],
) -> None:
    if events:
        done = RunCompleted(counts={"holds": len(events)})
        await ledger.append([RunStarted(command=command, settings=settings), *events, done], payloads)
