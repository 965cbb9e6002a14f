"""What a folder of Kartra's files holds: exports with rows, descriptions without, and strangers."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

LOADED_KINDS = frozenset({"contacts", "lead_details", "transactions", "subscriptions", "bookings", "affiliates"})
"""The kinds that have rows to load."""

DESCRIPTION_KINDS = frozenset({"custom_fields", "account_tags", "account_lists", "account_sequences"})
"""The kinds that describe the account: the answers of Kartra's `retrieve_…` commands, under these keys."""

Form = Literal["csv", "json_lines", "json"]
"""How rows are written: a CSV line each, a JSON value a line, or as elements of one JSON array (or one object)."""


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A file that can be loaded.

    `columns` names the header's positions canonically; `repeats` says which of them are further columns of a name
    already taken. JSON has neither header nor delimiter: `header`, `columns` and `repeats` are empty there, and
    `delimiter` is "". `size` is in bytes, `sha256` of the raw bytes in hex, `exported_at` UTC. `repeat` counts how
    often the same content was exported before, with another in between.
    """

    path: Path
    name: str
    kind: str
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    columns: tuple[str, ...]
    repeats: Mapping[str, str]
    size: int
    sha256: str
    exported_at: datetime
    form: Form = "csv"
    repeat: int = 0

    @property
    def file_id(self) -> str:
        """The short name rows are referred to by: the first 12 hex digits of the content's SHA-256, and its repeat."""
        return f"{self.sha256[:12]}-{self.repeat}" if self.repeat else self.sha256[:12]


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """A file without rows that says something about the account; `kind` is one of DESCRIPTION_KINDS."""

    path: Path
    name: str
    kind: str
    size: int
    sha256: str
    exported_at: datetime


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the folder that is not loaded: a stable code and the reason in words."""

    path: Path
    code: str
    reason: str


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds: exports and descriptions oldest first (by clock, then name), and everything else."""

    exports: tuple[Export, ...]
    unknown: tuple[Unknown, ...]
    descriptions: tuple[Description, ...] = ()
