"""What a mapping that decodes can still say wrongly: names Twenty refuses, columns that do not fit, names taken."""

import re
import zoneinfo
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from adapters.mapping.config import TYPES, CustomSection, Document, FieldSpec, Names, ObjectNames, Section
from adapters.mapping.targets import COMPANY, NOTE, OPPORTUNITY, PERSON, TARGETS, TASK

_COLUMNS = {
    "address": 5,
    "booking_status": 3,
    "booking_time": 2,
    "booking_title": 3,
    "constant": 0,
    "full_name": 4,
    "named": 2,
    "phone_raw": 3,
    "phones": 3,
    "signed_money": 2,
}
"""How many columns a transform takes, in order; one where nothing is said, of `links` and `markdown` one a label."""

_LABELLED = frozenset({"links", "markdown"})
_VALUED = frozenset({"constant", "named"})
_FOR_STANDARD_FIELDS = frozenset({"booking_status", "constant", "full_name"})
_PLURALS = ("people", "companies", "opportunities", "notes", "tasks", "noteTargets", "taskTargets")
_STANDARD = (PERSON, COMPANY, OPPORTUNITY, NOTE, TASK, *TARGETS.values(), *_PLURALS)
"""Names of the objects of Twenty's own that are written: a custom one of such a name would be mistaken for it."""

_FIELD_NAME = re.compile(r"[a-z][a-zA-Z0-9]{0,62}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Problem(NamedTuple):
    """What is wrong, and the key it is wrong at."""

    place: str
    problem: str


def problems(document: Document) -> Iterator[Problem]:
    """Everything that is wrong with a mapping, in the order of its sections."""
    if document.source.time_zone not in zoneinfo.available_timezones():
        yield Problem("source.time_zone", f"there is no time zone {document.source.time_zone!r}")
    if not _CURRENCY.fullmatch(document.source.currency):
        yield Problem("source.currency", f"{document.source.currency!r} is no currency code of three capitals")
    yield from _name("person.custom.prefix", document.person.custom.prefix)
    for place, fields in _fields(document):
        for name, spec in fields.items():
            yield from _name(f"{place}.{name}", name)
            yield from _field(f"{place}.{name}", spec)
    for name in document.company.fields:
        yield from _name(f"company.fields.{name}", name)
    yield from _shared_fields(document)
    yield from _objects(document)


def _fields(document: Document) -> Iterator[tuple[str, Mapping[str, FieldSpec]]]:
    yield "person.fields", document.person.fields
    for place, section in _sections(document):
        yield f"{place}.fields", section.fields


def _sections(document: Document) -> Iterator[tuple[str, Section | CustomSection]]:
    subscription = document.subscription
    found: dict[str, Section | CustomSection | None] = {
        "opportunity": document.opportunity,
        "subscription.custom": subscription.custom if subscription else None,
        "subscription.opportunity": subscription.opportunity if subscription else None,
        "affiliate": document.affiliate,
        "task": document.task,
        "note": document.note,
    }
    yield from ((place, section) for place, section in found.items() if section is not None)


def _field(place: str, spec: FieldSpec) -> Iterator[Problem]:
    wanted = len(spec.labels) if spec.transform in _LABELLED else _COLUMNS.get(spec.transform, 1)
    if len(spec.columns) != wanted or (not wanted and spec.transform != "constant"):
        yield Problem(f"{place}.from", f"{spec.transform} takes {wanted} columns, not {len(spec.columns)}")
    if (spec.value is not None) != (spec.transform in _VALUED):
        yield Problem(place, f"{spec.transform} takes {'a' if spec.transform in _VALUED else 'no'} value")
    if spec.label is not None and spec.transform in _FOR_STANDARD_FIELDS:
        yield Problem(f"{place}.label", f"{spec.transform} is for fields Twenty has; leave the label out")


def _shared_fields(document: Document) -> Iterator[Problem]:
    """Sales and subscriptions may both become opportunities: a field of both is of one type."""
    subscription = document.subscription
    if document.opportunity is None or subscription is None or subscription.opportunity is None:
        return
    for name, spec in subscription.opportunity.fields.items():
        other = document.opportunity.fields.get(name)
        if other is not None and TYPES[other.transform] != TYPES[spec.transform]:
            wanted = f"{TYPES[other.transform]} by [opportunity.fields.{name}]"
            yield Problem(
                f"subscription.opportunity.fields.{name}.as", f"it is {TYPES[spec.transform]} here and {wanted}"
            )


def _objects(document: Document) -> Iterator[Problem]:
    subscription = document.subscription
    if subscription is not None and getattr(subscription, _FORMS[subscription.form]) is None:
        wanted = f"[subscription.{_FORMS[subscription.form]}] is missing"
        yield Problem("subscription.as", f"subscriptions are to be {subscription.form}s, and {wanted}")
    taken = dict.fromkeys(_STANDARD, "Twenty itself")
    for place, names in _object_names(document):
        for key, name in (("name", names.name), ("plural", names.plural)):
            yield from _name(f"{place}.{key}", name)
            if name in taken:
                yield Problem(f"{place}.{key}", f"{name!r} is taken by {taken[name]}")
            taken[name] = f"{place}.{key}"
    for place, relation, fields in _relations(document):
        yield from _name(place, relation)
        if relation in fields:
            yield Problem(
                place, f"{relation!r} is the name of another field of the object; call the relation otherwise"
            )


_FORMS = {"object": "custom", "opportunity": "opportunity"}


def _object_names(document: Document) -> Iterator[tuple[str, ObjectNames]]:
    for place, section in _sections(document):
        if isinstance(section, CustomSection):
            yield f"{place}.object", section.object
    for place, names in _names(document):
        yield f"{place}.object", names.object
        yield f"{place}.junction.object", names.junction.object


def _relations(document: Document) -> Iterator[tuple[str, str, Collection[str]]]:
    """Every relation: its key, its name, and the names it must not have."""
    for place, section in _sections(document):
        if isinstance(section, CustomSection):
            yield f"{place}.person", section.person, section.fields
    for place, names in _names(document):
        yield f"{place}.junction.person", names.junction.person, ("name",)
        yield f"{place}.junction.entry", names.junction.entry, ("name", names.junction.person)


def _names(document: Document) -> Iterator[tuple[str, Names]]:
    yield from ((place, names) for place, names in (("tags", document.tags), ("lists", document.lists)) if names)


def _name(place: str, name: str) -> Iterator[Problem]:
    if not _FIELD_NAME.fullmatch(name):
        yield Problem(place, f"{name!r} is no API name: a lower-case letter, then letters and digits")
