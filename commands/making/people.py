"""Contacts to people, their notes, and the names (tags, lists) that are records of their own; companies they name."""

from collections.abc import Sequence

import msgspec

from adapters.mapping import company, company_of, merge, name_record, name_tie, note, person
from adapters.mapping.config import Names
from commands.making.maker import Made, Maker, refs_of
from commands.making.prepared import source_row
from commands.making.sealing import silent_of
from commands.reporting import Reporter
from ledger import work
from ledger.events import IdentityLinked
from ledger.work import SourceBody


async def make_people(maker: Maker, files: Sequence[str] | None, reporter: Reporter) -> None:
    """Map the contacts that some files speak of, or all."""
    known: set[str] = set()
    with reporter.phase("transform", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "contact:", files, maker.again):
            entries: dict[str, Made] = {}
            made = [one for rows in streams for one in _of_contact(maker, rows, entries)]
            # Names first: what ties people to them is written after them.
            await maker.append([one for stream, one in entries.items() if stream not in known])
            await maker.replace([rows[0].source_key for rows in streams], made)
            known.update(entries)
            maker.derived |= {(one.record.object, stream) for stream, one in entries.items()}
            advance(len(streams))


async def make_companies(maker: Maker) -> None:
    """Map the companies that records were linked to, and remember which spelling leads to which."""
    made = []
    for named, refs in maker.named.values():
        record = msgspec.structs.replace(company(named, maker.config), source_key=maker.company_stream(named.stream))
        made.append(Made(record, tuple(refs), {"key": named.key}))
    await maker.append(made)
    maker.derived |= {(one.record.object, one.record.source_key) for one in made}
    aliases = [
        IdentityLinked(source_key=maker.company_stream(stream), alias=maker.company_stream(alias))
        for alias, stream in maker.prepared.companies.aliases.items()
        if stream in maker.named
    ]
    await maker.ledger.append(aliases)


def _of_contact(maker: Maker, rows: Sequence[SourceBody], entries: dict[str, Made]) -> list[Made]:
    config, words = maker.config, maker.prepared.words
    merged = merge([source_row(row) for row in rows], words)
    named = company_of(merged, config.person.company, maker.prepared.companies)
    refs = refs_of(rows)
    link = maker.company_link(named, refs) if named is not None else None
    stream = rows[0].source_key
    records = [person(stream, merged, config, words, link), *note(stream, merged, config, words)]
    for names in config.names:
        found = merged.names.get(names.column, ())
        records += [name_tie(names, stream, _entry(maker, names, name, refs, entries)) for name in found]
    return [Made(record, refs, silent=silent_of(rows, config, record.object)) for record in records]


def _entry(maker: Maker, names: Names, name: str, refs: tuple[str, ...], entries: dict[str, Made]) -> str:
    """The stream of a tag or list, which is thereby made, of the first row that names it."""
    stream = maker.private(names.object.name, name)
    entries.setdefault(stream, Made(name_record(names, stream, name), refs[:1]))
    return stream
