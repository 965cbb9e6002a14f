"""What a field's type allows: whether it can be made at all, be unique, have settings, needs options."""

from adapters.sandbox.fieldtypes import COMPOSITES, SCALARS, UNIQUE_SUBFIELD
from adapters.sandbox.metadata.options import OPTION_TYPES, option_problems
from adapters.sandbox.metadata.refusals import Problem
from adapters.sandbox.model import FieldMeta

_MADE = (COMPOSITES.keys() | SCALARS.keys() | {"RELATION"}) - {"POSITION", "TS_VECTOR"}
_UNIQUE = (SCALARS.keys() - {"MULTI_SELECT", "ARRAY", "RAW_JSON", "FILES", "BOOLEAN"}) | UNIQUE_SUBFIELD.keys()


def type_problems(field: FieldMeta) -> list[Problem]:
    """What is wrong with a new or changed field by its type alone.

    The wording of NUMERIC and of options is Twenty's; of the rest no refusal was recorded.
    """
    problems = option_problems(field.options or ()) if field.type in OPTION_TYPES else []
    if field.type not in _MADE:
        problems.append(_unsupported(field.type))
    if field.is_unique and field.type not in _UNIQUE:
        problems.append(Problem("INVALID_FIELD_INPUT", f"Fields of type {field.type} cannot be unique", value=True))
    if field.settings is not None and not isinstance(field.settings, dict):
        problems.append(Problem("INVALID_FIELD_INPUT", "Settings must be an object", value=field.settings))
    return problems


def _unsupported(kind: str) -> Problem:
    message = f"Field type {kind} is not supported for field creation."
    if kind == "NUMERIC":
        friendly = "Field type NUMERIC is not supported. Use Number instead."
        return Problem("INVALID_FIELD_INPUT", f"{message} Use NUMBER instead.", friendly, value=kind)
    return Problem("INVALID_FIELD_INPUT", message, value=kind)
