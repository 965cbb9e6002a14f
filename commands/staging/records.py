"""The records that are staged: those that may go to Twenty, each under the id that a load would give it."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import msgspec

from adapters.mapping.targets import TARGETS
from adapters.twenty import record_id
from commands.staging.columns import ID, Column, cells, link_column
from ledger import work
from ledger.reader import Reader

STAGED = ("pending", "intended", "changed", "written")
"""States of records that Twenty holds or may take."""

REASONS: Mapping[str, str] = {"held": "held", "rejected": "rejected", "deleted": "taken_back"}
"""Why records of the other states are left out."""

NOT_IMPORTABLE = frozenset(TARGETS.values())
"""What ties tasks and notes to people cannot be imported (import-relations.mdx, see `columns`)."""

_PAGE = 1000

Row = Mapping[Column, str]


class Ids(msgspec.Struct, frozen=True):
    """The Twenty ids of all staged records, by object and stream."""

    known: Mapping[tuple[str, str], str]

    def of(self, object_name: str, source_key: str) -> str | None:
        """A record's id, or None where it is not staged."""
        return self.known.get((object_name, source_key))


class Passage(msgspec.Struct):
    """What was met on the way through records: reasons → how many were left out, and links that lead nowhere."""

    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    unlinked: int = 0


async def ids_of(reader: Reader) -> Ids:
    """The ids of everything that is staged: Twenty's own where it is known, else the one a load would derive."""
    namespace = UUID(await reader.namespace())
    statement = """SELECT object, source_key, generation, twenty_id FROM record
      WHERE state IN (SELECT value FROM json_each(:states))
        AND EXISTS (SELECT 1 FROM payload WHERE payload.hash = record.payload_hash)"""
    rows = await reader.rows(statement, states=msgspec.json.encode(STAGED).decode())
    return Ids({(row["object"], row["source_key"]): row["twenty_id"] or _derived(namespace, row) for row in rows})


def _derived(namespace: UUID, row: Mapping[str, Any]) -> str:
    return str(record_id(namespace, row["object"], row["source_key"], row["generation"]))


async def left_out_of(reader: Reader, object_name: str) -> Counter[str]:
    """How many records of an object are left out by their state, by reason."""
    counted = {reason: await work.count_in_state(reader, object_name, state) for state, reason in REASONS.items()}
    return Counter({reason: count for reason, count in counted.items() if count})


async def staged_rows(reader: Reader, object_name: str, ids: Ids, passage: Passage) -> AsyncIterator[Row]:
    """The records of an object as filled cells, in the order they were made."""
    for state in STAGED:
        after = 0
        while page := await work.in_state(reader, object_name, state, _PAGE, after):
            for one in page:
                own = ids.of(object_name, one.state.source_key)
                if one.value is None:
                    passage.left_out["erased"] += 1
                # One without an id was made after the ids were read: `stage` finds out by the head, and says so.
                elif own is not None:
                    yield _row(own, one.value, ids, passage)
            after = page[-1].state.position


def _row(own: str, value: Mapping[str, Any], ids: Ids, passage: Passage) -> Row:
    row = {ID: own}
    for column, link in value["links"].items():
        target = ids.of(link["object"], link["source_key"])
        if target is None:
            passage.unlinked += 1
        else:
            row[link_column(column)] = target
    for name, held in value["fields"].items():
        row.update(cells(name, held))
    return row
