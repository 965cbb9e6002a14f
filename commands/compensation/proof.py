"""The proof: what a rollback left in Twenty, read afterwards, held against what the ledger ever asked for."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

import msgspec

from adapters.twenty import Object, count_deleted, every_mark, made_by_others, marked
from commands.baseline import foreign_counts
from commands.compensation.drift import still_there
from commands.compensation.kept import Kept, detailed
from commands.compensation.leaving import Stay
from commands.compensation.losing import Lost, lost
from commands.compensation.restored import compare_back, not_as_before, untimed
from commands.compensation.returning import to_return
from commands.compensation.scope import (
    backwards,
    called,
    elements_in,
    made_elements,
    named,
    options_in,
    writing_runs,
)
from commands.present import digested, present
from commands.session import Working
from ledger import standing
from ledger.events import RollbackProven
from ledger.hashing import seal
from ledger.projections.compensations import Compensation, compensations
from ledger.scopes import Scope

_PAUSED = "updatedBy, and the microseconds of updatedAt, of the automation {id} that was paused and put back"
_OPTIONS = "updatedAt, in Twenty's data model, of the field {object}.{name} whose options were added and taken away"
_MODEL = "Twenty's own metadataVersion, which counts every change of the data model"
"""What Twenty does not let anybody put back (FACTS section 8)."""

_TAKEN_OUT = frozenset({"destroyed", "soft_deleted", "already_gone"})

_NOT_VISIBLE = [
    "a record that was made to point at one of these within the last call, right before it was destroyed",
    "who destroyed a person or company that was not ours, or a record that never lay in the bin: counts alone do",
]


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked of Twenty after a rollback, and what it answered.

    `asked` counts every id a call of ours ever named; `answered` are those Twenty still has, `binned` those put into
    its bin as asked, which `schema_binned` stays for. `compared` counts the before-images put back and read again,
    `unequal` names those that are not as they were; `not_back` could not be put back. `lost` are records that went with
    more than we put there, which the ledger has. `baseline` and `now` count the records that are not ours;
    `unexplained` is what `now` differs by beyond what people and other programs made.
    """

    scope: str
    everything: bool
    asked: dict[str, int]
    answered: dict[str, list[str]]
    binned: dict[str, list[str]]
    compared: dict[str, int]
    unequal: dict[str, list[str]]
    kept: list[Kept]
    lost: list[Lost]
    not_back: list[Kept]
    marked: dict[str, int]
    schema_left: list[str]
    schema_binned: list[str]
    baseline: dict[str, int]
    now: dict[str, int]
    unexplained: dict[str, int]
    could_land: str | None
    may_still_come: list[str]
    not_restorable: list[str]
    not_visible: list[str]

    @property
    def exact(self) -> bool:
        """Whether nothing of the scope is left: neither record, nor mark, nor schema, nor a count unexplained.

        What was put into the bin because that was asked for is not left, nor is what of the data model it holds.
        """
        counted = (self.answered, self.unequal, self.marked, self.unexplained)
        left = any(value for part in counted for value in part.values())
        return not (left or self.kept or self.not_back or self.schema_left or self.could_land)


