"""What the folds make of redactions: whatever names the old body names the new one, and nothing else moves."""

from pathlib import Path

import pytest

from ledger.events import RecordRedacted, RowRedacted
from ledger.hashing import seal
from ledger.store import Ledger
from ledger.verifying import verify
from tests.ledger.conftest import GONE, PERSON, ROW
from tests.ledger.plain import query

pytestmark = pytest.mark.anyio

LESS = seal("contact:1", {"fields": {}, "links": {}}, {"name": "J."})
SHORT = seal("contact:1", {"cells": {}, "redacted": ["notes"]})


async def test_bodies_are_replaced_where_they_are_named(story: Path) -> None:
    """A row and a written record keep their states and have other hashes; those of another person stay."""
    async with Ledger.open(story, command="test") as ledger:
        row = RowRedacted(source_ref="f1:2", payload_hash=SHORT.hash, replaced_hash=ROW.hash)
        record = RecordRedacted(
            object="person", source_key="contact:1", payload_hash=LESS.hash, replaced_hash=PERSON.hash
        )
        await ledger.append([row, record], [SHORT, LESS])
    rows = query(story, "SELECT line, state, payload_hash, original_hash FROM source_row WHERE line < 4 ORDER BY line")
    assert rows == [(2, "extracted", SHORT.hash, None), (3, "extracted", GONE.hash, None)]
    records = query(story, "SELECT state, payload_hash, written_hash, label FROM record ORDER BY source_key")
    assert records == [("written", LESS.hash, LESS.hash, "J."), ("pending", GONE.hash, None, None)]
    await verify(story)
