"""Contacts to people, their notes, and the names (tags, lists) that are records of their own; companies they name."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

import msgspec

from adapters.mapping import (
    Fields,
    company,
    company_of,
    merge,
    name_record,
    name_tie,
    note,
    person,
    person_target,
    target_of,
)
from adapters.mapping.config import Names
from commands.making.maker import Made, Maker, refs_of
from commands.making.named import Named
from commands.making.prepared import source_row
from commands.making.sealing import lost_of, silent_fields
from commands.reporting import Reporter
from ledger import work
from ledger.events import IdentityLinked
from ledger.rows import SourceBody

T = TypeVar("T")

_PAGE = 500


class _Contacts(NamedTuple):
    """What contacts become: a person, and a note where notes are moved."""

    person: Fields
    note: Fields | None


async def make_people(maker: Maker, files: Sequence[str] | None, reporter: Reporter) -> None:
    """Map the contacts that some files speak of, or all."""
    known: set[str] = set()
    noted = target_of(maker.config, "contacts", note=True)
    contacts = _Contacts(maker.fields(person_target(maker.config)), maker.fields(noted) if noted else None)
    with reporter.phase("transform", None) as advance:
        async for streams in work.streams_in_order(maker.ledger.reader, "contact:", files, maker.again):
            entries: dict[str, Made] = {}
            made = [one for rows in streams for one in _of_contact(maker, contacts, rows, entries)]
            # Names first: what ties people to them is written after them.
            await maker.append([one for stream, one in entries.items() if stream not in known])
            await maker.replace([rows[0].source_key for rows in streams], made)
            known.update(entries)
            for one in entries.values():
                maker.derive(one.record.object, (one.record.source_key,))
            advance(len(streams))


async def make_companies(maker: Maker) -> None:
    """Map the companies that records were linked to, and remember which spelling leads to which."""
    for some in maker.named.pages():
        await maker.append([_company(maker, stream, named) for stream, named in some])
    known = maker.prepared.companies.aliases
    spelled = ((alias, maker.company_stream(stream)) for alias, stream in known.items())
    news = (
        IdentityLinked(source_key=stream, alias=maker.company_stream(alias))
        for alias, stream in spelled
        if stream in maker.named
    )
    for aliases in _pages(news):
        await maker.ledger.append(aliases)


def _company(maker: Maker, stream: str, named: Named) -> Made:
    record = msgspec.structs.replace(company(named.company, maker.config), source_key=stream)
    return Made(record, maker.numbered.refs(named.rows), {"key": named.company.key})


def _of_contact(maker: Maker, contacts: _Contacts, rows: Sequence[SourceBody], entries: dict[str, Made]) -> list[Made]:
    config = maker.config
    merged = merge([source_row(row) for row in rows], maker.prepared.words)
    named = company_of(merged, config.person.company, maker.prepared.companies)
    refs = refs_of(rows)
    link = maker.company_link(named, rows) if named is not None else None
    stream = rows[0].source_key
    records = [person(stream, merged, contacts.person, link), *note(stream, merged, contacts.note)]
    for names in config.names:
        found = merged.names.get(names.column, ())
        records += [name_tie(names, stream, _entry(maker, names, name, refs, entries)) for name in found]
    lost = lost_of(rows)
    return [Made(one, refs, silent=silent_fields(config, "contacts", lost, one.object)) for one in records]


def _entry(maker: Maker, names: Names, name: str, refs: tuple[str, ...], entries: dict[str, Made]) -> str:
    """The stream of a tag or list, which is thereby made, of the first row that names it."""
    stream = maker.private(names.object.name, name)
    entries.setdefault(stream, Made(name_record(names, stream, name), refs[:1]))
    return stream


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while page := list(islice(left, _PAGE)):
        yield page
