"""Twenty's wording of what it refuses on `/graphql`, one function a case (GRAPHQL section 4; FACTS sections 4, 5)."""

import json
from typing import Any

from graphql import GraphQLError

from adapters.sandbox.protocol import DocumentRefusal, Refusal, located

INVALID_DATA = "INVALID_ARGS_DATA"
INVALID_FILTER = "INVALID_ARGS_FILTER"
INVALID_INPUT = "INVALID_QUERY_INPUT"
TRY_AGAIN = "Please check your data and try again."
SPLIT = "This query cannot be executed as a single request. Please split it into separate queries."


def inspect(value: Any) -> str:
    """A JSON value as JavaScript's `util.inspect` writes it: 'text', 5, [ 'a' ], { a: 1 }."""
    if isinstance(value, str):
        return f"'{value}'"
    if isinstance(value, list):
        return f"[ {', '.join(inspect(item) for item in value)} ]" if value else "[]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key}: {inspect(item)}' for key, item in value.items())} }}" if value else "{}"
    return json.dumps(value)


def unknown_field(object_name: str, name: str) -> Refusal:
    """A data key that is no field."""
    return Refusal(f'Object {object_name} doesn\'t have any "{name}" field.', sub_code=INVALID_DATA)


def unknown_filter_field(object_name: str, name: str) -> Refusal:
    """A filter key that is no field."""
    friendly = f'Invalid filter : {object_name} object doesn\'t have any "{name}" field.'
    message = f'Object {object_name} doesn\'t have any "{name}" field.'
    return Refusal(message, sub_code=INVALID_FILTER, friendly=friendly)


def bad_value(message: str, what: str, value: Any, sub_code: str = INVALID_DATA) -> Refusal:
    """A value of the wrong form; `what` opens the friendly sentence (`Invalid value for UUID`)."""
    return Refusal(message, sub_code=sub_code, friendly=f'{what}: "{inspect(value)}"')


def not_null(table: str, column: str) -> Refusal:
    """NULL for a column that takes none."""
    message = f'null value in column "{column}" of relation "{table}" violates not-null constraint'
    friendly = "A required field is missing. Please provide all required values and try again."
    return Refusal(message, friendly=friendly)


def duplicate() -> Refusal:
    """An id that exists, or a unique value held by a deleted record or by another row of the batch."""
    return Refusal("A duplicate entry was detected", friendly=f"This record already exists. {TRY_AGAIN}")


def duplicate_of(label: str, record_id: str, object_name: str) -> Refusal:
    """A unique value held by a live record."""
    return Refusal(
        "A duplicate entry was detected",
        friendly=f"This {label} value is already in use. {TRY_AGAIN}",
        conflictingRecordId=record_id,
        conflictingObjectNameSingular=object_name,
    )


def foreign_key(table: str, constraint: str) -> Refusal:
    """A relation to a record that does not exist."""
    message = f'insert or update on table "{table}" violates foreign key constraint "{constraint}"'
    action = "This operation references a record that does not exist or cannot be modified"
    return Refusal(message, friendly=f"{action} due to existing relationships.")


def not_found() -> Refusal:
    """A single record that is not there."""
    friendly = "This record does not exist or has been deleted."
    return Refusal("Record not found", sub_code="RECORD_NOT_FOUND", friendly=friendly, error_code="NOT_FOUND")


def missing_argument(name: str, kind: str) -> Refusal:
    """A required argument that is left out, null, or of the wrong JSON type."""
    return Refusal(f'Missing required argument: "{name}" ({kind})', sub_code=INVALID_INPUT)


def denied() -> Refusal:
    """A key whose role may not do this."""
    message = "Entity performing the request does not have permission"
    friendly = "User does not have permission."
    return Refusal(message, friendly=friendly, sub_code="PERMISSION_DENIED", error_code="FORBIDDEN")


def limit_reached(limit: int, seconds: float) -> Refusal:
    """The workspace's bucket is empty (FACTS section 13)."""
    message = f"Limit reached ({limit} tokens per {seconds * 1000:.0f} ms)"
    friendly = "Rate limit reached. Please try again later."
    return Refusal(message, sub_code="LIMIT_REACHED", friendly=friendly)


def server_error(message: str) -> Refusal:
    """What Twenty fails at by itself; HTTP stays 200."""
    return Refusal(message, friendly=None, error_code="INTERNAL_SERVER_ERROR")


def forbidden_resource() -> DocumentRefusal:
    """An operation that is not for API keys."""
    extensions = {"code": "FORBIDDEN", "userFriendlyMessage": "An error occurred."}
    return DocumentRefusal({"message": "Forbidden resource", "extensions": extensions}, data=None)


def whole(message: str, data: Any = None) -> DocumentRefusal:
    """A document refused before any root ran, with the code but no position; `data` of None is left out."""
    error = {"message": message, "extensions": {"code": "BAD_USER_INPUT"}}
    return DocumentRefusal(error) if data is None else DocumentRefusal(error, data=data)


def cannot_query(name: str, type_name: str, position: tuple[int, int]) -> DocumentRefusal:
    """A field a type does not have."""
    return DocumentRefusal(located(f'Cannot query field "{name}" on type "{type_name}".', [position]))


def of_graphql(error: GraphQLError) -> dict[str, Any]:
    """An error of GraphQL's own validation, in the quotes Twenty's (JavaScript) wording has."""
    return located(error.message.replace("'", '"'), [(place.line, place.column) for place in error.locations or ()])
