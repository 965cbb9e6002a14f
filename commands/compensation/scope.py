"""What a rollback is about, and its plan as the ledger alone tells it."""

import msgspec

from adapters.twenty import Field, Object
from commands.errors import WrongUse
from commands.objects import written_objects
from ledger import work
from ledger.projections import automations, runs, schema
from ledger.projections.schema import SchemaElement, SchemaOption
from ledger.reader import Reader


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, or what one run wrote."""

    run_id: str | None = None

    def holds(self, run_id: str | None) -> bool:
        """Whether something of this run is in the scope."""
        return self.run_id is None or self.run_id == run_id

    @property
    def words(self) -> str:
        """The scope as a person says it."""
        return "everything" if self.run_id is None else f"run {self.run_id}"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a rollback would do, before Twenty is read: records by object, elements of the data model, automations."""

    scope: str
    records: dict[str, int]
    objects: list[str]
    fields: list[str]
    options: list[str]
    automations: list[str]


async def scope_of(reader: Reader, run_text: str | None) -> Scope:
    """The scope of `--run`: a run's id, or the end of one.

    Raises:
        WrongUse: no run, or several, go by it.
    """
    if run_text is None:
        return Scope()
    found = [run.run_id for run in await runs.all_runs(reader) if run.run_id.endswith(run_text.lower())]
    if len(found) != 1:
        raise WrongUse(f"{len(found)} runs go by {run_text!r}; `status` lists them")
    return Scope(run_id=found[0])


async def plan(reader: Reader, scope: Scope) -> Plan:
    """What the ledger would have taken back."""
    elements = await elements_in(reader, scope)
    return Plan(
        scope=scope.words,
        records=await work.written_counts(reader, scope.run_id),
        objects=[one.object for one in elements if one.element == "object"],
        fields=[named(one) for one in elements if one.element != "object"],
        options=[f"{one.object}.{one.name}: {one.value}" for one in await options_in(reader, scope)],
        automations=[one.twenty_id for one in await automations.not_active(reader)],
    )


async def backwards(reader: Reader) -> list[str]:
    """Every object with records, in the order they are taken back: children first."""
    return list(reversed(await written_objects(reader)))


async def elements_in(reader: Reader, scope: Scope) -> list[SchemaElement]:
    """Elements of the data model made by us (or perhaps made: their call had no answer) in the scope."""
    every = await schema.elements(reader)
    return [one for one in every if one.state in ("created", "intended") and scope.holds(one.run_id)]


async def options_in(reader: Reader, scope: Scope) -> list[SchemaOption]:
    """Options made by us in the scope, on fields that stay."""
    elements = await elements_in(reader, scope)
    going = {(one.object, one.name) for one in elements}
    whole = {one.object for one in elements if one.element == "object"}
    every = await schema.options(reader)
    return [
        one
        for one in every
        if scope.holds(one.run_id) and (one.object, one.name) not in going and one.object not in whole
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


async def made_elements(reader: Reader, scope: Scope) -> list[Made]:
    """Every element of the data model that was ever made in the scope, whatever became of it."""
    statement = """SELECT object, coalesce(json_extract(data, '$.name'), '') AS name, twenty_id FROM event
      WHERE type IN ('ObjectCreated', 'FieldCreated', 'RelationCreated') AND (:run_id IS NULL OR run_id = :run_id)
      ORDER BY position"""
    return await reader.fetch(Made, statement, run_id=scope.run_id)


async def writing_runs(reader: Reader, scope: Scope) -> list[str]:
    """The runs of the scope that sent records: their marks are in Twenty's traces."""
    statement = "SELECT DISTINCT run_id FROM event WHERE type = 'BatchIntended' ORDER BY run_id"
    return [row["run_id"] for row in await reader.rows(statement) if scope.holds(row["run_id"])]


async def intended_ids(reader: Reader, scope: Scope) -> dict[str, list[str]]:
    """Every Twenty id a call of ours ever named as to be created, by object, in the scope."""
    statement = """SELECT event.object, json_extract(item.value, '$.id') AS id
      FROM event, json_each(json_extract(event.data, '$.items')) AS item
      WHERE event.type = 'BatchIntended' AND json_extract(event.data, '$.action') = 'create'
        AND (:run_id IS NULL OR event.run_id = :run_id)"""
    found: dict[str, dict[str, None]] = {}
    for row in await reader.rows(statement, run_id=scope.run_id):
        found.setdefault(row["object"], {})[row["id"]] = None
    return {name: list(ids) for name, ids in found.items()}
