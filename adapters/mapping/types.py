"""The neutral values that pass between neighbours: rows as Kartra wrote them, records as Twenty takes them.

kartra yields `SourceRow` and `RowProblem`, mapping turns rows into `Record`, twenty takes records' fields.
Standard library and msgspec only, so that any adapter may import it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

JsonValue = Any
"""What JSON can hold without floats: str, int, bool, None, lists and string-keyed dicts of these."""


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a Kartra file as it stands there, keyed by canonical column.

    `cells` maps a canonical column name (an alias resolved by the reader; an unknown header keeps its normalised name)
    to the cell's text exactly as written; empty cells are left out. `line` is the physical line where the row
    starts, the header being line 1.

    `wave` tells the rows of later exports apart: 0 for the first, then one a comparison. A row of a later wave also
    says which `columns` its file has (an empty cell of theirs was emptied), and whether the file is `complete`, so that
    a tag or list that is missing is gone.
    """

    kind: str
    file: str
    line: int
    cells: Mapping[str, str]
    wave: int = 0
    complete: bool = False
    columns: frozenset[str] = frozenset()


class RowProblem(msgspec.Struct, frozen=True, kw_only=True):
    """A row that cannot be placed: why (`reason` is one of DESIGN section 5's codes), where, and its raw text.

    `columns` are its file's, in the order in which the raw cells would stand if the row were whole.
    """

    kind: str
    file: str
    line: int
    column: str | None
    reason: str
    detail: str
    raw: tuple[str, ...]
    columns: tuple[str, ...] = ()


class MappingWarning(msgspec.Struct, frozen=True, kw_only=True):
    """A value that was changed, moved or left out while its row went on. `detail` may quote values: it is a body."""

    code: str
    column: str | None
    detail: str


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A relation to another record, named by stream: its Twenty id is derived when it is written."""

    object: str
    source_key: str


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A Twenty record in Twenty's stored form, before an id, the mark and links are put in.

    `fields` has the shape of the API (composites nested), holds no floats, and only what has a value. `links` maps a
    relation column (`companyId`) to the record it points at.
    """

    object: str
    source_key: str
    fields: Mapping[str, JsonValue]
    links: Mapping[str, Link] = {}
    warnings: tuple[MappingWarning, ...] = ()


class FieldPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A custom field that must exist before records are written.

    `type` is Twenty's (`TEXT`, `MULTI_SELECT`, …). `options` maps option value to label for selects, in order.
    `target` names the object a RELATION points at and `reverse_label` the field Twenty makes over there.
    """

    object: str
    name: str
    label: str
    type: str
    options: Mapping[str, str] = {}
    target: str | None = None
    reverse_label: str | None = None
    settings: Mapping[str, JsonValue] = {}


class ObjectPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A custom object that must exist before its fields are made."""

    name: str
    plural: str
    label: str
    label_plural: str
    icon: str = "IconBox"
