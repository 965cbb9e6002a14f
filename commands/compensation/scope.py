"""What a rollback is asked to be about, and its plan as the ledger alone tells it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from adapters.mapping.targets import TARGETS
from adapters.twenty import Field, Object
from commands.errors import WrongUse
from commands.objects import written_objects
from ledger import standing, ties
from ledger.events import Setting
from ledger.losses import Departed, Displaced
from ledger.projections import automations, changes, compensations, runs, schema
from ledger.projections.schema import SchemaElement, SchemaOption
from ledger.reader import Reader
from ledger.scopes import Scope


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback would do, before Twenty is read.

    `records` to take out, those to take out of the bin for good (`binned`), and `changes` to undo are counted by
    object, and ties out of the scope that go `along` with what they tie, by force; then elements of the data model,
    automations. `returning` are records that made way for ours, `reviving` ours that a delta took out: they
    come back; not those `superseded` by a later record of their stream.
    """

    scope: str
    records: dict[str, int]
    along: dict[str, int]
    changes: dict[str, int]
    objects: list[str]
    fields: list[str]
    options: list[str]
    automations: list[str]
    returning: dict[str, int] = {}
    reviving: dict[str, int] = {}
    superseded: dict[str, int] = {}
    binned: dict[str, int] = {}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A scope as the operator says it: ids of a run and of a record may be the ends of them."""

    run: str | None = None
    since: int | None = None
    objects: tuple[str, ...] = ()
    records: tuple[str, ...] = ()


async def scope_of(reader: Reader, wanted: Wanted) -> Scope:
    """The scope that is meant.

    Raises:
        WrongUse: no run or record, or several, go by what was said, or there is no such object or position.
    """
    if wanted.records and (wanted.run or wanted.objects or wanted.since is not None):
        raise WrongUse("--record names single records: leave --run, --object and --since out")
    head = (await reader.head()).position
    if wanted.since is not None and wanted.since > head:
        raise WrongUse(f"--since {wanted.since}: the ledger ends at position {head}; `head` shows it")
    known = await written_objects(reader)
    for name in wanted.objects:
        if name not in known:
            raise WrongUse(f"--object {name}: the ledger has records of {', '.join(known) or 'no object'}")
    return Scope(
        run_id=None if wanted.run is None else await _run(reader, wanted.run),
        since=wanted.since,
        objects=tuple(sorted(set(wanted.objects))),
        records=tuple(sorted({await _record(reader, one) for one in wanted.records})),
    )


async def _run(reader: Reader, text: str) -> str:
    if not text:
        raise WrongUse("--run names no run: say its id, or the end of it; `status` lists them")
    found = [run.run_id for run in await runs.all_runs(reader) if run.run_id.endswith(text.lower())]
    if len(found) != 1:
        raise WrongUse(f"{len(found)} runs go by {text!r}; `status` lists them")
    return found[0]


async def _record(reader: Reader, text: str) -> str:
    # Those taken back are known too: a rollback that was killed behind its last record is asked for in the same words.
    statement = """SELECT twenty_id FROM record
      WHERE twenty_id IS NOT NULL AND state <> 'skipped' AND substr(twenty_id, -length(:text)) = :text
      UNION SELECT twenty_id FROM event
      WHERE type = 'RecordDeleted' AND substr(twenty_id, -length(:text)) = :text LIMIT 3"""
    found = [row["twenty_id"] for row in await reader.rows(statement, text=text.lower())]
    if len(found) != 1:
        raise WrongUse(f"{len(found) or 'no'} records of ours go by {text!r}; `history` shows Twenty's ids")
    return str(found[0])


def scope_before(settings: Mapping[str, Setting]) -> Scope:
    """The scope that a rollback began with."""
    run_id, since = settings.get("run"), settings.get("since")
    objects, records = settings.get("objects"), settings.get("record")
    return Scope(
        run_id=None if run_id is None else str(run_id),
        since=None if since is None else int(since),
        objects=tuple(str(objects).split(",")) if objects else (),
        records=tuple(str(records).split(",")) if records else (),
    )


async def backs(reader: Reader) -> list[tuple[int, Scope]]:
    """Every rollback there was: its position, and its scope."""
    every = await runs.all_runs(reader)
    return [(one.position, scope_before(one.settings)) for one in every if one.command == "rollback"]


def settings_of(scope: Scope) -> dict[str, Setting]:
    """A scope as a run records it."""
    objects, records = ",".join(scope.objects) or None, ",".join(scope.records) or None
    return {"run": scope.run_id, "since": scope.since, "objects": objects, "record": records}


async def plan(reader: Reader, scope: Scope, *, force: bool = False, soft: bool = False) -> Plan:
    """What the ledger would have taken back."""
    elements = await elements_in(reader, scope)
    return Plan(
        scope=scope.words,
        records=await standing.created_counts(reader, scope),
        along=await ties.ties_along(reader, scope, TARGETS.values()) if force else {},
        changes=await changes.standing_counts(reader, scope),
        objects=[one.object for one in elements if one.element == "object"],
        fields=[named(one) for one in elements if one.element != "object"],
        options=await _told(reader, await options_in(reader, scope)),
        automations=[one.twenty_id for one in await automations.not_active(reader)],
        binned={} if soft else await _binned(reader, scope),
    )


async def _binned(reader: Reader, scope: Scope) -> dict[str, int]:
    """How many records of each object lie in the bin by a rollback of ours, or will once their adoption is undone."""
    found: dict[str, int] = {}
    for name, ids in sorted((await compensations.soft_deleted(reader)).items()):
        adopted = [one.twenty_id for one in await changes.standing(reader, name, scope) if one.kind == "adopted"]
        if count := len(ids & await standing.stray_ids(reader, name, scope, adopted)):
            found[name] = count
    return found


async def _told(reader: Reader, options: Sequence[SchemaOption]) -> list[str]:
    """Options as a person reads them; of one that was erased only its field is known."""
    bodies = await reader.envelopes([one.payload_hash for one in options])
    values = [bodies[one.payload_hash].value["options"] if one.payload_hash in bodies else () for one in options]
    told = [
        f"{one.object}.{one.name}: {next(iter(each), '(erased)')}" for one, each in zip(options, values, strict=True)
    ]
    return sorted(told)


def counted(some: Iterable[Displaced | Departed]) -> dict[str, int]:
    """How many there are of each object."""
    return dict(Counter(one.object for one in some))


async def backwards(reader: Reader) -> list[str]:
    """Every object with records, in the order they are taken back: children first."""
    return list(reversed(await written_objects(reader)))


async def elements_in(reader: Reader, scope: Scope) -> list[SchemaElement]:
    """Elements of the data model made by us (or perhaps made: their call had no answer) in the scope."""
    every = await schema.elements(reader)
    return [
        one
        for one in every
        if one.state in ("created", "intended") and scope.holds(one.run_id, one.position, one.object)
    ]


async def options_in(reader: Reader, scope: Scope) -> list[SchemaOption]:
    """Options made by us in the scope, on fields that stay."""
    elements = await elements_in(reader, scope)
    going = {(one.object, one.name) for one in elements}
    whole = {one.object for one in elements if one.element == "object"}
    every = await schema.options(reader)
    return [
        one
        for one in every
        if scope.holds(one.run_id, one.position, one.object)
        and (one.object, one.name) not in going
        and one.object not in whole
    ]


def named(element: SchemaElement) -> str:
    """An element of the data model as a person reads it."""
    return f"{element.object}.{element.name}" if element.name else element.object


def called(object_name: str, name: str, there: Object | Field) -> str:
    """An element of the data model as a person reads it, with its name of today where people renamed it."""
    ours = f"{object_name}.{name}" if name else object_name
    today = there.singular if isinstance(there, Object) else there.name
    return ours if today == (name or object_name) else f"{ours} (renamed: {today})"


class Made(msgspec.Struct, frozen=True):
    """An object (`name` empty) or field that we made once, by Twenty's id."""

    object: str
    name: str
    twenty_id: str
    run_id: str
    position: int


async def made_elements(reader: Reader, scope: Scope) -> list[Made]:
    """Every element of the data model that was ever made in the scope, whatever became of it."""
    statement = """SELECT object, coalesce(json_extract(data, '$.name'), '') AS name, twenty_id, run_id, position
      FROM event WHERE type IN ('ObjectCreated', 'FieldCreated', 'RelationCreated') ORDER BY position"""
    every = await reader.fetch(Made, statement)
    return [one for one in every if scope.holds(one.run_id, one.position, one.object)]


async def writing_runs(reader: Reader, scope: Scope) -> list[str]:
    """The runs of the scope that sent records: their marks are in Twenty's traces."""
    statement = """SELECT DISTINCT run_id FROM event WHERE type = 'BatchIntended'
      AND (:scope_run IS NULL OR run_id = :scope_run) AND (:scope_since IS NULL OR position > :scope_since)
      ORDER BY run_id"""
    rows = await reader.rows(statement, **scope.parameters)
    return [row["run_id"] for row in rows]
