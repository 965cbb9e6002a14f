"""What is settled from all rows before any can be mapped; the ledger's earlier decisions stand."""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import msgspec

from adapters.mapping import Assignment, Gathered, MappingConfig, Vocabulary, assign_companies, company_key, vocabulary
from adapters.mapping.companies import company_name
from adapters.mapping.types import SourceRow
from ledger import work
from ledger.hashing import digest
from ledger.projections import departures, identities, schema
from ledger.rows import SourceBody
from ledger.store import Ledger

_COMPANY = "company:"
_PAGE = 500


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What the first pass over all rows settles before any can be mapped.

    With it the streams that Kartra has no more, and the names of people who were erased.
    """

    words: Vocabulary
    companies: Assignment
    gone: frozenset[str]
    erased: frozenset[str]


class _Made(NamedTuple):
    """A company the ledger has a record of: its stream, its plain key and its name."""

    stream: str
    key: str
    name: str


async def prepare(ledger: Ledger, config: MappingConfig) -> Prepared:
    """Go through all rows once: options, the account's own columns, companies. Decides as the ledger decided before."""
    gathered = Gathered(config)
    async for export, rows in work.cells_in_order(ledger.reader):
        gathered.add_cells(export.kind, export.name, rows)
    words = vocabulary(gathered, config, known_options=await known_options(ledger))
    made = await _companies_made(ledger)
    companies = assign_companies(gathered.company_spellings, await _known_companies(ledger, gathered, made))
    # A company keeps the name it was made under, also where an older export spells it otherwise.
    companies.rename((one.key, one.name) for one in made)
    gone = await departures.every_gone(ledger.reader)
    erased = await departures.suppressed(ledger.reader)
    return Prepared(words=words, companies=companies, gone=gone, erased=erased)


def source_row(row: SourceBody) -> SourceRow:
    """A row of the ledger as the mapping takes it."""
    export = row.export
    return SourceRow(
        kind=export.kind,
        file=export.name,
        line=row.line,
        cells=row.value["cells"],
        wave=export.wave,
        complete=export.complete,
        columns=export.columns,
    )


async def known_options(ledger: Ledger) -> dict[str, dict[str, str]]:
    """`object.field` → option value → label, as we made them: a value once given is never taken back."""
    options = await schema.options(ledger.reader)
    bodies = await ledger.reader.envelopes(sorted({option.payload_hash for option in options}))
    known: dict[str, dict[str, str]] = {}
    for option in options:
        envelope = bodies.get(option.payload_hash)
        if envelope is not None:
            known.setdefault(f"{option.object}.{option.name}", {}).update(envelope.value["options"])
    return known


async def _known_companies(ledger: Ledger, gathered: Gathered, made: Sequence[_Made]) -> dict[str, str]:
    """The plain aliases of companies the ledger knows. It holds digests; the keys stand in the records' bodies."""
    known = {f"{_COMPANY}{one.key}": f"{_COMPANY}{one.key}" for one in made}
    if not made:
        return known
    key = await ledger.reader.digest_key()
    plain = {one.stream: one.key for one in made}
    names = filter(None, map(company_name, gathered.company_spellings))
    while some := list(islice(names, _PAGE)):
        spellings = {str(company_key(name)) for name in some}
        digested = {f"{_COMPANY}~{digest(key, spelling)}": spelling for spelling in spellings}
        found = await identities.streams(ledger.reader, digested)
        known |= {
            f"{_COMPANY}{digested[alias]}": f"{_COMPANY}{plain[stream]}"
            for alias, stream in found.items()
            if stream in plain
        }
    return known


async def _companies_made(ledger: Ledger) -> list[_Made]:
    statement = """SELECT source_key AS stream, json_extract(body, '$.labels.key') AS key,
        json_extract(body, '$.labels.name') AS name FROM record
      JOIN payload ON payload.hash = record.payload_hash WHERE object = 'company' ORDER BY position"""
    rows = await ledger.reader.rows(statement)
    return [_Made(row["stream"], row["key"], row["name"]) for row in rows if row["key"] and row["name"]]
