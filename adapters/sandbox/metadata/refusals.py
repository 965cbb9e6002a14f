"""How the metadata endpoint refuses a request that is a valid document.

protocol.Refusal         one error of the answer; the functions below make those that are recorded
└── ValidationRefusal    METADATA_VALIDATION_FAILED: `errors` by metadata name and `summary`, as Twenty shapes them

All are terminal: the same request is refused again. Codes are Twenty's own (GRAPHQL section 9); where one refusal
holds several failures, the cause is the `objectMetadata` one, else the first `fieldMetadata` one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from adapters.sandbox.protocol import Refusal

Operation = Literal["create", "update", "delete"]
MetadataName = Literal["fieldMetadata", "objectMetadata", "view", "viewField", "index", "searchFieldMetadata"]

_PLURALS: Mapping[str, str] = {"view": "views", "viewField": "viewFields", "index": "indices"}
_INTERNAL = "INTERNAL_SERVER_ERROR"


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong with one field or object. `value` quotes what was sent, where Twenty does."""

    code: str
    message: str
    user_friendly_message: str = ""
    value: Any = msgspec.UNSET

    @property
    def friendly(self) -> str:
        """What the interface would show."""
        return self.user_friendly_message or self.message

    def shown(self) -> dict[str, Any]:
        """As it stands in `errors[].errors[]`."""
        body = {"code": self.code, "message": self.message, "userFriendlyMessage": self.friendly}
        return body if self.value is msgspec.UNSET else body | {"value": self.value}


class Failure(msgspec.Struct, frozen=True):
    """What failed: the problems of one field, object, view or index, and what identifies it."""

    metadata_name: MetadataName
    operation: Operation
    problems: tuple[Problem, ...]
    identity: Mapping[str, Any]

    def shown(self) -> dict[str, Any]:
        """As it stands in `extensions.errors.<metadata name>[]`."""
        return {
            "status": "fail",
            "errors": [problem.shown() for problem in self.problems],
            "flatEntityMinimalInformation": dict(self.identity),
            "metadataName": self.metadata_name,
            "type": self.operation,
        }


class ValidationRefusal(Refusal):
    """The request is understood but not allowed by the data model; `failures` say what is wrong with what."""

    code = "validation"

    def __init__(self, message: str, failures: Sequence[Failure]) -> None:
        """Shape the answer from all failures, in their order."""
        super().__init__(message)
        self.failures = tuple(failures)
        self.extensions = _validation_extensions(failures)


def early_refusal(operation: Operation, problem: Problem) -> ValidationRefusal:
    """A field refused before its object is known: its failure has no status and no identity."""
    counted = "Multiple validation" if operation == "create" else "Validation"
    message = f"{counted} errors occurred while {operation[:-1]}ing field"
    refusal = ValidationRefusal(message, [Failure("fieldMetadata", operation, (problem,), {"id": ""})])
    del refusal.extensions["errors"]["fieldMetadata"][0]["status"]
    return refusal


def forbidden_resource() -> Refusal:
    """No key, or a thing that no API key may do."""
    return Refusal("Forbidden resource", error_code="FORBIDDEN")


def permission_denied() -> Refusal:
    """The key's role does not allow it."""
    return Refusal(
        "Entity performing the request does not have permission",
        sub_code="PERMISSION_DENIED",
        friendly="User does not have permission.",
        error_code="FORBIDDEN",
    )


def settings_denied() -> Refusal:
    """The key's role does not open this part of the settings: the same message under another code."""
    return Refusal(
        "Entity performing the request does not have permission",
        friendly="You do not have permission to access this feature."
        " Please contact your workspace administrator for access.",
        error_code=_INTERNAL,
    )


def field_to_delete_not_found() -> Refusal:
    """deleteOneField, second time."""
    return Refusal(
        "Field to delete not found",
        sub_code="FIELD_METADATA_NOT_FOUND",
        friendly="Field not found.",
        error_code="NOT_FOUND",
    )


def standard_field_kept(name: str) -> Refusal:
    """deleteOneField of a field Twenty ships."""
    return Refusal(
        f'Cannot delete standard field "{name}"',
        sub_code="FIELD_MUTATION_NOT_ALLOWED",
        friendly="This field cannot be modified.",
        error_code="FORBIDDEN",
    )


def object_to_delete_not_found() -> Refusal:
    """deleteOneObject, second time."""
    return Refusal("Could not find flat entity in maps", error_code=_INTERNAL)


def migration_failed(action: Operation, metadata_name: MetadataName, universal_identifier: str) -> Refusal:
    """Validation passed and the database refused: a not-null field without default, a unique one over equal values."""
    return Refusal(
        f"Migration action '{action}' for '{metadata_name}' (universalIdentifier: {universal_identifier}) failed",
        friendly="Migration execution failed.",
        error_code=_INTERNAL,
    )


def _validation_extensions(failures: Sequence[Failure]) -> dict[str, Any]:
    errors: dict[str, list[dict[str, Any]]] = {}
    for failure in failures:
        errors.setdefault(failure.metadata_name, []).append(failure.shown())
    counts = Counter(failure.metadata_name for failure in failures)
    counted = ", ".join(f"{count} {_PLURALS.get(name, name) if count > 1 else name}" for name, count in counts.items())
    first = failures[0].problems[0]
    return {
        "code": "METADATA_VALIDATION_FAILED",
        "errors": errors,
        "summary": {"totalErrors": len(failures), **counts},
        "userFriendlyMessage": first.friendly if len(failures) == 1 else "Many validation errors",
        "message": f"Validation failed for {counted}",
    }
