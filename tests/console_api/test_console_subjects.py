"""What the erasure of a label goes by, in a ledger that real commands wrote."""

from pathlib import Path

from tests.console_api.world import rows_of


def test_a_record_s_body_is_of_its_own_stream(history: Path) -> None:
    """A body's subject is the stream of the record that it makes: its label goes when the body does."""
    statement = """SELECT source_key, json_extract(body, '$.subject') FROM event
      JOIN payload ON payload.hash = event.payload_hash WHERE type IN ('RowTransformed', 'RecordRedacted')"""
    subjects = rows_of(history / "ledger.db", statement)
    assert len(subjects) > 100
    assert [pair for pair in subjects if pair[0] != pair[1]] == []
