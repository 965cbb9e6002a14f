"""The hashes of rows that have the same columns: what `seal` says of them, prepared once and for all of them."""

import hashlib
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import msgspec

RowHash = Callable[[str, Sequence[str]], bytes]
"""From a stream and its row's cells, in the order of the columns, to the SHA-256 of the body `{"cells": …}`."""


class _Value(msgspec.Struct, gc=False):
    cells: Any


class _Envelope(msgspec.Struct, gc=False):
    """An envelope whose fields stand in the order of their names."""

    labels: dict[str, str]
    subject: str
    value: _Value


def row_hash(columns: Sequence[str]) -> RowHash | None:
    """How rows of these columns hash; empty cells are no part of a body. None where their names cannot be prepared.

    A struct writes its fields in the order they were defined, so nothing is sorted row by row, and one buffer takes
    every row. That empty texts are left out rests on there being one empty text only; were there more, a row would be
    taken for a new one. One hash at a time: the buffer is shared.
    """
    if len(columns) < 2:  # of one column a getter gives no tuple
        return None
    order = sorted(range(len(columns)), key=columns.__getitem__)
    fields = [(f"cell{at}", str, msgspec.field(default="", name=columns[at])) for at in order]
    try:
        cells_of = msgspec.defstruct("Cells", fields, omit_defaults=True, frozen=True, gc=False)
    except ValueError:
        return None
    pick = itemgetter(*order)
    encode_into = msgspec.json.Encoder().encode_into
    sha256 = hashlib.sha256
    no_labels: dict[str, str] = {}
    buffer = bytearray()

    def hash_of(stream: str, cells: Sequence[str]) -> bytes:
        encode_into(_Envelope(no_labels, stream, _Value(cells_of(*pick(cells)))), buffer)
        return sha256(buffer).digest()

    return hash_of