async def prove(
    working: Working, scope: Scope, could_land: str | None, may_still_come: list[str], stays: Sequence[Stay]
) -> Proof:
    """Ask Twenty for everything that must be gone, and append what it answers. `stays` is what the data model keeps."""
    reader = working.ledger.reader
    settled = await compensations(reader, working.ledger.run_id)
    asked = await _asked(working, scope, settled)
    there = {name: await still_there(working, name, ids) for name, ids in asked.items() if ids}
    softly = {one.twenty_id for one in settled if one.detail == "soft_deleted"}
    binned = {name: sorted(one for one, bin_ in ids.items() if bin_ and one in softly) for name, ids in there.items()}
    answered = {name: sorted(ids.keys() - set(binned[name])) for name, ids in there.items()}
    compared, unequal = await compare_back(working)
    schema_binned = [one.name for one in stays if one.why == "in_bin"]
    baseline = await _baseline(working)
    now = await _counts_now(working, list(dict.fromkeys([*await backwards(reader), *baseline.counts])))
    proof = Proof(
        scope=scope.words,
        everything=scope.is_everything,
        asked={name: len(ids) for name, ids in asked.items()},
        answered=answered,
        binned={name: ids for name, ids in binned.items() if ids},
        compared=compared,
        unequal=unequal,
        kept=await _kept(working, settled),
        lost=await lost(reader, working.ledger.run_id),
        not_back=[Kept(object=one.object, id=one.twenty_id, why=one.detail) for one in settled if one.state == "lost"],
        marked=await _marked(working, scope, {one for ids in binned.values() for one in ids}),
        schema_left=[one for one in await _schema_left(working, scope) if one not in schema_binned],
        schema_binned=schema_binned,
        baseline=baseline.counts,
        now=now,
        unexplained=await _unexplained(working, scope, baseline, now) if scope.is_everything else {},
        could_land=could_land,
        may_still_come=may_still_come,
        not_restorable=await _not_restorable(working),
        not_visible=_NOT_VISIBLE,
    )
    await _record(working, scope, proof)
    return proof


async def _asked(working: Working, scope: Scope, settled: Sequence[Compensation]) -> dict[str, list[str]]:
    """The ids that calls of the scope ever named, and those that this run took out, whenever they were named."""
    asked = await standing.intended_ids(working.ledger.reader, scope)
    known = {one for ids in asked.values() for one in ids}
    for one in settled:
        if one.state == "done" and one.detail in _TAKEN_OUT and one.twenty_id not in known:
            asked.setdefault(one.object, []).append(one.twenty_id)
    return asked


async def _kept(working: Working, settled: Sequence[Compensation]) -> list[Kept]:
    stays = [one for one in settled if one.state == "kept" and one.source_key is not None]
    bodies = await working.ledger.reader.envelopes([one.payload_hash for one in stays if one.payload_hash])
    told: Mapping[str, Any] = {hash_: body.value["detail"] for hash_, body in bodies.items()}
    return [
        Kept(object=one.object, id=one.twenty_id, why=one.detail, detail=detailed(told.get(one.payload_hash or "")))
        for one in stays
    ]


async def _record(working: Working, scope: Scope, proof: Proof) -> None:
    report: dict[str, Any] = msgspec.to_builtins(proof)
    body = seal(f"rollback:{working.ledger.run_id}", report)
    proven = RollbackProven(
        everything=scope.is_everything, exact=proof.exact, kept=len(proof.kept), payload_hash=body.hash
    )
    await working.ledger.append([proven], [body])


class _Baseline(msgspec.Struct, frozen=True):
    """What the workspace held before the first record that is now taken back, and when that was read."""

    counts: dict[str, int]
    taken_at: str


async def _baseline(working: Working) -> _Baseline:
    """The first baseline behind the last proven rollback of everything, else (swept again) the last one."""
    proven = "SELECT max(position) FROM event WHERE type = 'RollbackProven' AND json_extract(data, '$.everything')"
    last = await working.ledger.reader.scalar(proven) or 0
    statement = """SELECT json_extract(data, '$.counts') AS counts, recorded_at AS taken_at FROM event
      WHERE type = 'BaselineTaken' ORDER BY position <= :last, abs(position - :last) LIMIT 1"""
    rows = await working.ledger.reader.rows(statement, last=last)
    if not rows:
        return _Baseline({}, "")
    return _Baseline(msgspec.json.decode(rows[0]["counts"], type=dict[str, int]), rows[0]["taken_at"])


async def _counts_now(working: Working, names: list[str]) -> dict[str, int]:
    """The records that are not ours, by the names the ledger has for their objects."""
    known = await present(working)
    today = {name: target.singular for name in names if (target := known.find(name))}
    counted = await foreign_counts(working.twenty, list(today.values()))
    return {name: counted[today[name]] if name in today else 0 for name in names}


