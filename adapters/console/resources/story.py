"""One record's whole story, its fields side by side: in Kartra, before us, as sent, as meant."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from adapters.console.errors import NotFound
from adapters.console.resources.mappings import mapping_text
from adapters.console.resources.origins import origins
from ledger.listings.stories import Story, story
from ledger.reader import Reader


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A cell of Kartra's that a field is made from: the newest row that has the column."""

    column: str
    value: str | None
    file: str
    file_id: str
    line: int


class FieldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a record, its values as text: what stood there before us, what was last sent, what it should hold.

    `differs` names what is not alike: `before` (we changed it) or `meant` (it should hold something else by now).
    """

    field: str
    sources: list[Part]
    before: str | None
    written: str | None
    meant: str | None
    differs: list[str]


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
    names = list(dict.fromkeys([*meant, *written, *before]))
    tops = dict.fromkeys(name.partition(".")[0].removesuffix("→") for name in names)
    made_from = origins(await mapping_text(reader, told.mapping), told.object or "", tops, _columns(told))
    seen: set[str] = set()
    lines = []
    for name in names:
        top = name.partition(".")[0]
        parts = [] if top in seen else [_part(told, column) for column in made_from.get(top, ())]
        seen.add(top)
        lines.append(_line(name, parts, before, written, meant))
    return lines


def _line(
    name: str, parts: list[Part], before: Mapping[str, str], written: Mapping[str, str], meant: Mapping[str, str]
) -> FieldLine:
    differs = []
    if name in before and before[name] != written.get(name, ""):
        differs.append("before")
    if written and meant.get(name) != written.get(name):
        differs.append("meant")
    return FieldLine(
        field=name,
        sources=parts,
        before=before.get(name),
        written=written.get(name),
        meant=meant.get(name),
        differs=differs,
    )


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
    rows = [row for row in told.rows if row.cells and column in row.cells]
    newest = rows[-1]
    value = (newest.cells or {})[column]
    return Part(
        column=column,
        value=as_text(value),
        file=newest.place.file,
        file_id=newest.place.file_id,
        line=newest.place.line,
    )
