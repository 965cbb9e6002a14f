"""What must be so at the end, whatever happened before: Twenty, the ledger and the truth agree."""

from collections import Counter

from adapters.sandbox.dump import dump
from tests.crash.world import DONE, Migration, without_trigger

_CUSTOM = ("kartraSubscription", "kartraAffiliate")
"""Objects we make: their tables begin with an underscore."""

_TRIGGER = """SELECT id, createdAt, substr(updatedAt, 1, 23), deletedAt, type, settings, workflowId, position
  FROM workflowAutomatedTrigger"""
_PROJECTIONS = [
    "alias", "run", "export", "hold", "source_row", "record", "schema_element", "schema_option",
    "schema_options_intended", "automation", "compensation", "trace",
]  # fmt: skip


def loaded(migration: Migration) -> None:
    """Every record is in Twenty exactly once and in the ledger with its id; nothing is open; the proof holds."""
    holds_the_truth(migration)
    _is_on_record(migration)
    _was_run_once(migration)
    automations_are_back(migration)
    _books_balance(migration)
    whole(migration)
    _is_the_same_rebuilt(migration)
    nothing_to_resume(migration)


def holds_the_truth(migration: Migration) -> None:
    """Twenty holds exactly what must come of the exports, each record once and linked as it must be."""
    template = migration.template
    people = migration.told("""SELECT emailsPrimaryEmail, company.kartraKey, person.deletedAt, person.createdBySource
      FROM person LEFT JOIN company ON company.id = person.companyId""")
    assert Counter(email for email, *_ in people) == Counter(template.people.keys())
    assert {email: key for email, key, *_ in people} == template.people
    assert {row[2:] for row in people} == {(None, "IMPORT")}
    companies = migration.told("SELECT kartraKey FROM company")
    assert Counter(key for (key,) in companies) == Counter(template.companies)
    for statement, expected in zip(_OTHERS, template.others, strict=True):
        there = migration.told(statement) if expected else []
        assert Counter(there) == Counter(expected), statement


_OTHERS = (
    """SELECT kartraTransactionId, emailsPrimaryEmail, kartraKey FROM opportunity
         LEFT JOIN person ON person.id = pointOfContactId LEFT JOIN company ON company.id = opportunity.companyId""",
    """SELECT mine.kartraId, emailsPrimaryEmail FROM _kartraSubscription AS mine
         LEFT JOIN person ON person.id = personId""",
    "SELECT username, emailsPrimaryEmail FROM _kartraAffiliate LEFT JOIN person ON person.id = personId",
    """SELECT title, substr(dueAt, 1, 23) || 'Z', emailsPrimaryEmail FROM task LEFT JOIN taskTarget ON taskId = task.id
         LEFT JOIN person ON person.id = targetPersonId""",
    """SELECT bodyV2Markdown, emailsPrimaryEmail FROM note LEFT JOIN noteTarget ON noteId = note.id
         LEFT JOIN person ON person.id = targetPersonId""",
)
"""What tells a record from others, and whom it points at; in the order of `Template.others`."""


def _is_on_record(migration: Migration) -> None:
    for (name,) in migration.asked("SELECT DISTINCT object FROM record"):
        table = f"_{name}" if name in _CUSTOM else name
        there = {id_ for (id_,) in migration.told(f"SELECT id FROM {table}")}
        written = migration.asked("SELECT twenty_id FROM record WHERE object = ? AND state = 'written'", name)
        assert {id_ for (id_,) in written} == there
        created = migration.asked("SELECT twenty_id FROM event WHERE type = 'RecordCreated' AND object = ?", name)
        assert Counter(id_ for (id_,) in created) == Counter(there)
    open_ones = migration.asked("SELECT object, state, count(*) FROM record WHERE state <> 'written' GROUP BY 1, 2")
    assert open_ones == []
    _is_modelled_on_record(migration)


