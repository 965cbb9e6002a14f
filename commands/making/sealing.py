"""A record as its body holds it, and the fields that rows tell of no more."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from adapters.mapping import KINDS, MappingConfig
from adapters.mapping.homes import homes
from adapters.mapping.types import Record
from ledger.hashing import Payload, seal
from ledger.rows import SourceBody

REDACTED = "redacted"
"""The label of a body that leaves out fields, and the columns of a row that lost something."""
_NOTHING: frozenset[str] = frozenset()


def sealed(record: Record, labels: Mapping[str, str], silent: AbstractSet[str] = frozenset()) -> Payload:
    """The body of a record, without the fields it is to be silent about."""
    fields = {name: value for name, value in record.fields.items() if name not in silent} if silent else record.fields
    told = {"name": _name_of(record.object, fields), **labels}
    if silent:
        told[REDACTED] = ",".join(sorted(silent))
    return seal(record.source_key, {"fields": fields, "links": record.links}, told)


def silent_of(rows: Sequence[SourceBody], config: MappingConfig, object_name: str) -> frozenset[str]:
    """The fields of an object that some rows, oldest first, would tell of and do not."""
    return silent_fields(config, rows[0].kind, lost_of(rows), object_name)


def lost_of(rows: Sequence[SourceBody]) -> AbstractSet[str]:
    """The columns that lost something, and that no later row of these says anew."""
    lost: AbstractSet[str] = _NOTHING
    for row in rows:
        if lost or REDACTED in row.value:
            lost = lost_after(lost, row.value)
    return lost


def lost_after(lost: Iterable[str], value: Mapping[str, Any]) -> set[str]:
    """The columns that lost something, once a later row was read: it may say anew what one of them held."""
    said: set[str] = set(value["cells"])
    return (set(lost) - said) | set(value.get(REDACTED, ()))


def silent_fields(config: MappingConfig, kind: str, lost: AbstractSet[str], object_name: str) -> frozenset[str]:
    """The fields of an object that are made of these columns."""
    if not lost:
        return _NOTHING
    found = homes(config)
    made = [place for column in lost for place in found.get((KINDS.get(kind, kind), column.partition(":")[0]), ())]
    fields = {name for owner, _, name in (place.partition(".") for place in made) if owner == object_name and name}
    return frozenset(fields)


def _name_of(object_name: str, fields: Mapping[str, Any]) -> str:
    """What lists show for a record."""
    name = fields.get("name") or fields.get("title") or ""
    if isinstance(name, Mapping):
        name = f"{name.get('firstName') or ''} {name.get('lastName') or ''}".strip()
    if not name and object_name == "person":
        name = (fields.get("emails") or {}).get("primaryEmail", "")
    return str(name)
