"""From an answer of Twenty to the error it means. Pure; every rule comes from the table of GRAPHQL section 4.

HTTP is 200 for nearly everything, so `errors` is looked at first and the status after it. Where several errors came,
the first one speaks: roots fail one by one, and a refused limit refuses all of them.
"""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from adapters.twenty.errors import (
    BatchTooLarge,
    DuplicateRecord,
    ForeignKeyMissing,
    InvalidLink,
    InvalidPhone,
    InvalidValue,
    KeyRevoked,
    LimitReached,
    NotFound,
    NoToken,
    NotTwenty,
    PermissionDenied,
    QueryRefused,
    SchemaRefused,
    ServerTrouble,
    TwentyError,
    Unauthenticated,
    UnknownField,
    UnknownObject,
)

_MESSAGE_KEPT = 4_000

_LIMIT = re.compile(r"Limit reached \((\d+) tokens per (\d+) ms\)")
_NUMBER = re.compile(r"\b(\d+)\b")
_NO_FIELD = re.compile(r"""Object (\w+) doesn't have any "([^"]+)" field""")
_SUBFIELD = re.compile(r'Invalid subfield (\S+) for [\w -]*field "([^"]+)"')
_VALUE = re.compile(r'Invalid (?:[\w-]+ )?value (.*) for (?:[\w-]+ )*field "([^"]+)"', re.DOTALL)
_NOT_NULL = re.compile(r'null value in column "([^"]+)" of relation "([^"]+)"')
_NOT_UUID = re.compile(r'Value "(.*)" is not a valid UUID', re.DOTALL)
_FOREIGN_KEY = re.compile(r'on table "_?([^"]+)" violates foreign key constraint "([^"]+)"')
_PHONE = re.compile(r"(?:phone number is invalid|Invalid country code) (.*)", re.DOTALL)
_ROOT = re.compile(r'Cannot query field "(\w+)" on type "(?:Query|Mutation)"')
_TYPE = re.compile(r'Unknown type "(\w+)"')
_LABEL = re.compile(r"This (.+) value is already in use")
_ALWAYS_THERE = re.compile(
    r"(?:create|update|delete|destroy|restore)?(?:people|person|compan(?:y|ies))(?:(?:create|update|filter)input)?",
    re.IGNORECASE,
)

Rule = Callable[[str, dict[str, Any]], TwentyError | None]


def is_sound(status: int, body: object) -> bool:
    """Say whether an answer (`body` decoded from JSON) holds data and no error."""
    return (
        status == HTTPStatus.OK
        and isinstance(body, dict)
        and isinstance(body.get("data"), dict)
        and not body.get("errors")
    )


def classify(status: int, body: object) -> TwentyError:
    """Name the error an unsound answer means. `body` is the decoded JSON, or the text where it was no JSON."""
    if isinstance(body, dict) and isinstance(body.get("errors"), list) and body["errors"]:
        return _graphql_error(status, body["errors"][0])
    said = str(body)[:_MESSAGE_KEPT]
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE or body == "request entity too large":
        return BatchTooLarge(None, said=said)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return LimitReached(said=said)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerTrouble(status, said=said)
    if isinstance(body, dict) and body.get("statusCode") == status:
        if status == HTTPStatus.UNAUTHORIZED:
            return Unauthenticated(said=said)
        if status == HTTPStatus.FORBIDDEN:
            return PermissionDenied(said=said)
        return QueryRefused(f"HTTP {status}", said=said)
    if status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        return QueryRefused("HTTP 415", said=said)
    return NotTwenty(status, "no GraphQL answer", said=said)


def _graphql_error(status: int, error: object) -> TwentyError:
    if not isinstance(error, dict):
        return NotTwenty(status, "errors of an unknown shape", said=str(error)[:_MESSAGE_KEPT])
    message = str(error.get("message", ""))[:_MESSAGE_KEPT]
    extensions = error.get("extensions")
    extensions = extensions if isinstance(extensions, dict) else {}
    for rule in _RULES:
        if found := rule(message, extensions):
            return found
    if extensions.get("code") == "INTERNAL_SERVER_ERROR" or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerTrouble(status, said=message)
    return QueryRefused(str(extensions.get("subCode") or extensions.get("code") or f"HTTP {status}"), said=message)


