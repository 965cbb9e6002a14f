"""What must be so at the end, whatever happened before: Twenty, the ledger and the truth agree."""

from collections import Counter

from adapters.sandbox.dump import dump
from tests.crash.world import DONE, Migration, without_trigger

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
    """Twenty holds exactly the people and companies that must come of the exports, each linked as it must be."""
    template = migration.template
    people = migration.told("""SELECT emailsPrimaryEmail, company.kartraKey, person.deletedAt, person.createdBySource
      FROM person LEFT JOIN company ON company.id = person.companyId""")
    assert Counter(email for email, *_ in people) == Counter(template.people.keys())
    assert {email: key for email, key, *_ in people} == template.people
    assert {row[2:] for row in people} == {(None, "IMPORT")}
    companies = migration.told("SELECT kartraKey FROM company")
    assert Counter(key for (key,) in companies) == Counter(template.companies)


def _is_on_record(migration: Migration) -> None:
    for name in ("person", "company"):
        there = {id_ for (id_,) in migration.told(f"SELECT id FROM {name}")}
        written = migration.asked("SELECT twenty_id FROM record WHERE object = ? AND state = 'written'", name)
        assert {id_ for (id_,) in written} == there
        created = migration.asked("SELECT twenty_id FROM event WHERE type = 'RecordCreated' AND object = ?", name)
        assert Counter(id_ for (id_,) in created) == Counter(there)
    open_ones = migration.asked("SELECT object, state, count(*) FROM record WHERE state <> 'written' GROUP BY 1, 2")
    assert open_ones == []
    ours = {name for (name,) in migration.asked("SELECT name FROM schema_element WHERE state = 'created'")}
    columns = {name for (name,) in migration.told("SELECT name FROM pragma_table_info('person')")}
    assert ours >= {name for name in columns if name in {"kartraId", "kartraTags", "kartraLists", "kartraScore"}}
    assert migration.asked("SELECT count(*) FROM schema_element WHERE state <> 'created'") == [(0,)]
    assert migration.asked("SELECT count(*) FROM schema_options_intended") == [(0,)]


def _was_run_once(migration: Migration) -> None:
    counted = dict(migration.asked("SELECT type, count(*) FROM event GROUP BY type"))
    once = ("LedgerCreated", "RunStarted", "MappingConfirmed", "WorkspaceBound", "BaselineTaken", "RunCompleted")
    assert {name: counted.get(name, 0) for name in once} == dict.fromkeys(once, 1)
    held = len(migration.template.truth["held"])
    assert counted["RowHeld"] == held
    rows = sum(file["rows"] for file in migration.template.truth["files"])
    assert migration.asked("SELECT sum(rows), sum(held), sum(unchanged) FROM export") == [(rows, held, 0)]


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
    assert [(one["pending"], one["intended"], one["rejected"]) for one in books["records"]] == [(0, 0, 0)] * 2
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
