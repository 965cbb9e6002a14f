"""transform: make records of the rows read. Pure mapping over the ledger's rows; nothing is sent."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import rich_click as click

from adapters.mapping import (
    Assignment,
    Company,
    Gathered,
    MappingConfig,
    Vocabulary,
    assign_companies,
    company,
    company_key,
    company_of,
    merge,
    person,
    vocabulary,
)
from adapters.mapping.companies import company_name
from adapters.mapping.types import Link, MappingWarning, Record, SourceRow
from commands import reporting
from commands.mapping import signed_mapping
from commands.options import Options, general
from commands.reporting import Reporter
from commands.running import run
from commands.session import refuse_unfinished, run_of, writing
from ledger import work
from ledger.events import Event, IdentityLinked, Note, RowReleased, RowTransformed, RunStarted
from ledger.hashing import Payload, digest, seal
from ledger.projections import holds, identities, schema
from ledger.store import Ledger
from ledger.work import SourceBody

_COMPANY = "company:"


RETRIED = frozenset({"deleted", "rejected", "held"})
"""States of records that are made again by a new load although nothing changed: what stood in their way may be gone."""


class Transformed(msgspec.Struct, frozen=True, kw_only=True):
    """What a transform came to: records made or made anew by object, and how many stayed as they were."""

    made: dict[str, int]
    unchanged: int
    warnings: int


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What the first pass over all rows settles before any can be mapped."""

    words: Vocabulary
    companies: Assignment


async def prepare(ledger: Ledger, config: MappingConfig) -> Prepared:
    """Go through all rows once: options, the account's own columns, companies. Decides as the ledger decided before."""
    gathered = Gathered(config)
    async for rows in work.rows_in_order(ledger.reader):
        gathered.add(_source_row(row) for row in rows)
    words = vocabulary(gathered, config, known_options=await known_options(ledger))
    companies = assign_companies(gathered.company_spellings, await _known_companies(ledger, gathered))
    return Prepared(words=words, companies=companies)


async def transform(
    ledger: Ledger, config: MappingConfig, mapping_hash: str, reporter: Reporter, files: Sequence[str] | None = None
) -> Transformed:
    """Make the records of all streams, or of those that some files speak of; append those that are new or changed."""
    prepared = await prepare(ledger, config)
    job = _Transform(ledger, config, mapping_hash, prepared, await ledger.reader.digest_key())
    with reporter.phase("transform", None) as advance:
        async for streams in work.streams_in_order(ledger.reader, "contact:", files):
            await job.people(streams)
            advance(len(streams))
        await job.companies()
    return Transformed(made=job.made, unchanged=job.unchanged, warnings=job.warnings)


class _Made(NamedTuple):
    """A record, the rows it was made from, and what lists show for it."""

    record: Record
    sources: tuple[str, ...]
    labels: dict[str, str]


class _Transform:
    """One pass over streams: people as they come, the companies they named at the end."""

    def __init__(
        self, ledger: Ledger, config: MappingConfig, mapping_hash: str, prepared: Prepared, digest_key: bytes
    ) -> None:
        self._ledger = ledger
        self._config = config
        self._mapping_hash = mapping_hash
        self._prepared = prepared
        self._digest_key = digest_key
        self._named: dict[str, tuple[Company, dict[str, None]]] = {}
        self.made: dict[str, int] = {}
        self.unchanged = 0
        self.warnings = 0

    async def people(self, streams: Sequence[Sequence[SourceBody]]) -> None:
        """Map a page of streams."""
        await self._append([self._person(rows) for rows in streams])

    async def companies(self) -> None:
        """Map the companies that people were linked to, and remember which spelling leads to which."""
        named = list(self._named.values())
        for start in range(0, len(named), 500):
            page = named[start : start + 500]
            await self._append([self._company(made, tuple(refs)) for made, refs in page])
        aliases = [
            IdentityLinked(source_key=self._stream(stream), alias=self._stream(alias))
            for alias, stream in self._prepared.companies.aliases.items()
            if stream in self._named
        ]
        await self._ledger.append(aliases)

    def _person(self, rows: Sequence[SourceBody]) -> _Made:
        merged = merge([_source_row(row) for row in rows], self._prepared.words)
        made = company_of(merged, self._config, self._prepared.companies)
        link = None
        if made is not None:
            refs = self._named.setdefault(made.stream, (made, {}))[1]
            refs.update(dict.fromkeys(row.ref for row in rows))
            link = Link(object="company", source_key=self._stream(made.stream))
        record = person(rows[0].source_key, merged, self._config, self._prepared.words, link)
        return _Made(record, tuple(row.ref for row in rows), {"name": _name_of(record)})

    def _company(self, made: Company, refs: tuple[str, ...]) -> _Made:
        record = msgspec.structs.replace(company(made, self._config), source_key=self._stream(made.stream))
        return _Made(record, refs, {"name": made.name, "key": made.key})

    def _stream(self, plain: str) -> str:
        """A company's stream as the ledger names it: companies are named after people often enough."""
        return f"{_COMPANY}~{digest(self._digest_key, plain.removeprefix(_COMPANY))}"

    async def _append(self, made: Sequence[_Made]) -> None:
        if not made:
            return
        object_name = made[0].record.object
        keys = [one.record.source_key for one in made]
        known = await work.states_of(self._ledger.reader, object_name, keys)
        open_holds = await holds.open_on_records(self._ledger.reader, object_name, keys)
        released: list[Event] = []
        events: list[Event] = []
        payloads: list[Payload] = []
        for record, sources, labels in made:
            body = seal(record.source_key, {"fields": record.fields, "links": record.links}, labels)
            state = known.get(record.source_key)
            self.warnings += len(record.warnings)
            if state is not None and state.payload_hash == body.hash and state.state not in RETRIED:
                self.unchanged += 1
                continue
            event, notes = self._transformed(record, sources, body)
            events.append(event)
            payloads += [body, *notes]
            # A record made anew is tried anew: whatever still bars its way will hold it again.
            released += [RowReleased(hold=hold) for hold in open_holds.get(record.source_key, ())]
        await self._ledger.append([*released, *events], payloads)
        self.made[object_name] = self.made.get(object_name, 0) + len(events)

    def _transformed(
        self, record: Record, sources: tuple[str, ...], body: Payload
    ) -> tuple[RowTransformed, list[Payload]]:
        notes = tuple(Note(code=warning.code, column=warning.column) for warning in record.warnings)
        texts = [_texts(record.source_key, record.warnings)] if notes else []
        event = RowTransformed(
            object=record.object,
            source_key=record.source_key,
            payload_hash=body.hash,
            mapping_hash=self._mapping_hash,
            sources=sources,
            notes=notes,
            notes_hash=texts[0].hash if texts else None,
        )
        return event, texts