def _is_modelled_on_record(migration: Migration) -> None:
    ours = set(migration.asked("SELECT object, name FROM schema_element WHERE state = 'created'"))
    columns = {name for (name,) in migration.told("SELECT name FROM pragma_table_info('person')")}
    named = {name for name in columns if name in {"kartraId", "kartraTags", "kartraLists", "kartraScore"}}
    assert ours >= {("person", name) for name in named}
    every = "SELECT nameSingular FROM core_object"
    made = set(migration.told(every)) - set(migration.query(migration.template.born, every))
    assert {(name,) for name, field in ours if not field} == made
    assert migration.asked("SELECT count(*) FROM schema_element WHERE state <> 'created'") == [(0,)]
    assert migration.asked("SELECT count(*) FROM schema_options_intended") == [(0,)]


def _was_run_once(migration: Migration) -> None:
    truth = migration.template.truth
    counted = dict(migration.asked("SELECT type, count(*) FROM event GROUP BY type"))
    once = ("LedgerCreated", "RunStarted", "MappingConfirmed", "WorkspaceBound", "BaselineTaken", "RunCompleted")
    assert {name: counted.get(name, 0) for name in once} == dict.fromkeys(once, 1)
    assert counted["RowHeld"] == len(truth["held"])
    assert counted.get("RowSetAside", 0) == len(truth["set_aside"])
    rows = sum(file["rows"] for file in truth["files"])
    [(unread,)] = migration.asked("SELECT count(*) FROM hold WHERE stage = 'extract'")
    assert migration.asked("SELECT sum(rows), sum(held), sum(unchanged) FROM export") == [(rows, unread, 0)]


def automations_are_back(migration: Migration) -> None:
    """The trigger is in Twenty as it was, to the millisecond, and the ledger knows of none that is not."""
    before = migration.query(migration.template.born, _TRIGGER)
    assert migration.told(_TRIGGER) == before
    assert migration.asked("SELECT twenty_id, state FROM automation WHERE state <> 'active'") == []


def _books_balance(migration: Migration) -> None:
    status = migration.run("--json", "status")
    assert status.code == DONE, status.err
    books = status.document["books"]
    assert isinstance(books, dict)
    assert books["imbalances"] == []
    assert books["rows"]["waiting"] == 0
    assert {(one["pending"], one["intended"], one["rejected"]) for one in books["records"]} == {(0, 0, 0)}
    assert status.document["paused_automations"] == []


def whole(migration: Migration) -> None:
    """The chain holds, and the projections are what a fold from zero gives."""
    verified = migration.run("verify")
    assert verified.code == DONE, verified.err


def _is_the_same_rebuilt(migration: Migration) -> None:
    before = _projections(migration)
    rebuilt = migration.run("ledger", "rebuild")
    assert rebuilt.code == DONE, rebuilt.err
    assert _projections(migration) == before


def _projections(migration: Migration) -> dict[str, list[tuple[object, ...]]]:
    return {name: sorted(migration.asked(f"SELECT * FROM {name}"), key=repr) for name in _PROJECTIONS}


def nothing_to_resume(migration: Migration) -> None:
    """Resume finds nothing, says so, is done, and leaves the ledger as it is."""
    before = migration.asked("SELECT max(position) FROM event")
    again = migration.run("resume")
    assert (again.code, again.out.strip()) == (DONE, "nothing to resume"), again.err
    assert migration.asked("SELECT max(position) FROM event") == before


def rolled_back(migration: Migration) -> None:
    """Twenty is as it was born, and the ledger's proof says so; not while Twenty serves.

    Where the trigger was paused, its own row is compared by itself: updatedBy and microseconds cannot be put back.
    """
    before, after = dump(migration.template.born), migration.dump()
    if migration.how == "pause":
        before, after = without_trigger(before), without_trigger(after)
    assert _difference(before, after) == ([], [])
    automations_are_back(migration)
    assert migration.asked("SELECT object, state FROM record WHERE twenty_id IS NOT NULL") == []
    assert migration.asked("SELECT name, state FROM schema_element WHERE state <> 'removed'") == []
    assert migration.asked("SELECT name FROM schema_option") == []
    proofs = migration.asked("SELECT json_extract(data, '$.exact') FROM event WHERE type = 'RollbackProven'")
    assert proofs and proofs[-1] == (1,)


def _difference(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = set(before.splitlines()), set(after.splitlines())
    return sorted(old - new), sorted(new - old)
