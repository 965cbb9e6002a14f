"""A Kartra contact to a person, her note and her names; company names to companies."""

from collections.abc import Mapping

import msgspec

from adapters.mapping.assignment import Assignment
from adapters.mapping.companies import Company
from adapters.mapping.config import MappingConfig, Names
from adapters.mapping.emails import normalise_email
from adapters.mapping.merge import Merged
from adapters.mapping.records import Fields, record
from adapters.mapping.scalars import kartra_number
from adapters.mapping.targets import COMPANY, PERSON, TARGETS
from adapters.mapping.types import JsonValue, Link, Record, SourceRow
from adapters.mapping.values import Refusal


class Identified(msgspec.Struct, frozen=True, kw_only=True):
    """Who a row says it is about: Kartra's number, the normalised e-mail, or why it must be held."""

    number: str | None = None
    email: str | None = None
    held: Refusal | None = None


def identify(row: SourceRow) -> Identified:
    """Read a contact row's identities.

    An invalid e-mail holds the row, number or not: the e-mail was given and is part of who the contact is. A row with
    a number and no e-mail may still be placed by its number.
    """
    number = kartra_number(row.cells.get("id")).value
    email = normalise_email(row.cells.get("email"))
    if not isinstance(email, Refusal):
        return Identified(number=number, email=email)
    if number is not None and email.reason == "email_missing":
        return Identified(number=number)
    return Identified(held=email)


def person(source_key: str, merged: Merged, fields: Fields, company: Link | None = None) -> Record:
    """The person of a merged contact, in Twenty's stored form.

    Fields without a value are left out; composites are whole. `company` is where `companyId` points.
    """
    return record(fields, source_key, merged, {"companyId": company} if company else {}, merged.warnings)


def note(source_key: str, merged: Merged, fields: Fields | None) -> list[Record]:
    """The note of a contact and what ties it to the person; nothing where the contact has no notes, or none are moved.

    What the rows disagree about is noted with the person.
    """
    if fields is None or fields.columns.isdisjoint(merged.cells):
        return []
    made = record(fields, source_key, merged, {})
    return [made, tie(made, source_key)]


def tie(made: Record, person_key: str) -> Record:
    """What ties a note or a task to a person."""
    links = {
        f"{made.object}Id": Link(object=made.object, source_key=made.source_key),
        "targetPersonId": Link(object=PERSON, source_key=person_key),
    }
    return Record(object=TARGETS[made.object], source_key=made.source_key, fields={}, links=links)


def name_record(names: Names, source_key: str, name: str) -> Record:
    """A tag or a list as a record of its own."""
    return Record(object=names.object.name, source_key=source_key, fields={"name": name})


def name_tie(names: Names, person_key: str, entry_key: str) -> Record:
    """What ties a person to a tag or a list."""
    links = {
        f"{names.junction.person}Id": Link(object=PERSON, source_key=person_key),
        f"{names.junction.entry}Id": Link(object=names.object.name, source_key=entry_key),
    }
    junction = names.junction.object.name
    return Record(object=junction, source_key=f"{person_key}/{entry_key}", fields={}, links=links)


def company(made: Company, config: MappingConfig) -> Record:
    """The company record of an assigned company."""
    values: Mapping[str, str] = {"company_name": made.name, "company_key": made.key}
    fields: dict[str, JsonValue] = {name: values[spec.transform] for name, spec in config.company.fields.items()}
    return Record(object=COMPANY, source_key=made.stream, fields=fields)


def company_of(merged: Merged, column: str | None, companies: Assignment) -> Company | None:
    """The company that the newest cell of a column names, or None."""
    spelling = merged.cells.get(column) if column else None
    return companies.of(spelling) if spelling else None


def company_link(made: Company) -> Link:
    """What a `companyId` points at."""
    return Link(object=COMPANY, source_key=made.stream)
