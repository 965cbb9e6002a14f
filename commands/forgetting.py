"""Who was forgotten, or is to be: which rows are about her, and what of other people's rows names her."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapters.kartra import email_alias
from adapters.mapping import KINDS, buyer_of
from adapters.mapping.types import RowProblem, SourceRow
from commands.naming import names_in, names_of
from ledger.hashing import digest
from ledger.projections import departures, identities
from ledger.reader import Reader

_CONTACTS = "contacts"
_PARTIES = ("affiliate", "jv")
"""Who else a sale or a subscription names, as the columns of each begin."""
_PARTY_COLUMNS = ("username", "name", "email", "id")
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)+")
_SEPARATOR = re.compile(r"[,;\t]")
_IN_FRONT = re.compile(r"[=/?{|`*]")
"""What may stand in an address, and hardly ever does: it parts one from the text in front of it."""


class Forgotten(msgspec.Struct, frozen=True, kw_only=True):
    """The names of people to be forgotten; `known` are the names of all contacts there are, and their streams.

    `recorded` are those of the names that are suppressed already.
    """

    names: frozenset[str]
    recorded: frozenset[str] = frozenset()
    known: Mapping[str, str]
    digest_key: bytes

    def with_names(self, further: set[str]) -> "Forgotten":
        """The same people, who have further names."""
        return msgspec.structs.replace(self, names=self.names | further)

    def owns(self, row: SourceRow | RowProblem) -> bool:
        """Whether a row is about one of them.

        Kartra's number tells whose a sale is: an e-mail beside somebody else's number only quotes.
        """
        if not self.names:
            return False
        people = self._people(row)
        if self.names.isdisjoint(people):
            return False
        others = {name for name in people if self._is_anothers(name)}
        if isinstance(row, RowProblem):
            # Cells of a broken row may have moved: a number of somebody else's does not outweigh her e-mail.
            return not any(map(_is_email, others))
        return KINDS.get(row.kind, row.kind) == _CONTACTS or all(map(_is_email, others))

    def further(self, row: SourceRow | RowProblem) -> set[str]:
        """Names that a row gives them, which are nobody else's."""
        if not self.names or isinstance(row, RowProblem):
            return set()
        learnt = {name for name in self._people(row) if not self._is_anothers(name)} if self.owns(row) else set()
        for party in _PARTIES:
            email, user = self._party(row, party)
            learnt |= {user} if email in self.names and user else set()
        return learnt - self.names

    def of_row(self, row: SourceRow | RowProblem) -> set[str]:
        """Those of their names that a row bears."""
        if isinstance(row, RowProblem):
            return set()
        users = {name for party in _PARTIES for name in self._party(row, party) if name and not _is_email(name)}
        return {*self._people(row), *users} & self.names

    def redacted(self, row: SourceRow) -> tuple[SourceRow, tuple[str, ...]]:
        """Somebody else's row without what names them, and the columns that lost something."""
        if not self.names:
            return row, ()
        gone = {name for party in _PARTIES if self._names_party(row, party) for name in _columns(party)}
        cells = {name: self.cut(text) for name, text in row.cells.items() if name not in gone}
        left = {name: text for name, text in cells.items() if text.strip() or text == row.cells[name]}
        lost = tuple(sorted(name for name, text in row.cells.items() if left.get(name) != text))
        return (msgspec.structs.replace(row, cells=left), lost) if lost else (row, ())

    def quoted_in(self, value: Any) -> bool:
        """Whether an e-mail of theirs stands anywhere in a value."""
        return any("@" in text and self.cut(text) != text for text in texts(value))

    def cut(self, value: Any) -> Any:
        """A value without their e-mails, each a whole address: one that only ends or begins like theirs stays."""
        if isinstance(value, str):
            return self._cut(value) if "@" in value else value
        if isinstance(value, Mapping):
            return {name: self.cut(one) for name, one in value.items()}
        return [self.cut(one) for one in value] if isinstance(value, list | tuple) else value

    def _cut(self, text: str) -> str:
        plain = unicodedata.normalize("NFC", text)
        cut = _ADDRESS.sub(self._without, plain)
        return text if cut == plain else cut

    def _without(self, found: re.Match[str]) -> str:
        for start in _starts(found[0]):
            if self._email(found[0][start:]) in self.names:
                return found[0][:start]
        return found[0]

    def _people(self, row: SourceRow | RowProblem) -> set[str]:
        """The names of people that a row bears as its own, or its buyer's."""
        if isinstance(row, RowProblem):
            return self._people_in(row)
        if KINDS.get(row.kind, row.kind) == _CONTACTS:
            return set(names_of(row, self.digest_key))
        buyer = buyer_of(row)
        told = {"id": buyer.number or "", "email": buyer.email or ""} if buyer else {}
        people = names_of(SourceRow(kind=_CONTACTS, file=row.file, line=row.line, cells=told), self.digest_key)
        return {*people, *(names_of(row, self.digest_key) if row.kind == "affiliates" else ())}

    def _people_in(self, row: RowProblem) -> set[str]:
        """Whom a broken row names: every e-mail in it, and Kartra's number in its place: others are scores."""
        emails = {name for name in names_in(row, self.digest_key, _CONTACTS) if _is_email(name)}
        # A quote that is never closed makes one cell of all that follows.
        apart = [part.strip('" ') for cell in row.raw for part in _SEPARATOR.split(cell)]
        told = [dict(zip(row.columns, cells, strict=False)) for cells in (row.raw, apart)]
        rows = [SourceRow(kind=row.kind, file=row.file, line=row.line, cells=cells) for cells in told]
        return emails.union(*map(self._people, rows))

    def _party(self, row: SourceRow, party: str) -> tuple[str | None, str | None]:
        """The names of a sale's affiliate (or joint venture): the e-mail's, and the user name's."""
        email, user = (row.cells.get(f"{party}_{part}", "").strip() for part in ("email", "username"))
        told = SourceRow(kind="affiliates", file="", line=0, cells={"username": user})
        streams = names_of(told, self.digest_key) if user else []
        return self._email(email) if email else None, streams[0] if streams else None

    def _names_party(self, row: SourceRow, party: str) -> bool:
        return not self.names.isdisjoint({name for name in self._party(row, party) if name})

    def _email(self, address: str) -> str:
        plain = unicodedata.normalize("NFC", address).lower()
        return email_alias(plain, lambda text: digest(self.digest_key, text))

    def _is_anothers(self, name: str) -> bool:
        return name in self.known and name not in self.names


async def forgotten(reader: Reader) -> Forgotten:
    """Everybody who was erased."""
    names = await departures.suppressed(reader)
    known = await identities.all_aliases(reader, "contact:") if names else {}
    return Forgotten(names=names, recorded=names, known=known, digest_key=await reader.digest_key())


def texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def _starts(found: str) -> Iterator[int]:
    """Where in what looks like an address one may begin."""
    local = found.partition("@")[0]
    begin = len(local) - len(local.lstrip(".'-~*_`"))
    yield from dict.fromkeys((0, begin, *(one.end() for one in _IN_FRONT.finditer(local))))


def _columns(party: str) -> tuple[str, ...]:
    return tuple(f"{party}_{part}" for part in _PARTY_COLUMNS)


def _is_email(name: str) -> bool:
    return name.startswith("contact:~")
