"""The labels of fields, by which Twenty's import finds its columns: standard ones, and those of the mapping."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from adapters.mapping import Gathered, load_mapping, object_plans, plans, vocabulary
from commands.staging.columns import ID, PARTS, Column
from ledger import work
from ledger.reader import Reader

_STANDARD: Mapping[str, str] = {
    "amount": "Amount",
    "bodyV2": "Body",
    "closeDate": "Close date",
    "company": "Company",
    "createdAt": "Creation date",
    "dueAt": "Due Date",
    "emails": "Emails",
    "linkedinLink": "Linkedin",
    "name": "Name",
    "phones": "Phones",
    "pointOfContact": "Point of Contact",
    "stage": "Stage",
    "status": "Status",
    "title": "Title",
}
"""Standard fields of the objects an import lands in (FACTS section 11; labels as in Twenty's standard objects)."""

_PLURALS: Mapping[str, str] = {
    "company": "companies",
    "note": "notes",
    "opportunity": "opportunities",
    "person": "people",
    "task": "tasks",
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_NAME = re.compile(r"[^A-Za-z0-9]")


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """`fields`: object, field → label of a custom one. `objects`: custom object → its plural API name."""

    fields: Mapping[tuple[str, str], str]
    objects: Mapping[str, str]

    def header(self, object_name: str, columns: Sequence[Column]) -> list[str]:
        """What the columns are called; where two would share a name, the API name tells them apart."""
        named = [self._heading(object_name, column) for column in columns]
        return [
            name if named.count(name) == 1 else f"{name} ({column.field})"
            for name, column in zip(named, columns, strict=True)
        ]

    def plural(self, object_name: str) -> str:
        """An object's plural API name, fit for a file's."""
        known = _PLURALS.get(object_name) or self.objects.get(object_name) or object_name
        return _NOT_NAME.sub("", known)

    def _heading(self, object_name: str, column: Column) -> str:
        if column == ID:
            return PARTS["id"]
        label = self.fields.get((object_name, column.field)) or _STANDARD.get(column.field) or _words(column.field)
        return f"{label} / {PARTS[column.part]}" if column.part else label


async def labels_of(reader: Reader) -> Labels:
    """The labels of the mapping that the newest record was made with.

    A field that this mapping no longer names is called by the words of its API name.

    Raises:
        MappingError: the mapping cannot be read any more.
    """
    statement = """SELECT json_extract(data, '$.mapping_hash') FROM event
      WHERE type = 'RowTransformed' ORDER BY position DESC LIMIT 1"""
    found = await reader.scalar(statement)
    mapping = await reader.envelope(str(found)) if found else None
    if mapping is None:
        return Labels(fields={}, objects={})
    config = load_mapping(text=mapping.value)
    gathered = Gathered(config)
    async for export, rows in work.cells_in_order(reader):
        gathered.add_cells(export.kind, export.name, rows)
    wanted = plans(config, vocabulary(gathered, config))
    return Labels(
        fields={(plan.object, plan.name): plan.label for plan in wanted},
        objects={plan.name: plan.plural for plan in object_plans(config)},
    )


def _words(name: str) -> str:
    """`kartraSubscriptionId` as `Kartra subscription id`."""
    return _HUMP.sub(" ", name).capitalize()
