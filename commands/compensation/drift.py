"""The drift check: which of our records a person touched since, and what must stay because of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Ask, Difference, Field, Ids, Pointer, dependents, differences, read_many
from adapters.twenty.model import SUBFIELDS
from commands.compensation.ahead import NOTHING, Ahead
from commands.compensation.generations import links_of_then
from commands.present import Present, present
from commands.session import Working
from ledger import standing, work
from ledger.projections import changes, compensations
from ledger.scopes import Scope
from ledger.work import Work

EDITED_MEANWHILE = "edited_meanwhile"
"""Why a record stays that was edited between the drift check and the call that would have destroyed it."""

IDS_A_CALL = 10_000
READ_A_CALL = 2_000
POINTERS_A_CALL = 5_000

AUTOMATIC = frozenset({"WORKFLOW", "APPLICATION"})
"""Sources of what no person did."""

_SYSTEM = frozenset({"id", "createdAt", "updatedAt", "deletedAt", "createdBy", "updatedBy", "position", "searchVector"})
_UNREADABLE = frozenset({"RELATION", "MORPH_RELATION", "TS_VECTOR", "FILES"})
_ALWAYS_READ = ("id", "updatedAt", "updatedBy")


Linked = Mapping[tuple[str, str], str]
"""Object and stream of a record of ours → its id in Twenty."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A record to take back, as the ledger wrote it and as Twenty holds it (`row` is None where it is not there).

    The row has the names the ledger wrote; what is not in the data model any more is left out.
    """

    work: Work
    id: str
    row: Mapping[str, Any] | None

    @property
    def updated_at(self) -> str:
        """When Twenty saw it touched last."""
        return str(self.row["updatedAt"]) if self.row else ""

    @property
    def is_as_answered(self) -> bool:
        """Whether Twenty saw it touched last by our own call."""
        return self.updated_at == self.work.state.updated_at

    @property
    def was_taken_back(self) -> bool:
        """Whether the ledger counts it as none of its records: a rollback put it into the bin, or it was given up."""
        return self.work.state.written_hash is None


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """A record that stays: why, and the differences or the pointing records (values may be personal: a body)."""

    candidate: Candidate
    why: str
    detail: Any


async def read_candidates(working: Working, object_name: str, scope: Scope) -> list[Candidate]:
    """Read every record of the scope from Twenty, 2,000 a call, with all the fields we wrote."""
    candidates: list[Candidate] = []
    after = ""
    while page := await standing.created(working.ledger.reader, object_name, scope, after, READ_A_CALL):
        after = page[-1].state.source_key
        candidates += await _read_page(working, object_name, page)
    return candidates


async def read_strays(working: Working, object_name: str, scope: Scope, ahead: Ahead = NOTHING) -> list[Candidate]:
    """Records that were taken back or given up by the ledger (or will be), and that Twenty answers for all the same."""
    found_strays = await standing.strays(working.ledger.reader, object_name, scope, sorted(ahead.released))
    strays = {str(one.state.twenty_id): one for one in found_strays}
    there = sorted(await still_there(working, object_name, list(strays)))
    found: list[Candidate] = []
    for start in range(0, len(there), READ_A_CALL):
        page = [strays[one] for one in there[start : start + READ_A_CALL]]
        found += await _read_page(working, object_name, page, ahead.of_released)
    return found


async def still_there(working: Working, object_name: str, ids: Sequence[str]) -> dict[str, bool]:
    """Which of these ids Twenty answers for, and whether they lie in the bin."""
    found: dict[str, bool] = {}
    target = (await present(working)).find(object_name)
    if target is None:
        return found
    for start in range(0, len(ids), IDS_A_CALL):
        ask = Ask(target.singular, Ids(ids[start : start + IDS_A_CALL]), ())
        rows = await read_many(working.twenty.client, working.twenty.model, [ask])
        found |= {row["id"]: row["deletedAt"] is not None for row in rows[target.singular]}
    return found


async def _read_page(
    working: Working, object_name: str, page: Sequence[Work], ahead: Ahead = NOTHING
) -> list[Candidate]:
    known = await present(working)
    target = known.find(object_name)
    if target is None:
        # Its object is not in the data model: never made, or taken out with everything in it.
        return [Candidate(work=one, id=str(one.state.twenty_id), row=None) for one in page]
    names = known.names(object_name, {name for one in page for name in (*_expected(one, {}), *_links(one))})
    ids = Ids([str(one.state.twenty_id) for one in page])
    ask = Ask(target.singular, ids, (*_ALWAYS_READ, *sorted(names.values())))
    answer = await read_many(working.twenty.client, working.twenty.model, [ask])
    rows = {row["id"]: _as_written(ahead.row(row), names) for row in answer[target.singular]}
    return [Candidate(work=one, id=str(one.state.twenty_id), row=rows.get(str(one.state.twenty_id))) for one in page]


def _as_written(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {name: row[name] for name in _ALWAYS_READ} | {name: row[today] for name, today in names.items()}


async def edited(
    working: Working, object_name: str, candidates: Sequence[Candidate], ahead: Ahead = NOTHING
) -> list[Keep]:
    """The records whose values are not ours any more. One never touched since we made it cannot be among them.

    One that we changed later may: somebody's edit of before has an older time than our change.
    """
    changed = await changes.ever_changed(working.ledger.reader, object_name)
    touched = [one for one in candidates if one.row and (one.id in changed or not one.is_as_answered)]
    erased = [one for one in touched if one.work.value is None and not one.is_as_answered]
    keeps = [Keep(candidate=one, why="erased", detail=[]) for one in erased]
    legible = [one for one in touched if one.work.value is not None]
    return keeps + await _edited(working, object_name, legible, ahead)


async def _edited(working: Working, object_name: str, touched: Sequence[Candidate], ahead: Ahead) -> list[Keep]:
    if not touched:
        return []
    linked = await _linked(working, touched)
    taken = [(one.work, one.row) for one in touched if one.row and one.was_taken_back]
    then = await links_of_then(working.ledger.reader, taken)
    found = {one.id: _by_people(one, linked, then.get(one.id, {})) for one in touched}
    foreign = await _foreign_values(working, object_name, touched, ahead)
    told = await _told_before(working, object_name, touched)
    keeps = []
    for one in touched:
        seen = [msgspec.to_builtins(each) for each in found[one.id] + foreign.get(one.id, [])]
        if detail := seen or told.get(one.id, []):
            keeps.append(Keep(candidate=one, why="edited", detail=detail))
    return keeps


async def _told_before(working: Working, object_name: str, touched: Sequence[Candidate]) -> dict[str, list[Any]]:
    """What a rollback kept records for, in fields that it took out of the data model then: it cannot be seen now."""
    reader = working.ledger.reader
    kept = await compensations.kept_as_edited(reader, object_name)
    bodies = await reader.envelopes([kept[one.id] for one in touched if one.id in kept])
    return {
        one.id: [each for each in bodies[kept[one.id]].value["detail"] if _is_out_of_sight(one, each["path"])]
        for one in touched
        if kept.get(one.id) in bodies
    }


def _is_out_of_sight(one: Candidate, path: str) -> bool:
    name = path.partition(".")[0]
    return name in _expected(one.work, {}) and name not in (one.row or {})


def _by_people(candidate: Candidate, linked: Linked, then: Mapping[str, str | None]) -> list[Difference]:
    row = candidate.row or {}
    # A field that is not in the data model any more (we took ours out, say) tells nothing of the record.
    ours = {name: value for name, value in {**_expected(candidate.work, linked), **then}.items() if name in row}
    found = differences(ours, row)
    return [] if _is_automatic(candidate, found) else found


def _is_automatic(candidate: Candidate, found: Iterable[Difference]) -> bool:
    """Whether a difference is in a link alone, made by a workflow or an application: no person's then."""
    row = candidate.row or {}
    automatic = (row.get("updatedBy") or {}).get("source") in AUTOMATIC
    return automatic and {one.path for one in found} <= {*_links(candidate.work), "companyId"}


