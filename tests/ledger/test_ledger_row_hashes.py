"""Rows' hashes prepared by their columns are those of their bodies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.hashing import seal
from ledger.row_hashes import row_hashes

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_names = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), min_size=1),
                  min_size=2, max_size=8, unique=True)  # fmt: skip


@given(columns=_names, data=st.data())
def test_rows_hash_as_their_bodies_do(columns: list[str], data: st.DataObject) -> None:
    """Whatever the columns, the cells and the streams; none, one, or several rows at once."""
    hashes_of = row_hashes(columns)
    assert hashes_of is not None
    row = st.lists(_text, min_size=len(columns), max_size=len(columns))
    said = data.draw(st.lists(st.tuples(_text, row), max_size=3))
    bodies = [{"cells": {name: cell for name, cell in zip(columns, cells, strict=True) if cell}} for _, cells in said]
    expected = [seal(stream, body).hash for (stream, _), body in zip(said, bodies, strict=True)]
    found = hashes_of([stream for stream, _ in said], [cells for _, cells in said])
    assert [one.hex() for one in found] == expected


@pytest.mark.parametrize("columns", [["email"], [], ['quo"ted', "email"], ["back\\slash", "email"]])
def test_columns_that_cannot_be_prepared_are_not(columns: list[str]) -> None:
    """Such files go the general way."""
    assert row_hashes(columns) is None
