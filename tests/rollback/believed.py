"""What the ledger believes, held against Twenty: books that do not balance, and what a reconciliation finds."""

from typing import Any

from commands.reconcile import reconcile
from tests.journey.world import Journey


async def apart(journey: Journey) -> list[tuple[str, str, Any, Any]]:
    """Every difference, as kind, path, ours and theirs; the books balance."""
    done = await reconcile(journey.options, None, 0, (), None)
    assert done.books.imbalances == ()
    return [(one.kind, one.path, one.ours, one.theirs) for one in done.unlike]