async def _not_restorable(working: Working) -> list[str]:
    statement = "SELECT DISTINCT twenty_id FROM event WHERE type = 'AutomationPaused'"
    paused = [_PAUSED.format(id=row["twenty_id"]) for row in await working.ledger.reader.rows(statement)]
    untold = [*await untimed(working), *await _fields_touched(working), *await not_as_before(working)]
    return [*paused, *untold, _MODEL]


async def _fields_touched(working: Working) -> list[str]:
    statement = """SELECT DISTINCT object, json_extract(data, '$.name') AS name, twenty_id FROM event
      WHERE type = 'RemovalIntended' AND json_extract(data, '$.element') = 'options' ORDER BY object, name"""
    rows = await working.ledger.reader.rows(statement)
    known = await present(working)
    staying = [row for row in rows if known.field(row["object"], row["name"], row["twenty_id"])]
    return [_OPTIONS.format(object=row["object"], name=row["name"]) for row in staying]


async def _unexplained(working: Working, scope: Scope, baseline: _Baseline, now: dict[str, int]) -> dict[str, int]:
    """Records too few or too many: what others made since the baseline explains more, what they destroyed fewer.

    So does what made way since then and could not come back, which is named by itself. Of people and companies, and of
    records that never lay in the bin, it is not to be seen what others destroyed.
    """
    found: dict[str, int] = {}
    known = await present(working)
    missing = [one for one in await to_return(working.ledger.reader, scope) if one.recorded_at > baseline.taken_at]
    for name, count in baseline.counts.items():
        beyond = now[name] - count
        target = known.find(name)
        if beyond > 0 and target is not None:
            beyond = max(0, beyond - await made_by_others(working.twenty.client, target, baseline.taken_at))
        if beyond < 0 and target is not None:
            deleted = await count_deleted(
                working.twenty.client, working.twenty.model, target.singular, baseline.taken_at
            )
            beyond = min(0, beyond + deleted + sum(one.object == name for one in missing))
        if beyond:
            found[name] = beyond
    return found


async def _marked(working: Working, scope: Scope, binned: Collection[str]) -> dict[str, int]:
    """Records that still carry a mark of the scope's runs, less what those runs made beyond the scope, or binned."""
    reader = working.ledger.reader
    order = await backwards(reader)
    known = await present(working)
    objects = {name: target for name in order if (target := known.find(name))}
    totals = dict.fromkeys(order, 0)
    inside = await standing.intended_ids(reader, scope)
    for run_id in await writing_runs(reader, scope):
        marks = await marked(working.twenty.client, objects.values(), run=run_id, first=1)
        whole = await standing.intended_ids(reader, Scope(run_id=run_id))
        for name, target in objects.items():
            beyond = set(whole.get(name, ())).difference(inside.get(name, ())).union(binned)
            total = marks[target.singular].total
            totals[name] += await _marked_but(working, target, run_id, beyond) if total and beyond else total
    return totals


async def _marked_but(working: Working, target: Object, run_id: str, beyond: Collection[str]) -> int:
    """Count the records with a run's mark, some left out."""
    pages = every_mark(working.twenty.client, target, run_id)
    return sum([sum(one.id not in beyond for one in page) async for page in pages])


async def _schema_left(working: Working, scope: Scope) -> list[str]:
    """Elements of ours that are there. What was ever made is asked for by its id, whatever the ledger says of it."""
    reader, known = working.ledger.reader, await present(working)
    unsettled = [one for one in await elements_in(reader, scope) if one.twenty_id is None]
    left = [named(one) for one in unsettled if known.element(one.object, one.name)]
    left += [
        called(one.object, one.name, there)
        for one in await made_elements(reader, scope)
        if (there := known.element(one.object, one.name, one.twenty_id))
    ]
    for (owner, name, id_), some in groupby(
        await options_in(reader, scope), lambda one: (one.object, one.name, one.twenty_id)
    ):
        there = known.field(owner, name, id_)
        values = await digested(working, there) if there else {}
        left += [f"{called(owner, name, there)}.{values[one.value]}" for one in some if there and one.value in values]
    return left
