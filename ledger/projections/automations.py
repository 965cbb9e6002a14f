"""Automations of the workspace that we paused: Twenty's trash takes them for good if they are not put back."""

from collections.abc import Mapping

import msgspec

from ledger.events import AutomationIntended, AutomationLost, AutomationPaused, AutomationResumed, Event
from ledger.reader import Reader

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    AutomationIntended: (
        """INSERT INTO automation (twenty_id, state, payload_hash, position)
           VALUES (:twenty_id, CASE :action WHEN 'pause' THEN 'pausing' ELSE 'resuming' END, :payload_hash, :position)
           ON CONFLICT (twenty_id) DO UPDATE SET state = excluded.state, position = excluded.position,
             payload_hash = excluded.payload_hash""",
    ),
    AutomationPaused: (
        """UPDATE automation SET state = 'paused', trash_on = :trash_on, payload_hash = :payload_hash,
                                 position = :position WHERE twenty_id = :twenty_id""",
    ),
    AutomationLost: ("UPDATE automation SET state = 'lost', position = :position WHERE twenty_id = :twenty_id",),
    AutomationResumed: (
        "UPDATE automation SET state = 'active', trash_on = NULL, position = :position WHERE twenty_id = :twenty_id",
    ),
}


class PausedAutomation(msgspec.Struct, frozen=True):
    """A trigger that is, or may be, switched off by us."""

    twenty_id: str
    state: str
    payload_hash: str
    trash_on: str | None


async def not_active(reader: Reader) -> list[PausedAutomation]:
    """Triggers that still have to be put back: paused ones, and those whose pause or return has no outcome."""
    return await reader.fetch(
        PausedAutomation, "SELECT * FROM automation WHERE state NOT IN ('active', 'lost') ORDER BY position"
    )