def _expected(one: Work, linked: Linked) -> dict[str, Any]:
    """What we sent: the fields, and the links that were sent."""
    value = one.value or {"fields": {}, "links": {}}
    unlinked = one.state.unlinked_columns
    links = {
        column: linked[target]
        for column, link in value["links"].items()
        if column not in unlinked and (target := (link["object"], link["source_key"])) in linked
    }
    return {**value["fields"], **links}


def _links(one: Work) -> Iterable[str]:
    value: Mapping[str, Mapping[str, Any]] = one.value or {"links": {}}
    return value["links"]


async def _linked(working: Working, candidates: Sequence[Candidate]) -> dict[tuple[str, str], str]:
    wanted: dict[str, set[str]] = {}
    for one in candidates:
        for link in (one.work.value or {"links": {}})["links"].values():
            wanted.setdefault(link["object"], set()).add(link["source_key"])
    found: dict[tuple[str, str], str] = {}
    for name, keys in wanted.items():
        ids = await work.twenty_ids(working.ledger.reader, name, keys)
        found |= {(name, key): one for key, one in ids.items()}
    return found


async def _foreign_values(
    working: Working, object_name: str, candidates: Sequence[Candidate], ahead: Ahead
) -> dict[str, list[Difference]]:
    """Values in fields we never wrote: put there by somebody since, and lost with the record."""
    known = await present(working)
    target = known.object(object_name)
    untouched = {field.name: _untouched(field) for field in target.fields_list if _holds_values(field)}
    untouched |= dict.fromkeys(target.columns)
    found: dict[str, list[Difference]] = {}
    for start in range(0, len(candidates), READ_A_CALL):
        some = candidates[start : start + READ_A_CALL]
        ask = Ask(target.singular, Ids([one.id for one in some]), tuple(untouched))
        rows = await read_many(working.twenty.client, working.twenty.model, [ask])
        by_id = {row["id"]: ahead.row(row) for row in rows[target.singular]}
        for one in some:
            ours = _written_today(known, object_name, one.work)
            unwritten = {name: value for name, value in untouched.items() if name not in ours}
            values = differences(unwritten, by_id.get(one.id, {}))
            found[one.id] = [] if _is_automatic(one, values) else values
    return found


