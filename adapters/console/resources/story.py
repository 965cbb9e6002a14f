"""One record's whole story, its fields side by side: in Kartra, before us, as sent, as meant."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapters.console.errors import NotFound
from adapters.console.resources.mappings import mapping_text
from adapters.console.resources.origins import origins
from ledger.listings.stories import Story, story
from ledger.reader import Reader

_NOTHING = frozenset({None, "", "[]", "{}"})
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


class FieldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a record, its values as text: what stood there before us, what was last sent, what it should hold.

    `differs` names what is not alike: `before` (we changed it) or `meant` (it should hold something else by now). The
    parts of one field (`emails.primaryEmail`) stand together: the first says how many there are (`lines`) and what they
    are made from, the others say 0 and nothing. A relation has the record that it points at.
    """

    field: str
    lines: int
    sources: list[Part]
    before: str | None
    written: str | None
    meant: str | None
    differs: list[str]
    points_at: Target | None


class StoryTold(msgspec.Struct, frozen=True, kw_only=True):
    """A story, with the fields of its record line by line."""

    story: Story
    fields: list[FieldLine]


async def tell_story(reader: Reader, stream: str, object_name: str | None) -> StoryTold:
    """Everything on record of a stream.

    Raises:
        NotFound: the ledger has never heard of it.
    """
    found = await story(reader, stream, object_name)
    if found is None:
        what = f"{object_name} {stream}" if object_name else stream
        raise NotFound(f"nothing is on record of {what}; look for it among the records")
    return StoryTold(story=found, fields=await _lines(reader, found))


async def _lines(reader: Reader, told: Story) -> list[FieldLine]:
    before, written, meant = _before(told), _flat(told.written), _flat(told.meant)
    fields: dict[str, list[FieldLine]] = {}
    targets = _targets(told)
    for name in dict.fromkeys([*meant, *written, *before]):
        line = _line(name, before, written, meant, targets.get(name))
        if line.differs or {line.before, line.written, line.meant} - _NOTHING:
            fields.setdefault(name.partition(".")[0], []).append(line)
    made_from = origins(await mapping_text(reader, told.mapping), told.object or "", fields, _columns(told))
    return [each for name, lines in fields.items() for each in _together(told, lines, made_from.get(name, []))]


def _together(told: Story, lines: list[FieldLine], columns: list[str]) -> list[FieldLine]:
    first = msgspec.structs.replace(lines[0], lines=len(lines), sources=[_part(told, one) for one in columns])
    return [first, *lines[1:]]


def _line(
    name: str,
    before: Mapping[str, str],
    written: Mapping[str, str],
    meant: Mapping[str, str],
    points_at: Target | None,
) -> FieldLine:
    differs = []
    if name in before and before[name] != written.get(name, ""):
        differs.append("before")
    if written and meant.get(name) != written.get(name):
        differs.append("meant")
    return FieldLine(
        field=name,
        lines=0,
        sources=[],
        before=before.get(name),
        written=written.get(name),
        meant=meant.get(name),
        differs=differs,
        points_at=points_at,
    )


def _targets(told: Story) -> dict[str, Target]:
    body = told.meant or told.written
    links = body.value.get("links") if body is not None and isinstance(body.value, Mapping) else None
    if not isinstance(links, Mapping):
        return {}
    return {str(name): msgspec.convert(one, Target) for name, one in links.items()}


def _before(told: Story) -> dict[str, str]:
    """What stood in each field before our first change of it."""
    found: dict[str, str] = {}
    for change in told.changes:
        for name, value in flat(change.before):
            found.setdefault(name, value)
    return found


def _flat(body: Any) -> dict[str, str]:
    return {} if body is None else dict(flat(body.value))


def flat(value: Any) -> Iterator[tuple[str, str]]:
    """The fields of a body as lines of text: `emails.primaryEmail`, and relations by what they point at."""
    if not isinstance(value, Mapping):
        return
    fields = value.get("fields", value)
    yield from _leaves("", fields)
    links = value.get("links")
    for name, target in links.items() if isinstance(links, Mapping) else ():
        if isinstance(target, Mapping):
            yield name, f"{target.get('object')} {target.get('source_key')}"


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
    return "" if value is None else msgspec.json.encode(value).decode()


def _columns(told: Story) -> list[str]:
    return list(dict.fromkeys(name for row in told.rows for name in row.cells or ()))


def _part(told: Story, column: str) -> Part:
    said = [as_text(row.cells[column]) for row in reversed(told.rows) if row.cells and column in row.cells]
    values = list(dict.fromkeys(said))
    return Part(column=column, values=values[:_VALUES], left=max(len(values) - _VALUES, 0))
