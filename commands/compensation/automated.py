"""Companies that an automation made for our people: taken back with them, where nobody else has a part in them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Ask, Ids, read_many
from commands.compensation.deciding import Decision
from commands.compensation.drift import AUTOMATIC, Candidate, Keep, pointed_at
from commands.compensation.losing import MADE_BY_AUTOMATION, READ_A_CALL, Loss
from commands.compensation.now import rows_now
from commands.session import Working
from ledger import work
from ledger.projections.records import RecordState
from ledger.work import Work

_COMPANY, _PERSON = "company", "person"
_FIELDS = ("createdAt", "updatedAt", "createdBy", "updatedBy")


class _Made(msgspec.Struct, frozen=True):
    """A company and the person of ours that led to it: her stream, and Twenty's time of our own call (or none)."""

    id: str
    source_key: str
    since: str


async def take_automated(working: Working, decision: Decision) -> None:
    """Add to what goes the companies made by automations for the people that go; what bars that is a reason to keep."""
    made = {one.id: one for one in [*await _pointed_at_by_people(working, decision), *await _noted(working)]}
    ours = await work.known_ids(working.ledger.reader, _COMPANY, made)
    rows = await _rows(working, sorted(made.keys() - ours))
    automated = {id_: row for id_, row in rows.items() if _is_made_for(made[id_], row)}
    if not automated:
        return
    leaving = decision.leaving | automated.keys()
    pointers = await pointed_at(working, _COMPANY, list(automated), leaving, decision.ahead)
    decision.gone.setdefault(_COMPANY, [])
    going, kept = decision.going.setdefault(_COMPANY, []), decision.kept.setdefault(_COMPANY, [])
    for id_, row in automated.items():
        candidate = _candidate(made[id_], row)
        pointing = [{"object": one.object, "id": one.id, "field": one.field} for one in pointers.get(id_, ())]
        if why := _barred(made[id_], row, pointing):
            kept.append(Keep(candidate=candidate, why=why, detail=pointing))
        else:
            going.append(candidate)
            decision.losses.setdefault(_COMPANY, []).append(Loss(candidate=candidate, why=MADE_BY_AUTOMATION))


async def _rows(working: Working, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), READ_A_CALL):
        found |= await rows_now(working, _COMPANY, ids[start : start + READ_A_CALL], _FIELDS)
    return found


def _is_made_for(made: _Made, row: Mapping[str, Any]) -> bool:
    """Whether an automation made it, and not before the person was made."""
    return (row["createdBy"] or {}).get("source") in AUTOMATIC and row["createdAt"] >= made.since


def _barred(made: _Made, row: Mapping[str, Any], pointing: Iterable[Any]) -> str | None:
    """Why such a company stays: people edited it, others point at it, or nobody can tell that it was not there."""
    touched = row["updatedAt"] != row["createdAt"] and (row["updatedBy"] or {}).get("source") not in AUTOMATIC
    if touched or row["deletedAt"]:
        return "edited"
    if pointing:
        return "has_dependents"
    return None if made.since else MADE_BY_AUTOMATION


async def _pointed_at_by_people(working: Working, decision: Decision) -> list[_Made]:
    """Where the people point that go and that somebody touched after us: an answer that was lost tells no time."""
    touched = {one.id: one for one in decision.going.get(_PERSON, ()) if not one.is_as_answered}
    ids, found = list(touched), []
    for start in range(0, len(ids), READ_A_CALL):
        ask = Ask(_PERSON, Ids(ids[start : start + READ_A_CALL]), ("companyId",))
        for row in (await read_many(working.twenty.client, working.twenty.model, [ask]))[_PERSON]:
            if row["companyId"]:
                state = touched[row["id"]].work.state
                found.append(_Made(row["companyId"], state.source_key, state.updated_at or ""))
    return found


async def _noted(working: Working) -> list[_Made]:
    """Those that this run was about to take back when it was interrupted: the people may be gone already."""
    statement = """SELECT twenty_id AS id, source_key, '0' AS since FROM event
      WHERE type = 'LossNoted' AND run_id = :run_id AND json_extract(data, '$.why') = 'made_by_automation'
        AND NOT EXISTS (SELECT 1 FROM compensation WHERE compensation.run_id = event.run_id
          AND compensation.object = event.object AND compensation.twenty_id = event.twenty_id
          AND compensation.state <> 'intended')"""
    return await working.ledger.reader.fetch(_Made, statement, run_id=working.ledger.run_id)


def _candidate(made: _Made, row: Mapping[str, Any]) -> Candidate:
    """The company as a record to take back, under the stream of the person it was made for."""
    nothing = dict.fromkeys(RecordState.__struct_fields__)
    told = {"object": _COMPANY, "source_key": made.source_key, "state": "written", "twenty_id": made.id}
    counts = {"generation": 0, "position": 0, "source_ref": "", "payload_hash": ""}
    state = msgspec.convert({**nothing, **told, **counts}, RecordState)
    return Candidate(work=Work(state, None), id=made.id, row=row)
