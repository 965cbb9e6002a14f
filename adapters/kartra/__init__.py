"""Kartra's exports in: recognise the files of a folder, read their rows, tell who each row is about.

    found = scan(folder)                           # what is not loaded is in `found.unknown`, with reasons
    for export in found.exports:                   # oldest first; `export.kind` is one of LOADED_KINDS
        for row in read(export, verify=True):      # SourceRow, or RowProblem for a row to be held
            ...
    for file in found.descriptions:                # `file.kind` is one of DESCRIPTION_KINDS: files without rows
        read_custom_fields(file.path)              # of `custom_fields`; of the others read_account_names(file.path)

CSV files are contacts, transactions, subscriptions, bookings or affiliates, told apart by their headers; JSON files are
webhook events (`bookings`) or answers of the API (`lead_details`), one a line or in one array.

Identity of contacts takes two passes over the placeable rows, in that order (`adapters.mapping.identify` gives number
and e-mail):

    index = IdentityIndex(digest, known)
    for number, email in rows: index.observe(number, email)
    for number, email in rows: placement = index.place(number, email)   # stream and aliases, or a hold reason

Errors are KartraError's tree in `errors`. Another kind of CSV is added by its layout in `aliases`, another kind of JSON
rows by its shape in `json_rows`, and both by their names in `exports.LOADED_KINDS`.
"""

from adapters.kartra.csv_rows import Cells, Stretch, source_row
from adapters.kartra.descriptions import CustomField, read_account_names, read_custom_fields
from adapters.kartra.errors import (
    DocumentTooLarge,
    ExportChanged,
    ExportEmpty,
    ExportRepeated,
    ExportUnreadable,
    ExportUnusable,
    FolderMissing,
    HeaderWithoutEmail,
    HeaderWithoutIdentity,
    JsonBroken,
    KartraError,
    KartraTerminalError,
    KartraTransientError,
    WrongKind,
)
from adapters.kartra.exports import DESCRIPTION_KINDS, LOADED_KINDS, Description, Export, Scan, Unknown
from adapters.kartra.identity import IdentityIndex, Placement, email_alias, number_alias
from adapters.kartra.reader import read, read_stretches
from adapters.kartra.recognise import recognise, scan
from adapters.kartra.text_lines import MAX_CELL

__all__ = [
    "DESCRIPTION_KINDS",
    "LOADED_KINDS",
    "MAX_CELL",
    "Cells",
    "CustomField",
    "Description",
    "DocumentTooLarge",
    "Export",
    "ExportChanged",
    "ExportEmpty",
    "ExportRepeated",
    "ExportUnreadable",
    "ExportUnusable",
    "FolderMissing",
    "HeaderWithoutEmail",
    "HeaderWithoutIdentity",
    "IdentityIndex",
    "JsonBroken",
    "KartraError",
    "KartraTerminalError",
    "KartraTransientError",
    "Placement",
    "Scan",
    "Stretch",
    "Unknown",
    "WrongKind",
    "email_alias",
    "number_alias",
    "read",
    "read_account_names",
    "read_custom_fields",
    "read_stretches",
    "recognise",
    "scan",
    "source_row",
]
