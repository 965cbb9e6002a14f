"""The rollback that the ledger alone foresees: what it would delete and restore, before any drift check."""

from collections.abc import Sequence

import msgspec

from adapters.console.errors import NotCounted, Rewriting
from adapters.console.opened import At, OpenLedger
from adapters.console.settings import Given, PlanWanted

Counts = dict[str, int]


class PlanTold(msgspec.Struct, frozen=True, kw_only=True):
    """A rollback's plan as it was at the event `upto`, before Twenty is read.

    Counted by object: `records` to take out, those to take out of the bin for good (`binned`), `changes` to undo, ties
    that go `along` by force; `returning` made way for ours, `reviving` went by a delta, and come back; `superseded`
    ones do not. Then elements of the data model, and automations to put back.
    """

    upto: int
    scope: str
    records: Counts
    along: Counts
    changes: Counts
    objects: list[str]
    fields: list[str]
    options: list[str]
    automations: list[str]
    returning: Counts
    reviving: Counts
    superseded: Counts
    binned: Counts


async def tell_plan(opened: OpenLedger, at: At, wanted: PlanWanted, given: Given) -> PlanTold:
    """What a rollback would do.

    Raises:
        Refused: there is no such scope.
        NotCounted: it is being counted, or cannot be just now (Rewriting).
    """
    slow = opened.plan(wanted, lambda reader: given.plan(reader, wanted))
    kept = await slow.get(at.head)
    if kept is None:
        raise Rewriting if await opened.is_rewritten() else NotCounted
    return msgspec.convert({**msgspec.to_builtins(kept.value), "upto": kept.head.position}, PlanTold)


def planned(
    run: str | None,
    since: int | None,
    objects: Sequence[str] | None,
    records: Sequence[str] | None,
    *,
    force: bool,
    soft: bool,
) -> PlanWanted:
    """What is asked of a rollback; a form sends empty text for what nobody said."""
    return PlanWanted(
        run=run or None,
        since=since,
        objects=tuple(sorted({one for one in objects or () if one})),
        records=tuple(sorted({one for one in records or () if one})),
        force=force,
        soft=soft,
    )
