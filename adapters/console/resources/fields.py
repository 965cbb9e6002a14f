"""A record's fields side by side: in Kartra, in Twenty before, as they were sent, as they should be by now.

What was sent is taken from the bodies that went out, not from what the record should have held: of a record that was
there before us only some fields were sent, and of a change only those that differed.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapters.console.resources.origins import origins
from ledger.hashing import Envelope
from ledger.listings.stories import Change, Story

STILL_TO_COME = frozenset({"pending", "changed", "intended", "held"})
"""States of records that are meant to hold something else than they do."""

_VALUES = 5
"""How many values of a column are told."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A column that a field is made from: what its rows say, each value once, the newest row's first."""

    column: str
    values: list[str]
    left: int


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """The record that a relation points at."""

    object: str
    source_key: str


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """A field's value on one side, as text; of a relation also what it points at, where that is known."""

    value: str
    points_at: Target | None = None


class FieldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a record.

    `before` is what stood in it before the first change of it that stands (of a record that we adopted, before us; of
    one that we made, before we changed it), `sent` the newest value that went out and was not undone,
    `meant` what it should hold, where that is still to come. `kept` says that the record was ours and this field was
    left as Twenty had it. `differs` names what is not alike: `before` (we changed it) or `meant` (it is to be changed).
    The parts of one field (`emails.primaryEmail`) stand together: the first says how many there are (`lines`) and what
    they are made from, the others say 0 and nothing.
    """

    field: str
    lines: int
    sources: list[Part]
    before: Side | None
    sent: Side | None
    meant: Side | None
    kept: bool
    differs: list[str]


def side_by_side(told: Story, mapping: str) -> list[FieldLine]:
    """The fields of a story's record, line by line; those that are empty on every side are left out."""
    since = _since(told)
    before, sent = _before(since), _sent(told, since)
    meant = _sides(told.meant) if told.record and told.record.state in STILL_TO_COME else {}
    written = _sides(told.written)
    fields: dict[str, list[FieldLine]] = {}
    for name in dict.fromkeys([*meant, *sent, *before, *written]):
        line = _line(name, before, sent, meant, written)
        if line.kept or any(side is not None and side.value for side in (line.before, line.sent, line.meant)):
            fields.setdefault(name.partition(".")[0], []).append(line)
    made_from = origins(mapping, told.source_key, told.object or "", fields, _columns(told))
    return [each for name, lines in fields.items() for each in _together(told, lines, made_from.get(name, []))]


def _line(
    name: str,
    before: Mapping[str, Side],
    sent: Mapping[str, Side],
    meant: Mapping[str, Side],
    written: Mapping[str, Side],
) -> FieldLine:
    differs = []
    if name in before and name in sent and before[name].value != sent[name].value:
        differs.append("before")
    if name in meant and written and meant[name].value != written.get(name, Side(value="")).value:
        differs.append("meant")
    return FieldLine(
        field=name,
        lines=0,
        sources=[],
        before=before.get(name),
        sent=sent.get(name),
        meant=meant.get(name),
        kept=name in written and bool(written[name].value) and name not in sent,
        differs=differs,
    )


def _since(told: Story) -> list[Change]:
    """The changes that stand, from the last time on that the record came to be ours."""
    begin = told.begun.position if told.begun else 0
    return [one for one in told.changes if one.undone is None and one.position >= begin]


def _before(since: list[Change]) -> dict[str, Side]:
    """What stood in each field before the first change of it that stands: of an adopted record, before us."""
    found: dict[str, Side] = {}
    for change in since:
        for name, side in flat(change.before):
            found.setdefault(name, side)
    return found


def _sent(told: Story, since: list[Change]) -> dict[str, Side]:
    found = _sides(told.begun.sent) if told.begun else {}
    for change in since:
        found |= dict(flat(change.sent))
    return found


def _sides(body: Envelope | None) -> dict[str, Side]:
    return {} if body is None else dict(flat(body.value))


def flat(value: Any) -> Iterator[tuple[str, Side]]:
    """The fields of a body as lines of text: `emails.primaryEmail`, and relations by what they point at."""
    if not isinstance(value, Mapping):
        return
    for name, text in _leaves("", value.get("fields", {} if "links" in value else value)):
        yield name, Side(value=text)
    links = value.get("links")
    for name, target in links.items() if isinstance(links, Mapping) else ():
        if isinstance(target, Mapping) and {"object", "source_key"} <= set(target):
            points_at = Target(object=str(target["object"]), source_key=str(target["source_key"]))
            yield str(name), Side(value=f"{points_at.object} {points_at.source_key}", points_at=points_at)


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), each)
    elif path:
        yield path, as_text(value)


def as_text(value: Any) -> str:
    """A value as a person reads it: text as it is, nothing as nothing, the rest as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None or value in ([], {}) else msgspec.json.encode(value).decode()


def _together(told: Story, lines: list[FieldLine], columns: list[str]) -> list[FieldLine]:
    first = msgspec.structs.replace(lines[0], lines=len(lines), sources=[_part(told, one) for one in columns])
    return [first, *lines[1:]]


def _columns(told: Story) -> list[str]:
    return list(dict.fromkeys(name for row in told.rows for name in row.cells or ()))


def _part(told: Story, column: str) -> Part:
    said = [as_text(row.cells[column]) for row in reversed(told.rows) if row.cells and column in row.cells]
    values = list(dict.fromkeys(said))
    return Part(column=column, values=values[:_VALUES], left=max(len(values) - _VALUES, 0))
