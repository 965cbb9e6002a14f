"""The hashes of rows that have the same columns: what `seal` says of them, prepared once and for all of them."""

import hashlib
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

import msgspec

RowHashes = Callable[[Sequence[str], Sequence[Sequence[str]]], list[bytes]]
"""From streams and a row of each, its cells in the order of the columns, to the SHA-256 of each body `{"cells": …}`."""


class _Value(msgspec.Struct, gc=False):
    cells: Any


class _Envelope(msgspec.Struct, gc=False):
    """An envelope whose fields stand in the order of their names."""

    labels: dict[str, str]
    subject: str
    value: _Value


def row_hashes(columns: Sequence[str]) -> RowHashes | None:
    """How rows of these columns hash; empty cells are no part of a body. None where their names cannot be prepared.

    A struct writes its fields in the order they were defined, so nothing is sorted row by row, and all rows are
    written at once, a line each: no text holds a line end as it is. That empty texts are left out rests on there being
    one empty text only; were there more, a row would be taken for a new one.
    """
    if len(columns) < 2:  # a CSV file of one column is read row by row
        return None
    order = sorted(range(len(columns)), key=columns.__getitem__)
    fields = [(f"cell{at}", str, msgspec.field(default="", name=columns[at])) for at in order]
    try:
        cells_of = msgspec.defstruct("Cells", fields, omit_defaults=True, frozen=True, gc=False)
    except ValueError:
        return None
    encode_lines = msgspec.json.Encoder().encode_lines
    sha256 = hashlib.sha256
    no_labels: dict[str, str] = {}

    def hashes_of(streams: Sequence[str], rows: Sequence[Sequence[str]]) -> list[bytes]:
        by_column = list(zip(*rows, strict=True))
        cells = map(cells_of, *(by_column[at] for at in order)) if rows else ()
        bodies = encode_lines(list(map(_Envelope, repeat(no_labels), streams, map(_Value, cells))))
        return [sha256(body).digest() for body in bodies.splitlines()]

    return hashes_of
