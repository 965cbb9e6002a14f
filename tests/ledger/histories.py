"""Generated events, and generated histories of events that a ledger takes."""

import types
import typing
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from hypothesis import strategies as st

from ledger.events import EVENTS, Event, ExportRegistered, LedgerCreated, PayloadErased, RunStarted, bodies
from ledger.hashing import seal
from ledger.store import Ledger
from ledger.tables import TABLES
from tests.ledger.plain import query, take_away

S = TypeVar("S", bound=msgspec.Struct)
Known = Mapping[str, st.SearchStrategy[Any]]

SIMPLE: Mapping[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    types.NoneType: st.none(),
}


def built(kind: type[S], known: Known = types.MappingProxyType({})) -> st.SearchStrategy[S]:
    """Structs of a kind with any values their types allow; attributes in `known` come from there."""
    fields = {field.name: _valued(field.name, field.type, known) for field in msgspec.structs.fields(kind)}
    return st.fixed_dictionaries(fields).map(lambda values: kind(**values))


def _valued(name: str, annotation: Any, known: Known) -> st.SearchStrategy[Any]:
    return known[name] if name in known else _typed(annotation, known)


def _typed(annotation: Any, known: Known) -> st.SearchStrategy[Any]:
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return built(annotation, known)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin in (types.UnionType, typing.Union):
        return st.one_of([_typed(one, known) for one in inner])
    if origin is tuple:
        return st.lists(_typed(inner[0], known), max_size=3).map(tuple)
    if origin is not None:
        return st.dictionaries(_typed(inner[0], known), _typed(inner[1], known), max_size=3)
    return SIMPLE[annotation]


def any_event() -> st.SearchStrategy[Event]:
    """Any event of any type."""
    return st.one_of([built(kind) for kind in EVENTS.values()])


# --- histories: few streams, rows and bodies, so that events meet ----------------------------------------------------

BODIES = {
    body.hash: body for body in (seal(f"contact:{n}", n, {"name": f"Person {n}"} if n % 3 else {}) for n in range(6))
}
_BODY = st.sampled_from(sorted(BODIES))
_REF = st.builds("{}:{}".format, st.sampled_from(["f1", "f2"]), st.integers(2, 5))
_KEY = st.sampled_from(["contact:1", "contact:2", "contact:3"])
_ID = st.sampled_from(["id-1", "id-2", "id-3"])
_OBJECT = st.sampled_from(["person", "company"])
_POSITION = st.integers(1, 30)
_NAME = st.sampled_from(["", "kartraTags", "kartraTags.VIP", "kartraLists"])
_VALUES = st.lists(st.sampled_from(["VIP", "NEW", "OLD"]), unique=True).map(tuple)

_COMMON: Known = {
    "object": _OBJECT, "source_key": _KEY, "key": _KEY, "alias": _KEY, "source_ref": _REF,
    "sources": st.lists(_REF, min_size=1, max_size=3).map(tuple), "twenty_id": _ID, "id": _ID,
    "payload_hash": _BODY, "hash": _BODY, "mapping_hash": _BODY, "notes_hash": st.none() | _BODY,
    "sources_hash": st.none() | _BODY, "before_hash": st.none() | _BODY, "sent_hash": st.none() | _BODY,
    "base_hash": _BODY, "replaced_hash": _BODY, "written_hash": st.none() | _BODY,
    "undoes": st.lists(_POSITION, max_size=3).map(tuple), "hold": _POSITION, "noted": _POSITION, "name": _NAME,
    "values": _VALUES, "file": st.sampled_from(["f1", "f2"]),
}  # fmt: skip


def _meeting(kind: type[Event]) -> st.SearchStrategy[Event]:
    items = next((field.type for field in msgspec.structs.fields(kind) if field.name == "items"), None)
    if items is None:
        return built(kind, _COMMON)
    item = built(typing.get_args(items)[0], _COMMON)
    several = st.lists(item, max_size=3, unique_by=lambda one: one.key).map(tuple)
    return built(kind, {**_COMMON, "items": several})


class Step(msgspec.Struct, frozen=True):
    """An event of a run, and whether the append that holds it ends with it."""

    run_id: str
    event: Event
    ends: bool


def _once(steps: list[Step]) -> list[Step]:
    """Without what the tables take only once: a run's start, and a file's registration in a run."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for step in steps:
        if isinstance(step.event, RunStarted | ExportRegistered):
            mark = (type(step.event), step.run_id, getattr(step.event, "file", None))
            if mark in seen:
                continue
            seen.add(mark)
        kept.append(step)
    return kept


_KINDS = [kind for kind in EVENTS.values() if kind is not LedgerCreated]
_STEP = st.builds(Step, st.sampled_from(["run-1", "run-2"]), st.one_of(list(map(_meeting, _KINDS))), st.booleans())
histories = st.lists(_STEP, min_size=1, max_size=30).map(_once)
"""Histories of all event types but the first; they say what no sane program would, and must fold all the same."""


def appends(history: list[Step], batched: bool) -> Iterator[tuple[str, list[Event]]]:
    """The appends a history is made of: as its steps say, or one an event."""
    number = 0
    numbered = []
    for step in history:
        numbered.append((number, step))
        number += step.ends or not batched
    for (_, run_id), group in groupby(numbered, key=lambda pair: (pair[0], pair[1].run_id)):
        yield run_id, [step.event for _, step in group]


async def play(path: Path, history: list[Step], *, batched: bool, erases: bool) -> None:
    """Append a history to a new ledger, with the bodies it names; erased ones are taken away at once, or left."""
    gone: set[str] = set()
    async with Ledger.open(path, command="play", actor="player@host") as ledger:
        for run_id, events in appends(history, batched):
            ledger.run_id = run_id
            named = {name for event in events for name in bodies(event)} - gone
            await ledger.append(events, [BODIES[name] for name in named])
            erased = {event.payload_hash for event in events if isinstance(event, PayloadErased)}
            take_away(path, *(erased if erases else ()))
            gone |= erased


def projections(path: Path, *, without: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every projection, by table, in order; some columns left out."""
    return {
        table.name: query(path, f"SELECT {columns} FROM {table.name} ORDER BY {columns}")
        for table in TABLES
        if (columns := ", ".join(f'"{column.name}"' for column in table.columns if column.name not in without))
    }
