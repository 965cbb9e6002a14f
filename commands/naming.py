"""The names a row bears: the aliases by which the ledger would know its stream, whatever became of the row."""

import re

from adapters.kartra import email_alias, number_alias
from adapters.mapping import KINDS, Fault, Key, Refusal, kartra_number, key_of, normalise_email
from adapters.mapping.types import RowProblem, SourceRow
from ledger.hashing import digest

_CONTACTS = "contacts"
_IDENTITIES = ("id", "email", "subscription_id", "calendar_subscription_id", "username")
"""Columns that say whose row it is, of every kind."""
_BETWEEN = re.compile(r"[,;\t\r\n\"]+")


def names_of(row: SourceRow, digest_key: bytes) -> list[str]:
    """The names of the stream a row is about, also of one that is held or set aside; none where it bears none."""
    if KINDS.get(row.kind, row.kind) == _CONTACTS:
        return _contact_names(row, digest_key)
    key = key_of(row)
    return [] if isinstance(key, Fault) else [stream_of(key, digest_key)]


def names_in(row: RowProblem, digest_key: bytes, kind: str | None = None) -> set[str]:
    """Every name that stands anywhere in a row whose columns cannot be told; `kind` says of what, if not its own."""
    words = {word.strip() for cell in row.raw for word in _BETWEEN.split(cell)} - {""}
    return {name for word in words for name in names_of(_only(kind or row.kind, word), digest_key)}


def stream_of(key: Key, digest_key: bytes) -> str:
    """The stream of a row that is no contact's, as the ledger names it."""
    return f"{key.stream}:~{digest(digest_key, key.value)}" if key.personal else f"{key.stream}:{key.value}"


def _contact_names(row: SourceRow, digest_key: bytes) -> list[str]:
    number = kartra_number(row.cells.get("id")).value
    email = normalise_email(row.cells.get("email"))
    numbered = [number_alias(number)] if number else []
    if email is None or isinstance(email, Refusal):
        return numbered
    return [*numbered, email_alias(email, lambda text: digest(digest_key, text))]


def _only(kind: str, word: str) -> SourceRow:
    """A row that says nothing but a word, wherever its kind has its identity."""
    return SourceRow(kind=kind, file="", line=0, cells=dict.fromkeys(_IDENTITIES, word))
