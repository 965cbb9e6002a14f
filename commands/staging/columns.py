"""What Twenty's own import takes: how a column is headed, and how a value is written in a cell.

Sources, in twentyhq/twenty:

- packages/twenty-docs/user-guide/data-migration/how-tos/prepare-your-csv-files.mdx and capabilities/field-mapping.mdx
  (docs.twenty.com/user-guide/data-migration): CSV, UTF-8, one object a file, 10,000 records a file ("fewer than" in the
  checklist); dates `YYYY-MM-DD` or ISO 8601; `TRUE` and `FALSE`; choices by API name, several as a JSON array; amounts
  with a decimal point and their currency beside them; phones in three columns, the number in digits only; `id`, a UUID,
  may be given.
- capabilities/import-relations.mdx: a relation is a column with the parent's id (or another unique field), and the
  parent must be there before; relations of tasks and notes cannot be imported.
- packages/twenty-front/src/modules/object-record/spreadsheet-import and packages/twenty-shared
  (`COMPOSITE_FIELD_SUB_FIELD_LABELS`, `getCompositeSubFieldLabelWithFieldLabel`, `getRelationConnectSubFieldLabel`):
  columns are found by the label of their field: `Label / Part` for a part of a nested field, `Label / Id` for a
  relation.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

MOST_ROWS = 9_999
"""Records a file may hold: both of what the documentation says."""

MICROS = 1_000_000

PARTS: Mapping[str, str] = {
    "id": "Id",
    "firstName": "First Name",
    "lastName": "Last Name",
    "primaryEmail": "Primary Email",
    "additionalEmails": "Additional Emails",
    "primaryPhoneNumber": "Primary Phone Number",
    "primaryPhoneCountryCode": "Primary Phone Country Code",
    "primaryPhoneCallingCode": "Primary Phone Calling Code",
    "additionalPhones": "Additional Phones",
    "primaryLinkUrl": "Link URL",
    "primaryLinkLabel": "Link Label",
    "secondaryLinks": "Secondary Links",
    "addressStreet1": "Address 1",
    "addressStreet2": "Address 2",
    "addressCity": "City",
    "addressState": "State",
    "addressCountry": "Country",
    "addressPostcode": "Post Code",
    "amountMicros": "Amount",
    "currencyCode": "Currency",
    "markdown": "Markdown",
}
"""The parts of nested fields by API name, as the import labels them, in the order they are written."""

_ORDER = {part: place for place, part in enumerate(PARTS)}
_FIRST = {"id": 0, "name": 1, "title": 1}


class Column(NamedTuple):
    """A field, or a part of one, by API name; a relation has the part `id`."""

    field: str
    part: str = ""


ID = Column("id")


def link_column(column: str) -> Column:
    """The column of a relation: of `companyId` it is `company`'s id."""
    return Column(column.removesuffix("Id"), "id")


def cells(name: str, value: Any) -> Iterator[tuple[Column, str]]:
    """A field's value in Twenty's stored form as the filled cells of its columns."""
    parts = value if isinstance(value, Mapping) and value.keys() <= PARTS.keys() else {"": value}
    for part, held in parts.items():
        text = _amount(held) if part == "amountMicros" and isinstance(held, int) else _text(held)
        if text:
            yield Column(name, part), text


def in_order(columns: Mapping[Column, None]) -> list[Column]:
    """Id and name first, then relations, then fields by name; parts of a field side by side."""
    return sorted(columns, key=lambda column: (*_rank(column), column.field, _ORDER.get(column.part, -1)))


def _rank(column: Column) -> tuple[int, int]:
    return (_FIRST.get(column.field, 2), 0 if column.part == "id" else 1)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode() if value else ""
    return "" if value is None else str(value)


def _amount(micros: int) -> str:
    """Micros as decimal digits, exactly: -12500000 is `-12.50`."""
    whole, fraction = divmod(abs(micros), MICROS)
    digits = f"{fraction:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}{whole}.{digits}"
