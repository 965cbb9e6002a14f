"""Batches: nothing is left out, none is too large, and the size is learnt."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twenty import BatchSize, BatchTooLarge, split

ROWS = st.lists(st.fixed_dictionaries({"name": st.text(max_size=40)}), max_size=60)


@given(rows=ROWS, limit=st.integers(1, 12), max_bytes=st.integers(30, 400))
def test_split_keeps_all_rows_in_order_within_both_bounds(
    rows: list[dict[str, Any]], limit: int, max_bytes: int
) -> None:
    """Every row comes once and in order; a batch of several is within records and bytes."""
    batches = list(split(rows, limit, max_bytes))
    assert [row for batch in batches for row in batch] == rows
    assert all(1 <= len(batch) <= limit for batch in batches)
    assert all(len(msgspec.json.encode(list(batch))) <= max_bytes + 1 for batch in batches if len(batch) > 1)


@given(rows=ROWS, limit=st.integers(1, 12))
def test_split_makes_as_few_batches_as_it_can(rows: list[dict[str, Any]], limit: int) -> None:
    """Small rows cost the least number of calls: n rows are ⌈n/limit⌉ batches."""
    assert len(list(split(rows, limit))) == -(-len(rows) // limit)


def test_size_is_learnt_from_the_server() -> None:
    """A lower maximum named by the server becomes the size; a higher one does not raise it."""
    size = BatchSize()
    assert size.learn(BatchTooLarge(60), sent=200)
    assert size.limit == 60
    assert size.learn(BatchTooLarge(150), sent=160)
    assert size.limit == 60


@pytest.mark.parametrize("named", [None, 200])
def test_size_is_halved_where_bytes_are_the_trouble(named: int | None) -> None:
    """Without a smaller number, half of what was sent is tried, down to one record, and then no further."""
    size = BatchSize()
    sent, tries = 200, 0
    while size.learn(BatchTooLarge(named), sent=sent):
        sent, tries = size.limit, tries + 1
    assert (sent, tries) == (1, 7)


def test_impossible_sizes_are_refused() -> None:
    """A batch of no record is no batch."""
    with pytest.raises(ValueError, match="at least one"):
        BatchSize(0)
    with pytest.raises(ValueError, match="at least one"):
        list(split([{}], 0))
    assert BatchSize(5_000).limit == 200
