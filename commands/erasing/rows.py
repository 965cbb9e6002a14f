"""Every row the ledger holds, placed, held or set aside, and whose it is: hers, or somebody else's that names her."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec

from adapters.mapping.types import RowProblem, SourceRow
from commands.forgetting import Forgotten
from commands.making.sealing import REDACTED
from ledger.events import RowRedacted
from ledger.hashing import Payload, seal, unseal
from ledger.reader import Reader

_ROWS = """SELECT event.position, event.source_ref AS ref, payload.hash, payload.body
  FROM event JOIN payload ON payload.hash = event.payload_hash
  WHERE event.type IN ('RowExtracted', 'RowHeld', 'RowSetAside', 'RowRedacted') AND event.position > :after
    AND coalesce(event.data ->> '$.stage', 'extract') = 'extract'
  ORDER BY event.position LIMIT 1000"""
_FILES = """SELECT export.file, kind, name, coalesce(json_extract(header.body, '$.value.columns'), '[]') AS columns
  FROM export LEFT JOIN payload AS header ON header.hash = export.payload_hash"""


class KeptRow(msgspec.Struct, frozen=True, kw_only=True):
    """A body of a row: where the row stands, whose stream it is of (or `row:` and the place), and what it says."""

    ref: str
    hash: str
    subject: str
    value: Any
    row: SourceRow | RowProblem


class Redaction(msgspec.Struct, frozen=True):
    """A row of somebody else that is to be kept without what names her."""

    event: RowRedacted
    payload: Payload
    kind: str
    subject: str


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Where her rows stand, their streams and their bodies; others' streams, and bodies of their rows that name her."""

    refs: frozenset[str]
    streams: tuple[str, ...]
    others: frozenset[str]
    bodies: frozenset[str]
    redactions: tuple[Redaction, ...]


async def with_further_names(reader: Reader, people: Forgotten) -> Forgotten:
    """The same people, with every name that rows of the ledger give them besides."""
    while further := await _further(reader, people):
        people = people.with_names(further)
    return people


async def rows_of(reader: Reader, people: Forgotten) -> Rows:
    """Tell her rows from others', and redact those of others that name her."""
    refs: set[str] = set()
    bodies: set[str] = set()
    newest: dict[str, bool] = {}
    redactions: list[Redaction] = []
    async for one in _kept_rows(reader):
        hers = people.owns(one.row)
        if not one.subject.startswith("row:"):
            newest[one.subject] = hers
        if hers:
            refs.add(one.ref)
            bodies.add(one.hash)
        elif (redacted := _redacted(one, people)) is not None:
            redactions.append(redacted)
    # Of a stream whose rows name one person after the other, the newest says whose it is.
    streams = tuple(stream for stream, hers in newest.items() if hers)
    return Rows(
        refs=frozenset(refs),
        streams=streams,
        others=frozenset(newest.keys() - set(streams)),
        bodies=frozenset(bodies),
        redactions=tuple(redactions),
    )


async def _further(reader: Reader, people: Forgotten) -> set[str]:
    return {name async for one in _kept_rows(reader) for name in people.further(one.row)}


async def _kept_rows(reader: Reader) -> AsyncIterator[KeptRow]:
    """Every row whose body is there, in the order it was read; one that was corrected comes twice."""
    files = {row["file"]: row for row in await reader.rows(_FILES)}
    after = 0
    while page := await reader.rows(_ROWS, after=after):
        for one in page:
            file_id, _, line = one["ref"].partition(":")
            file, body = files[file_id], unseal(one["body"])
            row = _row(file, int(line), body.value)
            yield KeptRow(ref=one["ref"], hash=one["hash"], subject=body.subject, value=body.value, row=row)
        after = page[-1]["position"]


def _row(file: Mapping[str, Any], line: int, value: Any) -> SourceRow | RowProblem:
    kind, name = file["kind"], file["name"]
    if "cells" in value:
        return SourceRow(kind=kind, file=name, line=line, cells=value["cells"])
    raw, columns = tuple(value.get("raw", ())), msgspec.json.decode(file["columns"], type=tuple[str, ...])
    return RowProblem(kind=kind, file=name, line=line, column=None, reason="", detail="", raw=raw, columns=columns)


def _redacted(one: KeptRow, people: Forgotten) -> Redaction | None:
    value = people.cut(one.value)
    if isinstance(one.row, SourceRow):
        left, lost = people.redacted(one.row)
        before = one.value.get(REDACTED, ())
        value = {**value, "cells": dict(left.cells)} | ({REDACTED: sorted({*lost, *before})} if lost or before else {})
    if value == one.value:
        return None
    body = seal(one.subject, value)
    event = RowRedacted(source_ref=one.ref, payload_hash=body.hash, replaced_hash=one.hash)
    return Redaction(event, body, one.row.kind, one.subject)
