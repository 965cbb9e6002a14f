"""Where answers about contacts come from: the ledger, or the files of a folder. The newest of a contact counts."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from adapters.kartra import Export, IdentityIndex, Scan, read, scan
from adapters.kartra.descriptions import read_account_names
from adapters.mapping import KINDS, identify
from adapters.mapping.types import RowProblem, SourceRow
from commands.rebuilding.leads import Lead, lead_of
from ledger import work
from ledger.reader import Reader

KIND = "lead_details"


class Answers(msgspec.Struct):
    """Answers about contacts, gathered.

    `leads`: contact → its newest answer. `left_out` counts answers about nobody who can be told apart, `unreadable`
    those whose relations cannot be read. `declared` are the sequences the account itself names, in its order.
    """

    leads: dict[str, Lead] = {}
    left_out: int = 0
    unreadable: int = 0
    as_of: str | None = None
    files: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()

    def add(self, contact: str, cells: Mapping[str, str]) -> None:
        """Take in an answer, newer than those before."""
        try:
            self.leads[contact] = lead_of(cells)
        except ValueError:
            self.unreadable += 1


async def answers_in_ledger(reader: Reader) -> Answers:
    """The answers that were read into the ledger."""
    exports = await reader.rows(
        "SELECT DISTINCT file, name, exported_at FROM export WHERE kind = :kind ORDER BY exported_at, name", kind=KIND
    )
    unplaced = """SELECT count(*) FROM source_row WHERE source_key IS NULL
      AND file IN (SELECT file FROM export WHERE kind = :kind)"""
    answers = Answers(
        left_out=int(await reader.scalar(unplaced, kind=KIND)),
        as_of=exports[-1]["exported_at"] if exports else None,
        files=tuple(export["name"] for export in exports),
    )
    if exports:
        async for rows in work.rows_in_order(reader):
            for row in rows:
                if row.kind == KIND:
                    answers.add(row.source_key, row.value["cells"])
    return answers


def answers_in_folder(folder: Path) -> Answers:
    """The answers in a folder's files, and the sequences its descriptions name.

    All files about contacts are gone through first: who an answer is about depends on them too.

    Raises:
        KartraError: the folder, or a file of it, cannot be read.
    """
    found = scan(folder)
    contacts = [export for export in found.exports if KINDS.get(export.kind, export.kind) == "contacts"]
    leads = [export for export in contacts if export.kind == KIND]
    answers = Answers(
        as_of=leads[-1].exported_at.isoformat() if leads else None,
        files=tuple(export.name for export in leads),
        declared=_declared(found),
    )
    if leads:
        index = _observed(contacts)
        for export in leads:
            for row in read(export):
                _place(answers, index, row)
    return answers


def _declared(found: Scan) -> tuple[str, ...]:
    paths = [one.path for one in found.descriptions if one.kind == "account_sequences"]
    return tuple(dict.fromkeys(name for path in paths for name in read_account_names(path)))


def _observed(contacts: list[Export]) -> IdentityIndex:
    # Nothing is kept under this digest: it only has to tell e-mails apart.
    index = IdentityIndex(lambda email: hashlib.sha256(email.encode()).hexdigest(), lambda _alias: None)
    for export in contacts:
        for row in read(export):
            if isinstance(row, SourceRow) and (who := identify(row)).held is None:
                index.observe(who.number, who.email)
    return index


def _place(answers: Answers, index: IdentityIndex, row: SourceRow | RowProblem) -> None:
    who = identify(row) if isinstance(row, SourceRow) else None
    stream = index.place(who.number, who.email).stream if who is not None and who.held is None else None
    if stream is None or isinstance(row, RowProblem):
        answers.left_out += 1
    else:
        answers.add(stream, row.cells)
