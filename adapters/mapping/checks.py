"""What a mapping that decodes can still say wrongly: names Twenty refuses, columns that do not fit, names taken."""

import re
import zoneinfo
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from adapters.mapping.config import TYPES, CustomSection, Document, FieldSpec, Names, ObjectNames, Section
from adapters.mapping.names import LONGEST, RESERVED, STANDARD_OBJECTS
from adapters.mapping.policies import ALL
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
_NAME = re.compile(rf"[a-z][a-zA-Z0-9]{{0,{LONGEST - 1}}}")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Problem(NamedTuple):
    """What is wrong, and the key it is wrong at."""

    place: str
    problem: str


def problems(document: Document) -> Iterator[Problem]:
    """Everything that is wrong with a mapping, in the order of its sections."""
    if document.source.time_zone not in _time_zones():
        yield Problem("source.time_zone", f"there is no time zone {document.source.time_zone!r}")
    if not _CURRENCY.fullmatch(document.source.currency):
        yield Problem("source.currency", f"{document.source.currency!r} is no currency code of three capitals")
    yield from _name("person.custom.prefix", document.person.custom.prefix)
    for place, fields in _fields(document):
        for name, spec in fields.items():
            yield from (_name if spec.label is None else _new_name)(f"{place}.{name}", name)
            yield from _field(f"{place}.{name}", spec)
            if spec.transform == "options" and place != "person.fields":
                yield Problem(f"{place}.{name}.as", "options are made of contacts' columns only, in [person.fields]")
    for name, made in document.company.fields.items():
        yield from (_name if made.label is None else _new_name)(f"company.fields.{name}", name)
    yield from _shared_fields(document)
    yield from _objects(document)
    yield from _relations(document)
    yield from _policies(document)


def objects_named(document: Document) -> tuple[str, ...]:
    """Every object a mapping knows: Twenty's own that are written, and the custom ones."""
    custom = [name for place, name in _object_names(document) if place.endswith(".name")]
    return (COMPANY, PERSON, OPPORTUNITY, NOTE, TASK, *TARGETS.values(), *dict.fromkeys(custom))


@cache
def _time_zones() -> frozenset[str]:
    # Listing them looks into six hundred files, which takes longer than all the rest of the checking.
    return frozenset(zoneinfo.available_timezones())


def _policies(document: Document) -> Iterator[Problem]:
    known = objects_named(document)
    for name in document.policies:
        if name != ALL and name not in known:
            yield Problem(f"policies.{name}", f"no object {name!r} is written; say {ALL}, {', '.join(known)}")


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
    taken = dict.fromkeys(STANDARD_OBJECTS, "Twenty itself")
    for place, name in _object_names(document):
        yield from _new_name(place, name)
        # Names that differ by case alone are one to people, and to some databases.
        if name.lower() in taken:
            yield Problem(place, f"{name!r} is taken by {taken[name.lower()]}")
        taken[name.lower()] = place


_FORMS = {"object": "custom", "opportunity": "opportunity"}


def _object_names(document: Document) -> Iterator[tuple[str, str]]:
    """Singular and plural of every custom object, each with its place."""
    every: list[tuple[str, ObjectNames]] = []
    for place, section in _sections(document):
        if isinstance(section, CustomSection):
            every.append((place, section.object))
    for place, names in _names(document):
        every += [(place, names.object), (f"{place}.junction", names.junction.object)]
    for place, one in every:
        yield from ((f"{place}.object.name", one.name), (f"{place}.object.plural", one.plural))


def _relations(document: Document) -> Iterator[Problem]:
    for place, section in _sections(document):
        if isinstance(section, CustomSection):
            fields = {name: f"{place}.fields.{name}" for name in section.fields}
            yield from _relation(f"{place}.person", section.person, fields)
    for place, names in _names(document):
        tie, person = names.junction, f"{place}.junction.person"
        yield from _relation(person, tie.person, {})
        yield from _relation(f"{place}.junction.entry", tie.entry, {tie.person: person, f"{tie.person}Id": person})


def _relation(place: str, name: str, others: Mapping[str, str]) -> Iterator[Problem]:
    """A relation has two names on its object, its own and its column's; `others`: name → where it stands."""
    yield from _new_name(place, name)
    taken = {"name": "Twenty itself", **others}
    for used in (name, f"{name}Id"):
        if used in taken:
            yield Problem(place, f"{used!r} is taken by {taken[used]}")


def _names(document: Document) -> Iterator[tuple[str, Names]]:
    yield from ((place, names) for place, names in (("tags", document.tags), ("lists", document.lists)) if names)


def _name(place: str, name: str) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        yield Problem(place, f"{name!r} is no API name: a lower-case letter, then letters and digits")


def _new_name(place: str, name: str) -> Iterator[Problem]:
    """The name of something that is to be made in Twenty."""
    yield from _name(place, name)
    if name in RESERVED:
        yield Problem(place, f"Twenty keeps the word {name!r} for itself; choose another name")
