"""Who is not to be moved any more: streams that are gone from Kartra, and names that were erased."""

from collections.abc import Mapping

from ledger.events import Event, IdentityErased, RollbackProven, RowExtracted, StreamGone, StreamReturned
from ledger.reader import Reader

_RETURNED = "DELETE FROM gone WHERE source_key = :source_key"

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    StreamGone: (
        """INSERT INTO gone (source_key, run_id, position) VALUES (:source_key, :run_id, :position)
           ON CONFLICT (source_key) DO NOTHING""",
    ),
    StreamReturned: (_RETURNED,),
    RowExtracted: (_RETURNED,),
    # Nothing of any export stands in Twenty any more: whoever the next load names is to be moved, whatever was said.
    RollbackProven: ("DELETE FROM gone WHERE :everything",),
    IdentityErased: (
        "INSERT INTO suppressed (alias, position) VALUES (:alias, :position) ON CONFLICT (alias) DO NOTHING",
    ),
}


async def gone(reader: Reader, prefix: str) -> set[str]:
    """The streams that are gone, of those whose keys begin with a prefix that ends with a colon (`contact:`)."""
    high = f"{prefix[:-1]};"  # what comes behind a colon
    rows = await reader.rows(
        "SELECT source_key FROM gone WHERE source_key >= :low AND source_key < :high", low=prefix, high=high
    )
    return {row["source_key"] for row in rows}


async def every_gone(reader: Reader) -> frozenset[str]:
    """The streams of all kinds that are gone."""
    return frozenset(row["source_key"] for row in await reader.rows("SELECT source_key FROM gone"))


async def suppressed(reader: Reader) -> frozenset[str]:
    """Every name whose rows are held for ever."""
    return frozenset(row["alias"] for row in await reader.rows("SELECT alias FROM suppressed"))