def _source_row(row: SourceBody) -> SourceRow:
    return SourceRow(kind="contacts", file=row.name, line=row.line, cells=row.value["cells"])


def _texts(stream: str, warnings: Sequence[MappingWarning]) -> Payload:
    return seal(stream, {"warnings": [msgspec.to_builtins(warning) for warning in warnings]})


def _name_of(record: Record) -> str:
    """What lists show for a record."""
    name = record.fields.get("name") or ""
    if isinstance(name, Mapping):
        name = f"{name.get('firstName') or ''} {name.get('lastName') or ''}".strip()
    if not name and record.object == "person":
        name = (record.fields.get("emails") or {}).get("primaryEmail", "")
    return str(name)


async def known_options(ledger: Ledger) -> dict[str, dict[str, str]]:
    """Field → option value → label, as we made them: a value once given is never taken back."""
    options = await schema.options(ledger.reader)
    bodies = await ledger.reader.envelopes(sorted({option.payload_hash for option in options}))
    known: dict[str, dict[str, str]] = {}
    for option in options:
        envelope = bodies.get(option.payload_hash)
        if envelope is not None and option.object == "person":
            known.setdefault(option.name, {})[option.value] = envelope.value["options"][option.value]
    return known


async def _known_companies(ledger: Ledger, gathered: Gathered) -> dict[str, str]:
    """The plain aliases of companies the ledger knows. It holds digests; the keys stand in the records' bodies."""
    key = await ledger.reader.digest_key()
    plain = await _company_keys(ledger)
    spellings = {str(company_key(name)) for name in map(company_name, gathered.company_spellings) if name}
    digested = {f"{_COMPANY}~{digest(key, spelling)}": spelling for spelling in spellings}
    found = await identities.streams(ledger.reader, digested)
    known = {f"{_COMPANY}{name}": f"{_COMPANY}{name}" for name in plain.values()}
    spelled = {f"{_COMPANY}{digested[alias]}": plain[stream] for alias, stream in found.items() if stream in plain}
    return known | {alias: f"{_COMPANY}{name}" for alias, name in spelled.items()}


async def _company_keys(ledger: Ledger) -> dict[str, str]:
    """Stream → plain key of every company made."""
    statement = """SELECT source_key, json_extract(body, '$.labels.key') AS name FROM record
      JOIN payload ON payload.hash = record.payload_hash WHERE object = 'company'"""
    return {row["source_key"]: row["name"] for row in await ledger.reader.rows(statement) if row["name"]}


@click.command("transform")
@click.option("--accept-defaults", is_flag=True, help="Sign the shipped mapping.")
@general
@click.pass_obj
def command(options: Options, accept_defaults: bool) -> None:
    """Only make records of the rows read; nothing is sent.

    Example:  kartra-to-twenty transform --accept-defaults
    """
    counts = run(options, lambda: _alone(options, accept_defaults))
    if options.as_json:
        reporting.document(counts)
    else:
        reporting.line(", ".join(f"{name}: {count}" for name, count in counts.items()))


async def _alone(options: Options, accept_defaults: bool) -> dict[str, int]:
    async with writing(options, "transform") as ledger:
        await refuse_unfinished(ledger.reader)
        signed = await signed_mapping(ledger, options.mapping_path, accept_defaults=accept_defaults)
        started = RunStarted(command="transform", mapping_hash=signed.payload.hash)
        async with run_of(ledger, started, signed.payloads, signature=signed.signature) as outcome:
            done = await transform(ledger, signed.config, signed.payload.hash, Reporter())
            outcome.counts = {**done.made, "unchanged": done.unchanged, "warnings": done.warnings}
            return outcome.counts
