"""A record's fields side by side: what went out, what stood there before us, and what was left alone."""

from typing import Any

from adapters.console.resources.fields import FieldLine, side_by_side
from ledger.hashing import Envelope
from ledger.listings.records import Listed
from ledger.listings.stories import Beginning, Change, Story

WRITTEN = Envelope(subject="contact:1", value={"fields": {"name": "Ann", "score": 3, "note": ""}, "links": {}})


def _change(position: int, before: Any, sent: Any, undone: int | None = None) -> Change:
    return Change(
        position=position, kind="updated", undone=undone, before=before, sent=sent, before_hash="b", sent_hash="s"
    )


def _lines(kind: Any, changes: list[Change], sent: Envelope | None = None) -> dict[str, FieldLine]:
    record = Listed(
        object="person", source_key="contact:1", label="Ann", state="written", origin=kind, twenty_id="t",
        generation=0, run_id="r", unlinked=False, source=None, position=1,
    )  # fmt: skip
    told = Story(
        source_key="contact:1", object="person", record=record, beside=[], rows=[], rows_in_all=0, holds=[],
        decisions=[], begun=Beginning(position=5, kind=kind, sent=sent, sent_hash=None), changes=changes,
        changes_left=0, meant=WRITTEN, written=WRITTEN, meant_hash="m", written_hash="m", mapping=None, events=[],
        left=0,
    )  # fmt: skip
    return {one.field: one for one in side_by_side(told, "")}


def test_what_was_not_sent_is_said_to_be_left_alone() -> None:
    """Of an adopted record only what was empty went out; the rest stands as Twenty had it, and is not left out."""
    lines = _lines("adopted", [_change(5, {"score": None}, {"score": 3})])
    assert set(lines) == {"name", "score"}
    assert (lines["name"].kept, lines["name"].sent) == (True, None)
    assert lines["score"].sent is not None and lines["score"].sent.value == "3"
    assert (lines["score"].kept, lines["score"].differs) == (False, ["before"])


def test_undone_changes_and_those_of_another_life_count_for_nothing() -> None:
    """What was taken back, or went before the record came to be ours, is neither before nor sent."""
    changes = [_change(2, {"score": 9}, {"score": 8}), _change(7, {"score": 3}, {"score": 4}, undone=9)]
    lines = _lines("created", changes, sent=WRITTEN)
    assert lines["score"].sent is not None and lines["score"].sent.value == "3"
    assert (lines["score"].before, lines["score"].differs) == (None, [])
