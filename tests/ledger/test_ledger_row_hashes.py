"""Rows' hashes prepared by their columns are those of their bodies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.hashing import seal
from ledger.row_hashes import row_hash

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_names = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"\\'), min_size=1),
                  min_size=2, max_size=8, unique=True)  # fmt: skip


@given(columns=_names, stream=_text, data=st.data())
def test_a_row_hashes_as_its_body_does(columns: list[str], stream: str, data: st.DataObject) -> None:
    """Whatever the columns, the cells and the stream; one after another in one buffer."""
    hash_of = row_hash(columns)
    assert hash_of is not None
    for _ in range(2):
        cells = data.draw(st.lists(_text, min_size=len(columns), max_size=len(columns)))
        body = {"cells": {name: cell for name, cell in zip(columns, cells, strict=True) if cell}}
        assert hash_of(stream, cells).hex() == seal(stream, body).hash


@pytest.mark.parametrize("columns", [["email"], [], ['quo"ted', "email"], ["back\\slash", "email"]])
def test_columns_that_cannot_be_prepared_are_not(columns: list[str]) -> None:
    """Such files go the general way."""
    assert row_hash(columns) is None
