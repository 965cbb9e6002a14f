"""Two hundred ways in which Twenty comes to hold something else, done where no program sees it: in its database."""

import json
import random
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tests.journey.world import Journey

CUSTOM = ("kartraSubscription", "kartraAffiliate")
KINDS = ("value_differs", "relation_differs", "missing", "in_bin", "doubled")
HAND_MADE = 0.5
"""The share of doubles that do not carry our mark."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")


class Damage(NamedTuple):
    """What was done to a record; of a double, its id."""

    kind: str
    object: str
    id: str


class _Record(NamedTuple):
    object: str
    id: str
    fields: Mapping[str, Any]
    links: Mapping[str, Any]

    @property
    def table(self) -> str:
        return f"_{self.object}" if self.object in CUSTOM else self.object


def corrupt(journey: Journey, count: int, seed: int) -> list[Damage]:
    """Damage as many records, each once, of every object and in every way that it allows."""
    chance = random.Random(seed)
    records = list(_records(journey))
    chance.shuffle(records)
    done: list[Damage] = []
    for record in records:
        ways = [kind for kind in KINDS if kind != "relation_differs" or _linked(journey, record)]
        damage = _damage(journey, record, chance.choice(ways), chance)
        done += [damage] if damage else []
        if len(done) == count:
            return done
    raise AssertionError(f"only {len(done)} records could be damaged")


def _records(journey: Journey) -> Iterator[_Record]:
    statement = """SELECT object, twenty_id, body FROM record JOIN payload ON hash = written_hash
      WHERE state = 'written' ORDER BY object, source_key"""
    for object_name, id_, body in journey.ledger_rows(statement):
        value = json.loads(body)["value"]
        yield _Record(object_name, id_, value["fields"], value["links"])


def _linked(journey: Journey, record: _Record) -> list[str]:
    columns = [name for name in record.links if name in _columns(journey, record)]
    return [
        name
        for name in columns
        if journey.sql(f'SELECT "{name}" FROM "{record.table}" WHERE id = ?', record.id) != [(None,)]
    ]


def _columns(journey: Journey, record: _Record) -> set[str]:
    return {name for (name,) in journey.sql(f"SELECT name FROM pragma_table_info('{record.table}')")}


def _damage(journey: Journey, record: _Record, kind: str, chance: random.Random) -> Damage | None:
    table = record.table
    match kind:
        case "missing":
            journey.sql(f'DELETE FROM "{table}" WHERE id = ?', record.id)
        case "in_bin":
            journey.sql(f'UPDATE "{table}" SET "deletedAt" = "updatedAt" WHERE id = ?', record.id)
        case "doubled":
            return _double(journey, record, chance)
        case "relation_differs":
            column = chance.choice(_linked(journey, record))
            journey.sql(f'UPDATE "{table}" SET "{column}" = NULL WHERE id = ?', record.id)
        case _:
            return _change(journey, record, chance)
    return Damage(kind, record.object, record.id)


def _double(journey: Journey, record: _Record, chance: random.Random) -> Damage:
    columns = [f'"{name}"' for name in sorted(_columns(journey, record) - {"id", "searchVector"})]
    changed = {'"emailsPrimaryEmail"': "'x' || emailsPrimaryEmail", '"domainNamePrimaryLinkUrl"': "NULL"}
    if chance.random() < HAND_MADE:
        changed |= {'"createdByName"': "'Jo'", '"createdByContext"': "NULL", '"createdBySource"': "'MANUAL'"}
    chosen = [changed.get(name, name) for name in columns]
    other = str(uuid.UUID(int=uuid.UUID(record.id).int ^ 1))
    into = f'INSERT INTO "{record.table}" (id, {", ".join(columns)})'
    journey.sql(f'{into} SELECT ?, {", ".join(chosen)} FROM "{record.table}" WHERE id = ?', other, record.id)
    return Damage("doubled", record.object, other)


def _change(journey: Journey, record: _Record, chance: random.Random) -> Damage | None:
    possible = [(column, new) for column, new in _changes(record.fields) if column in _columns(journey, record)]
    if not possible:
        return None
    column, new = chance.choice(possible)
    journey.sql(f'UPDATE "{record.table}" SET "{column}" = ? WHERE id = ?', new, record.id)
    return Damage("value_differs", record.object, record.id)


def _changes(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Columns of what we wrote, and another value of the same type for each."""
    for name, value in fields.items():
        if name in ("createdBy", "createdAt", "stage", "status", "bodyV2"):
            continue
        parts = (
            {f"{name}{part[0].upper()}{part[1:]}": each for part, each in value.items()}
            if isinstance(value, dict)
            else {name: value}
        )
        for column, each in parts.items():
            if isinstance(each, bool):
                yield column, int(not each)
            elif isinstance(each, int):
                yield column, each + 1_000_000
            elif isinstance(each, str) and each and not _TIME.fullmatch(each) and "Status" not in column:
                yield column, f"{each}x"