def _written_today(known: Present, object_name: str, one: Work) -> set[str]:
    """What of a record we wrote, as Twenty calls it today."""
    written = {*_expected(one, {}), *_links(one), *one.silent} - one.state.unlinked_columns
    return set(known.names(object_name, written).values())


def _holds_values(field: Field) -> bool:
    """Whether a person can put a value there."""
    return field.is_active and not field.is_system and field.type not in _UNREADABLE and field.name not in _SYSTEM


def _untouched(field: Field) -> Any:
    """What a field holds that nobody wrote: its default, as the data model tells it (texts in quotes of their own)."""
    default = field.default_value
    if field.type in SUBFIELDS:
        parts = default if isinstance(default, Mapping) else {}
        return {name: _plain(parts.get(name)) for name in SUBFIELDS[field.type]}
    return _plain(default)


def _plain(default: Any) -> Any:
    return default.strip("'") if isinstance(default, str) else default


async def pointed_at(
    working: Working, object_name: str, ids: Sequence[str], going: set[str], ahead: Ahead
) -> dict[str, list[Pointer]]:
    """Who points at these records (with what is `ahead`) and does not go with them: target id → pointing records."""
    found: dict[str, list[Pointer]] = {}
    if not ids:
        return found
    known = await present(working)
    target = known.object(object_name).singular
    for start in range(0, len(ids), POINTERS_A_CALL):
        some = {target: Ids(ids[start : start + POINTERS_A_CALL])}
        for one in await dependents(
            working.twenty.client, working.twenty.model, some, lambda _object, id_: id_ in going
        ):
            found.setdefault(one.target_id, []).append(one)
    columns = {(one.object, one.column) for one in working.twenty.model.pointing_at(target)}
    return ahead.pointers(found, columns, ids)
