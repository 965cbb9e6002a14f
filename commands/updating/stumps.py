"""Records found after an answer was lost: who touched them last, and which of them are stumps.

A stump is what an upsert makes of a record that somebody destroyed between our read and our call. It goes again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from adapters.twenty import Ids, Object, OutcomeUnknown, destroy
from commands.session import Working
from ledger.events import Compensated, CompensationIntended

TIMES = ("createdAt", "createdBy", "updatedAt", "updatedBy")
"""What tells when a record was made and touched last, and by whom."""


def made_anew(created_at: str, *known: str | None) -> bool:
    """Whether Twenty tells another time of creation than those known: what it told before, and what was sent."""
    return _instant(created_at) not in {_instant(one) for one in known if one}


def is_stump(row: Mapping[str, Any], *known: str | None) -> bool:
    """Whether a record found after a lost answer is one: made anew, and by a program rather than by hand or import."""
    return _source(row, "createdBy") == "API" and made_anew(row["createdAt"], *known)


def last_touched(row: Mapping[str, Any]) -> str:
    """When a record found after a lost answer was touched last, if a program did it as we do; else it proves nothing.

    Twenty signs every change with who made it, so that a person's edit since our call is told from the call itself.
    """
    return str(row["updatedAt"]) if _source(row, "updatedBy") == "API" else ""


def _source(row: Mapping[str, Any], field: str) -> Any:
    return (row.get(field) or {}).get("source")


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def destroy_stumps(
    working: Working, target: Object, object_name: str, stumps: Sequence[Compensated], unedited_since: str
) -> None:
    """Destroy stumps, save those that somebody edited since; where the answer is lost the same again is safe."""
    intended = CompensationIntended(
        object=object_name, action="destroy", items=tuple(stumps), unedited_since=unedited_since
    )
    await working.ledger.append([intended])
    ids = Ids([one.id for one in stumps])
    try:
        await destroy(working.twenty.client, target, ids, unedited_since)
    except OutcomeUnknown:
        await destroy(working.twenty.client, target, ids, unedited_since)
