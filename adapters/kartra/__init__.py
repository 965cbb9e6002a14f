"""Kartra's CSV exports in: recognise the files of a folder, read their rows, tell who each row is about.

    for export in scan(folder).exports:            # oldest first; what is not loaded is in `.unknown`, with reasons
        for row in read(export, verify=True):      # SourceRow, or RowProblem for a row to be held
            ...

Identity takes two passes over the placeable rows, in that order (`adapters.mapping.identify` gives number and e-mail):

    index = IdentityIndex(digest, known)
    for number, email in rows: index.observe(number, email)
    for number, email in rows: placement = index.place(number, email)   # stream and aliases, or a hold reason

Errors are KartraError's tree in `errors`. Another kind of export is added by its aliases and signature in `columns`,
and its name in `recognise.LOADED_KINDS`.
"""

from adapters.kartra.errors import (
    ExportChanged,
    ExportEmpty,
    ExportRepeated,
    ExportUnreadable,
    ExportUnusable,
    FolderMissing,
    HeaderWithoutEmail,
    KartraError,
    KartraTerminalError,
    KartraTransientError,
    WrongKind,
)
from adapters.kartra.identity import IdentityIndex, Placement, email_alias, number_alias
from adapters.kartra.reader import MAX_CELL, read
from adapters.kartra.recognise import Export, Scan, Unknown, recognise, scan

__all__ = [
    "MAX_CELL",
    "Export",
    "ExportChanged",
    "ExportEmpty",
    "ExportRepeated",
    "ExportUnreadable",
    "ExportUnusable",
    "FolderMissing",
    "HeaderWithoutEmail",
    "IdentityIndex",
    "KartraError",
    "KartraTerminalError",
    "KartraTransientError",
    "Placement",
    "Scan",
    "Unknown",
    "WrongKind",
    "email_alias",
    "number_alias",
    "read",
    "recognise",
    "scan",
]
