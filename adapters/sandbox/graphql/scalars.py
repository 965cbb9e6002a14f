"""Scalar values of `data`: checked, and put into stored form; refusals in Twenty's words (FACTS section 5)."""

import json
import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from adapters.sandbox.fieldtypes import RATINGS
from adapters.sandbox.graphql.refusals import INVALID_DATA, bad_value, inspect, server_error
from adapters.sandbox.graphql.times import stored_date, stored_time
from adapters.sandbox.model import FieldMeta
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.stored import json_text

TIME_FORM = "YYYY-MM-DDTHH:mm:ssZ"
_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
MAXIMUM_STORED = 2**63 - 1


def scalar(field: FieldMeta, value: Any) -> Any:
    """The stored value of a scalar field; None clears."""
    return None if value is None else _CHECKS[field.type](value, field.name, field)


def text(value: Any, path: str) -> str | None:
    """Text; "" is stored as NULL."""
    if not isinstance(value, str):
        message = f'Invalid string value {inspect(value)} for text field "{path}"'
        raise bad_value(message, "Invalid value", value)
    if "\0" in value:
        raise server_error("Data validation error.")
    return value or None


def uuid(value: Any, path: str, sub_code: str = INVALID_DATA) -> str:
    """A UUID in lower case."""
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        message = f'Invalid UUID value {inspect(value)} for field "{path}"'
        raise bad_value(message, "Invalid value for UUID", value, sub_code)
    return value.lower()


def record_id(value: Any) -> str:
    """A client-chosen id: any UUID but the all-zero one."""
    if isinstance(value, str) and _UUID.fullmatch(value) and UUID(value).int:
        return value.lower()
    message = f'Value "{value}" is not a valid UUID'
    raise Refusal(message, sub_code="INVALID_QUERY_INPUT", friendly="Invalid UUID format.")


def number(value: Any, path: str) -> float | None:
    """A number; beyond 64 bits it is kept as a double."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f'Invalid number value {inspect(value)} for field "{path}"'
        raise bad_value(message, "Invalid value for number", value)
    return float(value) if abs(value) > MAXIMUM_STORED else value


def one_of(value: Any, path: str, values: tuple[str, ...]) -> str:
    """A value of a SELECT."""
    if value in values:
        return str(value)
    message = f'Invalid value "{value}" for field "{path}". Valid values are: {", ".join(values)}'
    raise Refusal(message, sub_code=INVALID_DATA, friendly=f'Invalid value for field "{path}"')


def json_list(values: list[Any]) -> str | None:
    """A list as JSON text; the empty one is NULL."""
    return json_text(values) if values else None


def _text(value: Any, path: str, _field: FieldMeta) -> str | None:
    return text(value, path)


def _uuid(value: Any, path: str, _field: FieldMeta) -> str:
    return uuid(value, path)


def _number(value: Any, path: str, _field: FieldMeta) -> float | None:
    return number(value, path)


def _time(value: Any, path: str, _field: FieldMeta) -> str:
    stored = stored_time(value)
    if stored is None:
        raise bad_time(value, path)
    return stored


def bad_time(value: Any, path: str, sub_code: str = INVALID_DATA) -> Refusal:
    """A value that is no date-time."""
    form = f"Expected format: '{TIME_FORM}'"
    message = f'Invalid value {inspect(value)} for date-time field "{path}". {form}'
    friendly = f'Invalid value for date-time: "{inspect(value)}". {form}'
    return Refusal(message, sub_code=sub_code, friendly=friendly)


def _date(value: Any, path: str, _field: FieldMeta) -> str:
    stored = stored_date(value)
    if stored is None:
        form = "Expected format: 'YYYY-MM-DD'"
        message = f'Invalid value {inspect(value)} for date field "{path}". {form}'
        friendly = f'Invalid value for date: "{inspect(value)}". {form}'
        raise Refusal(message, sub_code=INVALID_DATA, friendly=friendly)
    return stored


def _boolean(value: Any, path: str, _field: FieldMeta) -> int:
    if not isinstance(value, bool):
        message = f'Invalid boolean value {inspect(value)} for field "{path}"'
        raise bad_value(message, "Invalid value", value)
    return int(value)


def _select(value: Any, path: str, field: FieldMeta) -> str:
    return one_of(value, path, RATINGS if field.type == "RATING" else field.option_values)


def _multi_select(value: Any, path: str, field: FieldMeta) -> str | None:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or any(item not in field.option_values for item in values):
        message = f'Invalid value {inspect(value)} for multi select field "{path}"'
        raise bad_value(message, "Invalid value for multi-select", value)
    return json_list(values)


def _array(value: Any, path: str, _field: FieldMeta) -> str | None:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        message = f'Invalid value {inspect(value)} for array field "{path}"'
        raise bad_value(message, "Invalid value for array", value)
    return json_list(values)


def _json(value: Any, path: str, _field: FieldMeta) -> str:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError as error:
            message = f'Invalid object value {inspect(value)} for field "{path}"'
            raise Refusal(message, sub_code=INVALID_DATA, friendly="Invalid value for JSON.") from error
    return json_text(value)


def _position(value: Any, path: str, _field: FieldMeta) -> Any:
    if value in ("first", "last"):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value, path)
    message = f'Invalid position value {inspect(value)} for field "{path}"'
    raise bad_value(message, "Invalid value for position", value)


_CHECKS: dict[str, Callable[[Any, str, FieldMeta], Any]] = {
    "TEXT": _text,
    "UUID": _uuid,
    "NUMBER": _number,
    "DATE_TIME": _time,
    "DATE": _date,
    "BOOLEAN": _boolean,
    "SELECT": _select,
    "RATING": _select,
    "MULTI_SELECT": _multi_select,
    "ARRAY": _array,
    "RAW_JSON": _json,
    "FILES": _json,
    "POSITION": _position,
    "TS_VECTOR": _text,
}
