"""A Kartra contact to a person and its company to a company, field by field as the mapping says."""

from collections.abc import Iterable, Iterator

import msgspec

from adapters.mapping.companies import Assignment, Company
from adapters.mapping.config import MappingConfig
from adapters.mapping.emails import normalise_email
from adapters.mapping.merge import Merged
from adapters.mapping.scalars import kartra_number
from adapters.mapping.transforms import TRANSFORMS, Context, Mapped, own_field
from adapters.mapping.types import JsonValue, Link, MappingWarning, Record, SourceRow
from adapters.mapping.values import Refusal
from adapters.mapping.vocabulary import Vocabulary


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


def person(
    source_key: str, merged: Merged, config: MappingConfig, words: Vocabulary, company: Link | None = None
) -> Record:
    """The person of a merged contact, in Twenty's stored form.

    Fields without a value are left out; composites are whole. `company` is where `companyId` points.
    """
    named = dict(_fields(merged, config, words))
    own = {name: own_field(merged, column) for column, name in words.custom.items() if column in merged.cells}
    every = {**named, **own}
    noticed = (warning for field in every.values() for warning in field.warnings)
    return Record(
        object="person",
        source_key=source_key,
        fields={name: field.value for name, field in every.items() if field.value is not None},
        links={"companyId": company} if company else {},
        warnings=_distinct((*merged.warnings, *noticed)),
    )


def company(made: Company, config: MappingConfig) -> Record:
    """The company record of an assigned company."""
    values = {"company_name": made.name, "company_key": made.key}
    fields: dict[str, JsonValue] = {name: values[spec.transform] for name, spec in config.company.fields.items()}
    return Record(object="company", source_key=made.stream, fields=fields)


def company_of(merged: Merged, config: MappingConfig, companies: Assignment) -> Company | None:
    """The company a contact's newest company cell names, or None."""
    column = config.person.company
    spelling = merged.cells.get(column) if column else None
    return companies.of(spelling) if spelling else None


def company_link(made: Company) -> Link:
    """What a person's `companyId` points at."""
    return Link(object="company", source_key=made.stream)


def _fields(merged: Merged, config: MappingConfig, words: Vocabulary) -> Iterator[tuple[str, Mapped]]:
    zone, slashes = config.source.zone, config.source.slash_dates
    for name, spec in config.person.fields.items():
        context = Context(zone, slashes, words.options.get(name, {}))
        yield name, TRANSFORMS[spec.transform](merged, spec, context)


def _distinct(warnings: Iterable[MappingWarning]) -> tuple[MappingWarning, ...]:
    """Warnings once each: two fields made from one column notice the same things."""
    return tuple({(warning.code, warning.column, warning.detail): warning for warning in warnings}.values())
