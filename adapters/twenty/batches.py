"""How much one create may carry: a number of records learnt from the server, and a number of bytes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from adapters.twenty.errors import BatchTooLarge

MAX_RECORDS = 200
"""Observed for creates on either API; hosted plans document 60 (FACTS section 1)."""

MAX_BYTES = 8_000_000
"""Twenty refuses bodies over 10 MB with an HTTP 500 (GRAPHQL section 2)."""

T = TypeVar("T", bound=Mapping[str, Any] | msgspec.Struct)


class BatchSize:
    """The number of records a create may carry, shrinking as the server says so."""

    def __init__(self, limit: int = MAX_RECORDS) -> None:
        if limit < 1:
            raise ValueError("a batch holds at least one record")
        self.limit = min(limit, MAX_RECORDS)

    def learn(self, refusal: BatchTooLarge, sent: int) -> bool:
        """Shrink after `sent` records were refused: to the number named, else to half. False: it cannot be smaller.

        A refusal that names no smaller number than what was sent is about bytes, so half of what was sent it is.
        """
        named = refusal.limit if refusal.limit and refusal.limit < sent else max(sent // 2, 1)
        smaller = sent > 1
        self.limit = min(self.limit, named)
        return smaller


def split(rows: Sequence[T], limit: int, max_bytes: int = MAX_BYTES) -> Iterator[Sequence[T]]:
    """Cut rows (or whatever goes into a body) into batches of at most `limit` and `max_bytes` of JSON, in order.

    None is left out. A row that is larger than `max_bytes` by itself makes a batch of its own: Twenty says what it
    thinks of it.
    """
    if limit < 1:
        raise ValueError("a batch holds at least one record")
    start, size = 0, 0
    for at, row in enumerate(rows):
        weight = len(msgspec.json.encode(row)) + 1
        if at > start and (at - start == limit or size + weight > max_bytes):
            yield rows[start:at]
            start, size = at, 0
        size += weight
    if start < len(rows):
        yield rows[start:]