def _limit(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    if extensions.get("subCode") != "LIMIT_REACHED":
        return None
    named = _LIMIT.search(message)
    return LimitReached(int(named[1]), int(named[2]), said=message) if named else LimitReached(said=message)


def _access(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    if extensions.get("code") == "UNAUTHENTICATED":
        return Unauthenticated(expired="expired" in message, said=message)
    if extensions.get("subCode") == "FORBIDDEN_EXCEPTION":
        return KeyRevoked(said=message)
    refused = extensions.get("subCode") == "PERMISSION_DENIED" or message == "Forbidden resource"
    # `webhooks` says INTERNAL_SERVER_ERROR with the words of a missing permission (GRAPHQL section 4).
    if refused or message == "Entity performing the request does not have permission":
        return PermissionDenied(said=message)
    return None


def _schema_of_the_document(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    named = None if extensions else _ROOT.search(message) or _TYPE.search(message)
    if named:
        # People and companies are always there for a key: without them, no key was seen.
        return NoToken(said=message) if _ALWAYS_THERE.fullmatch(named[1]) else UnknownObject(named[1], said=message)
    return NoToken(said=message) if message.startswith("GraphQL introspection has been disabled") else None


def _duplicate(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    if extensions.get("subCode") == "UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT":
        return DuplicateRecord(None, None, None, said=message)
    if message != "A duplicate entry was detected":
        return None
    label = _LABEL.search(str(extensions.get("userFriendlyMessage")))
    return DuplicateRecord(
        extensions.get("conflictingRecordId"),
        extensions.get("conflictingObjectNameSingular"),
        label[1] if label and extensions.get("conflictingRecordId") else None,
        said=message,
    )


def _size(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    too_many = message.startswith("Cannot update more than ")
    if extensions.get("subCode") != "TOO_MANY_RECORDS_TO_UPDATE" and not too_many:
        return None
    named = _NUMBER.search(message)
    return BatchTooLarge(int(named[1]) if named else None, said=message)


def _contact_value(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    reason = str(extensions.get("subCode"))
    if reason == "INVALID_URL":
        return InvalidLink(said=message)
    if "PHONE" not in reason:
        return None
    named = _PHONE.search(message)
    return InvalidPhone(named[1] if named else None, reason, said=message)


def _field_value(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    if extensions.get("subCode") != "INVALID_ARGS_DATA":
        return None
    if named := _NO_FIELD.search(message):
        return UnknownField(named[1], named[2], said=message)
    if named := _SUBFIELD.search(message):
        return UnknownField(None, f"{named[2]}.{named[1]}", said=message)
    named = _VALUE.search(message)
    field, value = (named[2], named[1]) if named else (None, None)
    return InvalidValue(field, value, "INVALID_ARGS_DATA", said=message)


def _database_value(message: str, _: dict[str, Any]) -> TwentyError | None:
    if named := _NOT_NULL.search(message):
        return InvalidValue(named[1], "null", "must not be null", said=message)
    if named := _NOT_UUID.search(message):
        return InvalidValue("id", named[1], "not a UUID", said=message)
    if named := _FOREIGN_KEY.search(message):
        return ForeignKeyMissing(named[2], named[1], said=message)
    # What a NUL byte in a text leads to (FACTS section 5); nothing is named.
    return InvalidValue(None, None, "not storable", said=message) if message == "Data validation error." else None


def _missing(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    # Deleting an object twice says the second (GRAPHQL section 9).
    if extensions.get("code") == "NOT_FOUND" or message == "Could not find flat entity in maps":
        return NotFound(said=message)
    return None


def _data_model(message: str, extensions: dict[str, Any]) -> TwentyError | None:
    if extensions.get("code") == "METADATA_VALIDATION_FAILED":
        return SchemaRefused(*_metadata_codes(extensions.get("errors")), said=_metadata_text(message, extensions))
    if extensions.get("subCode") == "FIELD_MUTATION_NOT_ALLOWED":
        return SchemaRefused("FIELD_MUTATION_NOT_ALLOWED", said=message)
    return SchemaRefused("MIGRATION_FAILED", said=message) if message.startswith("Migration action ") else None


def _metadata_codes(errors: object) -> list[str]:
    """The codes that matter: those of the object, else of the fields; views and indexes only follow."""
    groups = errors if isinstance(errors, dict) else {}
    for group in ("objectMetadata", "fieldMetadata"):
        found = [str(cause.get("code")) for entry in groups.get(group) or () for cause in entry.get("errors") or ()]
        if found:
            return list(dict.fromkeys(found))
    return ["METADATA_VALIDATION_FAILED"]


def _metadata_text(message: str, extensions: dict[str, Any]) -> str:
    return f"{message}: {extensions.get('errors')}"[:_MESSAGE_KEPT]


_RULES: tuple[Rule, ...] = (
    _limit,
    _access,
    _schema_of_the_document,
    _duplicate,
    _size,
    _contact_value,
    _field_value,
    _database_value,
    _data_model,
    _missing,
)
