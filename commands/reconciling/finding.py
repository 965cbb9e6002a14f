"""Every record read back, 2,000 a call, and what is not as it was sent."""

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Any

import msgspec

from adapters.twenty import Ask, Ids, differences, read_many
from commands.present import Present, digested, present
from commands.reconciling.expected import Expected, expected_of
from commands.session import Working
from commands.updating.stumps import last_touched
from ledger import standing
from ledger.projections import changes, schema
from ledger.work import Work

READ_A_CALL = 2_000
_ALWAYS_READ = ("updatedAt", "updatedBy")
_AUTOMATIC = frozenset({"WORKFLOW", "APPLICATION"})


class Unlike(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not as the ledger has it. `kind` is one of KINDS; the values may be personal: a body.

    `source` is the file id and line of the row; a record that no row stands for has none.
    """

    object: str
    kind: str
    id: str
    source_key: str = ""
    source: str = ""
    path: str = ""
    ours: Any = None
    theirs: Any = None


KINDS: Mapping[str, str] = {
    "missing": "not in Twenty any more",
    "in_bin": "in Twenty's bin",
    "edited_in_twenty": "changed in Twenty since we wrote it",
    "relinked_by_automation": "pointed at another record by an automation of Twenty's",
    "value_differs": "another value than the one written, though nobody touched it since",
    "relation_differs": "points at another record than the one written, though nobody touched it since",
    "doubled": "is one of ours twice: by our mark, by Kartra's number, or by all it holds",
    "model_missing": "a field, an object or an option we made is not in the data model",
}
"""What can be unlike, in words."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it should be and as it is (`row` None where it is not there; `expected` None where it was erased)."""

    work: Work
    expected: Expected | None
    row: Mapping[str, Any] | None
    unlike: tuple[Unlike, ...]


async def compare_object(
    working: Working, object_name: str, sample: int | None, seed: int
) -> AsyncIterator[list[Compared]]:
    """Page by page the records of an object that stand in Twenty by our hand, all or a seeded sample of them."""
    keys = await standing.written_keys(working.ledger.reader, object_name)
    changed = await changes.ever_changed(working.ledger.reader, object_name)
    if sample is not None and sample < len(keys):
        keys = sorted(random.Random(f"{seed}:{object_name}").sample(keys, sample))  # noqa: S311  # no secret: a choice
    for start in range(0, len(keys), READ_A_CALL):
        some = keys[start : start + READ_A_CALL]
        page = await standing.written(working.ledger.reader, object_name, "", READ_A_CALL, some)
        yield await _compare(working, object_name, page, changed)


async def _compare(
    working: Working, object_name: str, page: Sequence[Work], changed: AbstractSet[str]
) -> list[Compared]:
    expected = await expected_of(working, object_name, page)
    known = await present(working)
    names = known.names(object_name, {name for one in expected.values() if one for name in one})
    rows = await _rows(working, known, object_name, page, names)
    return [
        _compared(one, expected[one.state.source_key], rows.get(one.state.twenty_id or ""), names, known, changed)
        for one in page
    ]


async def _rows(
    working: Working, known: Present, object_name: str, page: Sequence[Work], names: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    target = known.find(object_name)
    if target is None:
        return {}
    ask = Ask(
        target.singular, Ids([str(one.state.twenty_id) for one in page]), (*_ALWAYS_READ, *sorted(names.values()))
    )
    answer = await read_many(working.twenty.client, working.twenty.model, [ask])
    back = {today: name for name, today in names.items()}
    return {row["id"]: {back.get(name, name): value for name, value in row.items()} for row in answer[target.singular]}


def _compared(
    one: Work, expected: Expected | None, row: Mapping[str, Any] | None, names: Mapping[str, str], known: Present,
    changed: AbstractSet[str],
) -> Compared:  # fmt: skip
    if row is None:
        return Compared(work=one, expected=expected, row=None, unlike=(_unlike(one, "missing"),))
    found = [_unlike(one, "in_bin")] if row["deletedAt"] is not None else []
    if expected is not None:
        ours = {name: value for name, value in expected.items() if name in names}
        found += _values(one, ours, row, known, changed)
    return Compared(work=one, expected=expected, row=row, unlike=tuple(found))


def _values(
    one: Work, ours: Expected, row: Mapping[str, Any], known: Present, changed: AbstractSet[str]
) -> list[Unlike]:
    target = known.object(one.state.object)
    columns = {name for name in ours if known.names(one.state.object, [name])[name] in target.columns}
    unlike = differences(ours, row)
    # A change of ours, or its undoing, covers the time of an edit that somebody made before it.
    touched = _touched(one, row) or one.state.twenty_id in changed
    automatic = (row.get("updatedBy") or {}).get("source") in _AUTOMATIC and {each.path for each in unlike} <= columns
    return [
        _unlike(one, _kind(each.path in columns, touched, automatic), each.path, each.ours, each.theirs)
        for each in unlike
    ]


def _touched(one: Work, row: Mapping[str, Any]) -> bool:
    """Whether somebody touched it since our call; where that one's answer was lost, by who touched it last."""
    answered = one.state.updated_at or last_touched(row)
    return bool(row["updatedAt"] != answered)


def _kind(relation: bool, touched: bool, automatic: bool) -> str:
    if automatic:
        return "relinked_by_automation"
    if touched:
        return "edited_in_twenty"
    return "relation_differs" if relation else "value_differs"


def _unlike(one: Work, kind: str, path: str = "", ours: Any = None, theirs: Any = None) -> Unlike:
    state = one.state
    return Unlike(
        object=state.object,
        kind=kind,
        id=str(state.twenty_id),
        source_key=state.source_key,
        source=state.source_ref,
        path=path,
        ours=ours,
        theirs=theirs,
    )


async def model_missing(working: Working) -> list[Unlike]:
    """What we made of the data model and is not there: told once, not for every record."""
    reader, known = working.ledger.reader, await present(working)
    found = [
        Unlike(object=one.object, kind="model_missing", id=one.twenty_id or "", path=one.name)
        for one in await schema.elements(reader)
        if one.state == "created" and known.element(one.object, one.name, one.twenty_id) is None
    ]
    for (object_name, name), some in groupby(await schema.options(reader), lambda one: (one.object, one.name)):
        field = known.field(object_name, name)
        there = await digested(working, field) if field else {}
        for option in some:
            if field and option.value not in there:
                body = await reader.envelope(option.payload_hash)
                ours = body.value["options"] if body else None
                found.append(Unlike(object=object_name, kind="model_missing", id=field.id, path=name, ours=ours))
    return found
