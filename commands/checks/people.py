"""Contacts of the exports whose e-mail somebody in Twenty has already, those in the bin included."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adapters.kartra import Export, read
from adapters.mapping import identify
from adapters.mapping.types import SourceRow
from adapters.twenty import Holder, holders
from commands.checks.report import Check, Collision, ok, warning
from commands.collisions import KEYS, KEYS_A_READ
from commands.session import Twenty
from ledger import standing
from ledger.reader import Reader
from ledger.scopes import Scope

_PEOPLE = frozenset({"contacts", "lead_details"})
_PERSON = "person"
_DOMAINS = "company domains are not written"


class Source(NamedTuple):
    """Where an e-mail stands first."""

    file: str
    line: int


class Collisions(NamedTuple):
    """The rows whose e-mail is taken, and the check that says so."""

    found: tuple[Collision, ...]
    check: Check


def emails_in(exports: Sequence[Export]) -> dict[str, Source]:
    """Every e-mail that the exports' contacts would be written with, and where it stands; held rows are passed over."""
    found: dict[str, Source] = {}
    for export in exports:
        if export.kind in _PEOPLE:
            for email, line in _emails(export):
                found.setdefault(email, Source(export.name, line))
    return found


async def collisions(reader: Reader | None, twenty: Twenty, emails: dict[str, Source], *, empty: bool) -> Collisions:
    """Look the e-mails up, 10,000 a call; nothing is asked where `empty`. Records of ours are no collisions."""
    ours = set(await standing.created_ids(reader, _PERSON, Scope())) if reader else set()
    asked = [] if empty else list(emails)
    held = [one for one in await _holders(twenty, asked) if one.id not in ours]
    found = tuple(_collision(emails[one.value], one) for one in held if one.value in emails)
    return Collisions(found, _check(found, len(emails)))


async def _holders(twenty: Twenty, emails: Sequence[str]) -> list[Holder]:
    target, path = twenty.model.object(_PERSON), KEYS[_PERSON]
    found: list[Holder] = []
    for start in range(0, len(emails), KEYS_A_READ):
        found += await holders(twenty.client, target, path, emails[start : start + KEYS_A_READ])
    return found


def _emails(export: Export) -> Iterator[tuple[str, int]]:
    for row in read(export):
        if isinstance(row, SourceRow) and (email := identify(row).email) is not None:
            yield email, row.line


def _collision(source: Source, holder: Holder) -> Collision:
    return Collision(
        file=source.file,
        line=source.line,
        object=_PERSON,
        column="email",
        holder=holder.id,
        in_bin=holder.deleted_at is not None,
    )


def _check(found: Sequence[Collision], asked: int) -> Check:
    if not found:
        return ok("collisions", f"none of {asked} e-mails is taken; {_DOMAINS}")
    binned = sum(one.in_bin for one in found)
    return warning(
        "collisions",
        f"{len(found)} of {asked} e-mails are taken, {binned} of them by people in the bin; {_DOMAINS}",
        why="Twenty takes an e-mail once, deleted people included; the rows are held",
        then="settle these people in Twenty (destroy what is in the bin), or load: `holds` lists them",
    )
