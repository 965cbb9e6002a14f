"""A mapping's text with proposals written in: comments are kept, every change says how sure it is and why."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import tomlkit
from tomlkit.items import InlineTable, Item, Table

from adapters.mapping.proposal import Proposed
from adapters.mapping.strategies import Strategy
from adapters.mapping.text import one_line

_SECTIONS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "contacts": (("person",), ("note",)),
    "transactions": (("opportunity",),),
    "subscriptions": (("subscription", "custom"), ("subscription", "opportunity")),
    "bookings": (("task",),),
    "affiliates": (("affiliate",),),
}
_NAMES = ("tags", "lists")


class OwnField(msgspec.Struct, frozen=True, kw_only=True):
    """A table to be added: a field of a person made of one of the account's own columns."""

    name: str
    label: str
    column: str
    transform: str
    comment: str


class Rename(msgspec.Struct, frozen=True, kw_only=True):
    """A field's table, or a custom object, to be called otherwise: `table` is the header it stands under."""

    table: tuple[str, ...]
    old: str
    new: str
    reason: str


def edited(
    text: str,
    *,
    settings: Iterable[Strategy],
    proposals: Iterable[Proposed],
    fields: Iterable[OwnField],
    renames: Iterable[Rename],
) -> str:
    """`text` with everything proposed. The same proposals give the same bytes."""
    document = tomlkit.parse(_renamed(text, renames))
    for setting in settings:
        if setting.changed:
            _set(document, setting.path, setting.value, remark(setting.confidence, setting.reason))
    for proposal in proposals:
        if proposal.stands_for is not None:
            _stand_in(document, proposal, proposal.stands_for)
    for field in fields:
        document["person"]["fields"][field.name] = _table(field)
    return document.as_string()


def remark(confidence: float, reason: str) -> str:
    """A comment: how sure, and why. It is one line, and nothing in it steers a terminal."""
    return f"{confidence:.2f}: {_plain(reason)}"


def _plain(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in one_line(text))


def _renamed(text: str, renames: Iterable[Rename]) -> str:
    """Tables of fields by their header lines: tomlkit has no way to rename a table in its place."""
    for rename in renames:
        old, new = (f"[{'.'.join((*rename.table, name))}]" for name in (rename.old, rename.new))
        text = text.replace(f"\n{old}\n", f"\n{new}  # {_plain(rename.reason)}\n", 1)
    return text


def _set(document: Any, path: Sequence[str], value: Any, comment: str) -> None:
    *outer, key = path
    table = document
    for name in outer:
        if name not in table:
            table[name] = tomlkit.table()
        table = table[name]
    if isinstance(table, Table) and key not in table:
        table.add(key, value)
        table.add(tomlkit.nl())
    else:
        table[key] = value
    # Inside an inline table a comment would end the line.
    said: Item = table if isinstance(table, InlineTable) else table[key]
    said.comment(comment)


def _stand_in(document: Any, proposal: Proposed, column: str) -> None:
    """Read the proposal's column wherever the mapping of its kind reads `column`."""
    comment = remark(proposal.confidence, f"{proposal.column} is {proposal.reason}")
    for path in _SECTIONS[proposal.kind]:
        section = _found(document, path)
        for spec in section.get("fields", {}).values():
            _replace(spec, column, proposal.column, comment)
        if section.get("company") == column:
            _set(document, (*path, "company"), proposal.column, comment)
    for name in _NAMES if proposal.kind == "contacts" else ():
        if document.get(name, {}).get("from") == column:
            _set(document, (name, "from"), proposal.column, comment)


def _found(document: Any, path: Sequence[str]) -> Any:
    for name in path:
        document = document.get(name, {})
    return document


def _replace(spec: Any, column: str, other: str, comment: str) -> None:
    columns = spec.get("from", [])
    if column in columns:
        columns[list(columns).index(column)] = other
        columns.comment(comment)


def _table(field: OwnField) -> Table:
    table = tomlkit.table()
    table.add(tomlkit.comment(_plain(field.comment)))
    table.add("label", field.label)
    table.add("from", [field.column])
    table.add("as", field.transform)
    table.add(tomlkit.nl())
    return table
