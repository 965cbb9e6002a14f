"""The follow-up errors of a refused object.

Twenty makes an object together with its fields, views and indexes and validates all of them at once, so that one bad
name comes with 34 errors more (`metadata`, numbers 12 to 16). A client must find the cause among them, so they are
here.
"""

from collections.abc import Iterator, Mapping
from uuid import uuid4

from adapters.sandbox.fieldtypes import capitalised
from adapters.sandbox.metadata.refusals import Failure, MetadataName, Problem
from adapters.sandbox.model import Model

_FIELDS = (
    *("name", "id", "createdAt", "createdBy", "deletedAt", "position", "updatedAt", "updatedBy", "searchVector"),
    *("timelineActivities", "attachments", "noteTargets", "taskTargets"),
)
_LINKS = 4
_STAMPS = ("createdAt", "createdBy", "updatedAt", "updatedBy")
_VIEWS = (("name", *_STAMPS), _STAMPS)
"""The fields shown in each of the two views a new object has."""

_OBJECT_GONE = Problem(
    "OBJECT_METADATA_NOT_FOUND", "Object metadata not found", "Field to create related object not found"
)
_NO_OBJECT = Problem("INVALID_VIEW_DATA", "Object metadata not found")
_NO_FIELD = Problem("INVALID_VIEW_DATA", "Field metadata not found")
_NO_VIEW = Problem("INVALID_VIEW_DATA", "View not found")
_INDEX_TAKEN = Problem("INDEX_ALREADY_EXISTS", "Index with same name already exists")
_INDEX_OBJECT = Problem(
    "INDEX_OBJECT_NOT_FOUND", "Could not find index related object metadata", "Index related object not found"
)
_INDEX_FIELD = Problem(
    "INDEX_FIELD_NOT_FOUND",
    "Could not find index field related field metadata",
    "Field referenced in index does not exist",
)
_SEARCH = (
    Problem("FIELD_METADATA_NOT_FOUND", "Field metadata not found"),
    Problem(
        "TS_VECTOR_FIELD_METADATA_NOT_FOUND", "TS_VECTOR field metadata not found", "Search vector field not found"
    ),
    Problem("OBJECT_METADATA_NOT_FOUND", "Object metadata not found"),
)


def collateral_failures(cause: Failure, model: Model) -> list[Failure]:
    """Every failure of an object refused for `cause`, in Twenty's order."""
    object_id = str(cause.identity["universalIdentifier"])
    singular = str(cause.identity["nameSingular"])
    fields = list(_field_failures(object_id, f"target{capitalised(singular)}"))
    return [
        *fields,
        cause,
        *_view_failures({str(own.identity["name"]): str(own.identity["universalIdentifier"]) for own in fields}),
        *_index_failures(singular, model),
        _created("searchFieldMetadata", _SEARCH, objectMetadataUniversalIdentifier=object_id),
    ]


def _created(metadata_name: MetadataName, problems: tuple[Problem, ...], /, **identity: str) -> Failure:
    return Failure(metadata_name, "create", problems, {"universalIdentifier": str(uuid4()), **identity})


def _field_failures(object_id: str, link: str) -> Iterator[Failure]:
    for name in (*_FIELDS, *[link] * _LINKS):
        yield _created("fieldMetadata", (_OBJECT_GONE,), name=name, objectMetadataUniversalIdentifier=object_id)


def _view_failures(fields: Mapping[str, str]) -> Iterator[Failure]:
    views = [_created("view", (_NO_OBJECT,)) for _shown in _VIEWS]
    yield from views
    for view, shown in zip(views, _VIEWS, strict=True):
        for name in shown:
            yield _created(
                "viewField",
                (_NO_FIELD, _NO_VIEW),
                viewUniversalIdentifier=str(view.identity["universalIdentifier"]),
                fieldMetadataUniversalIdentifier=fields[name],
            )


def _index_failures(singular: str, model: Model) -> Iterator[Failure]:
    taken = model.by_singular.get(singular)
    exists = () if taken is None else (_INDEX_TAKEN,)
    own = taken is not None and taken.is_custom
    for _link in range(_LINKS):
        yield _index(exists if own else (*exists, _INDEX_FIELD))
    yield _index((_INDEX_OBJECT, *(exists if own else ()), _INDEX_FIELD))


def _index(problems: tuple[Problem, ...]) -> Failure:
    return _created("index", problems, name=f"IDX_{uuid4().hex[:27]}")
