"""Doubles: records the ledger does not stand by that are one of ours once more.

Told by the mark of a run of this ledger, by what Kartra knows the record by, or by holding all that one of ours holds.
"""

import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from adapters.mapping import identity_fields
from adapters.twenty import Ask, Ids, Mark, Object, differences, every_record, read_many
from commands.mapping import last_mapping
from commands.present import Present, present
from commands.reconciling.expected import Expected
from commands.reconciling.finding import READ_A_CALL, Compared, Unlike
from commands.session import Working
from ledger import standing
from ledger.scopes import Scope

_OF_ITS_OWN = frozenset({"createdAt", "createdBy"})
"""What a double need not share with the record it doubles."""

_TIME = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")

Trait = tuple[str, str]
"""A field (dotted path) and its text: what records are likely to be alike by."""


async def doubled(working: Working, object_name: str, compared: Sequence[Compared]) -> list[Unlike]:
    """The doubles of an object; those without our mark only of the records that were compared.

    Records that were taken back into the bin are no doubles, nor is anything else there that has no mark of ours.
    """
    known = await present(working)
    target = known.find(object_name)
    if target is None:
        return []
    named = set((await standing.intended_ids(working.ledger.reader, Scope())).get(object_name, ()))
    runs = await _runs(working)
    found: list[Unlike] = []
    others: list[str] = []
    async for one in _not_ours(working, object_name, target):
        if one.run in runs:
            taken_back = one.id in named and one.deleted_at is not None
            found += [] if taken_back else [Unlike(object=object_name, kind="doubled", id=one.id)]
        elif one.deleted_at is None:
            others.append(one.id)
    return found + await _alike(working, known, object_name, compared, others)


async def _not_ours(working: Working, object_name: str, target: Object) -> AsyncIterator[Mark]:
    statement = "SELECT twenty_id FROM record WHERE object = :object AND twenty_id IS NOT NULL"
    ours = {row["twenty_id"] for row in await working.ledger.reader.rows(statement, object=object_name)}
    async for page in every_record(working.twenty.client, target):
        for one in page:
            if one.id not in ours:
                yield one


async def _runs(working: Working) -> set[str]:
    return {row["run_id"] for row in await working.ledger.reader.rows("SELECT run_id FROM run")}


async def _alike(
    working: Working, known: Present, object_name: str, compared: Sequence[Compared], others: Sequence[str]
) -> list[Unlike]:
    if not others:
        return []
    target = known.object(object_name)
    own = {*target.unique, *_OF_ITS_OWN}
    identity = await _identity(working, object_name)
    by_trait: dict[Trait, list[tuple[Compared, Expected]]] = {}
    for one in compared:
        held = {name: value for name, value in (one.expected or {}).items() if name not in own}
        for trait in _traits(held, identity):
            by_trait.setdefault(trait, []).append((one, held))
    names = known.names(object_name, {name for some in by_trait.values() for _, held in some for name in held})
    found = []
    for start in range(0, len(others), READ_A_CALL):
        for row in await _rows(working, target, others[start : start + READ_A_CALL], names):
            found += _double(object_name, row, by_trait, identity)
    return found


async def _identity(working: Working, object_name: str) -> Sequence[str]:
    signed = await last_mapping(working.ledger)
    return identity_fields(signed.config).get(object_name, ()) if signed else ()


def _traits(held: Expected, identity: Sequence[str]) -> Iterator[Trait]:
    """What Kartra knows a record by, and its longest text: whoever holds all of it holds that."""
    yield from ((name, str(held[name])) for name in identity if held.get(name))
    texts = [trait for trait in _texts(held, "") if not _TIME.fullmatch(trait[1])]
    if texts:
        yield max(texts, key=lambda trait: (len(trait[1]), trait))


def _texts(value: Any, path: str) -> Iterator[Trait]:
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _texts(one, f"{path}.{name}" if path else name)
    elif isinstance(value, str) and value:
        yield path, value.rstrip("\n")


async def _rows(working: Working, target: Object, ids: Sequence[str], names: Mapping[str, str]) -> list[dict[str, Any]]:
    ask = Ask(target.singular, Ids(ids), tuple(sorted(names.values())))
    answer = await read_many(working.twenty.client, working.twenty.model, [ask])
    back = {today: name for name, today in names.items()}
    return [{back.get(name, name): value for name, value in row.items()} for row in answer[target.singular]]


def _double(
    object_name: str,
    row: Mapping[str, Any],
    by_trait: Mapping[Trait, Sequence[tuple[Compared, Expected]]],
    identity: Sequence[str],
) -> list[Unlike]:
    for trait in _texts(row, ""):
        for one, held in by_trait.get(trait, ()):
            if trait[0] in identity or not differences(held, row):
                state = one.work.state
                return [
                    Unlike(
                        object=object_name,
                        kind="doubled",
                        id=row["id"],
                        source_key=state.source_key,
                        source=state.source_ref,
                        path=trait[0] if trait[0] in identity else "",
                        ours=state.twenty_id,
                    )
                ]
    return []
