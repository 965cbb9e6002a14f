"""The transforms a mapping can name: a row's cells to one field in Twenty's stored form.

Each takes the merged row, the field's specification and the context, and returns the value (None: leave the field out)
with warnings. Another one is written here, listed in TRANSFORMS and named in
`config.Transform` and `config.TYPES`.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from adapters.mapping.bookings import task_status, title
from adapters.mapping.config import FieldSpec
from adapters.mapping.countries import country
from adapters.mapping.dates import SlashDates, date_only, date_time, zone_of
from adapters.mapping.emails import emails_field, normalise_email
from adapters.mapping.links import linkedin_link, links_field, url
from adapters.mapping.merge import Merged
from adapters.mapping.money import Money, amount_of
from adapters.mapping.phones import phone
from adapters.mapping.scalars import boolean, gdpr_status, integer, kartra_number
from adapters.mapping.text import clean, one_line
from adapters.mapping.transactions import signed, transaction_type
from adapters.mapping.types import JsonValue, MappingWarning
from adapters.mapping.values import Note, Parsed, Refusal
from adapters.mapping.vocabulary import choice_text


class Context(NamedTuple):
    """What a field may need besides the row.

    The source's zone, date order and currency; the field's own option values; the moment that tells past from future,
    as Twenty stores it.
    """

    zone: ZoneInfo
    slashes: SlashDates
    currency: str
    options: Mapping[str, str]
    moment: str


class Mapped(NamedTuple):
    """A field's value, or None to leave it out, and what was noticed."""

    value: JsonValue
    warnings: tuple[MappingWarning, ...] = ()


Transformer = Callable[[Merged, FieldSpec, Context], Mapped]


def own_field(merged: Merged, column: str) -> Mapped:
    """A column of the account's own, as text."""
    return _mapped(column, clean(merged.cells.get(column, "")))


def _mapped(column: str, parsed: Parsed[JsonValue]) -> Mapped:
    return Mapped(parsed.value, _warnings(column, parsed.notes) if parsed.notes else ())


def _warnings(column: str, notes: Iterable[Note]) -> tuple[MappingWarning, ...]:
    return tuple(MappingWarning(code=note.code, column=column, detail=note.detail) for note in notes)


def _single(read: Callable[[str | None], Parsed[JsonValue]]) -> Transformer:
    """A transformer of one column that needs no context."""

    def transform(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
        column = spec.columns[0]
        return _mapped(column, read(merged.cells.get(column)))

    return transform


def _text(cell: str | None) -> Parsed[str]:
    return clean(cell) if cell else Parsed(None)


def _texts(merged: Merged, spec: FieldSpec) -> tuple[list[str], tuple[MappingWarning, ...]]:
    """Every column's text, empty where there is none."""
    read = [own_field(merged, column) for column in spec.columns]
    return [field.value or "" for field in read], tuple(warning for field in read for warning in field.warnings)


def _full_name(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    texts, warnings = _texts(merged, spec)
    first, middle, last, second_last = texts
    if not any(texts):
        return Mapped(None, warnings)
    name = {"firstName": f"{first} {middle}".strip(), "lastName": f"{last} {second_last}".strip()}
    return Mapped(name, warnings)


def _emails(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    column = spec.columns[0]
    address = normalise_email(merged.cells.get(column))
    if not isinstance(address, Refusal):
        return Mapped(emails_field(address))
    if column not in merged.cells:
        return Mapped(None)
    return Mapped(None, _warnings(column, [Note(address.reason, address.detail)]))


def _phone(merged: Merged, spec: FieldSpec) -> Parsed[JsonValue]:
    return phone(*(merged.cells.get(column) for column in spec.columns))


def _phones(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    return _mapped(spec.columns[0], _phone(merged, spec))


def _phone_raw(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    """The phone as written, only where it could not be read."""
    if _phone(merged, spec).value is not None:
        return Mapped(None)
    return own_field(merged, spec.columns[0])


def _address(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    texts, warnings = _texts(merged, spec)
    if not any(texts):
        return Mapped(None, warnings)
    street, city, state, postcode, written = texts
    known = country(written)
    value = {
        "addressStreet1": street,
        "addressStreet2": "",
        "addressCity": city,
        "addressState": state,
        "addressPostcode": postcode,
        "addressCountry": known.name if known else written,
    }
    return Mapped(value, warnings)


def _links(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    read = [url(merged.cells.get(column), label) for column, label in zip(spec.columns, spec.labels, strict=True)]
    noticed = (_warnings(column, parsed.notes) for column, parsed in zip(spec.columns, read, strict=True))
    addresses = (parsed.value for parsed in read)
    return Mapped(links_field(zip(addresses, spec.labels, strict=True)), tuple(chain.from_iterable(noticed)))


def _date_time(merged: Merged, spec: FieldSpec, context: Context) -> Mapped:
    column = spec.columns[0]
    return _mapped(column, date_time(merged.cells.get(column), context.zone, context.slashes))


def _options(merged: Merged, spec: FieldSpec, context: Context) -> Mapped:
    names = merged.names.get(spec.columns[0], ())
    return Mapped([context.options[name] for name in names] or None)


def _choice(merged: Merged, spec: FieldSpec, context: Context) -> Mapped:
    text = choice_text(spec.transform, merged.cells.get(spec.columns[0], ""))
    return Mapped(context.options[text] if text else None)


def _date(merged: Merged, spec: FieldSpec, context: Context) -> Mapped:
    column = spec.columns[0]
    return _mapped(column, date_only(merged.cells.get(column), context.slashes))


def _constant(_merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    return Mapped(spec.value)


def _named(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    """The first column on one line, else the value and the second column."""
    (name, number), warnings = _texts(merged, spec)
    return Mapped(one_line(name) or f"{spec.value} {one_line(number)}".strip() or None, warnings)


def _markdown(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    """The columns that are filled, each in its label's place; a line each."""
    texts, warnings = _texts(merged, spec)
    pairs = ((label, text) for label, text in zip(spec.labels, texts, strict=True) if text)
    # Beside other words a text is one line; by itself it keeps its own.
    lines = [text if label == "{}" else _labelled(label, one_line(text)) for label, text in pairs]
    return Mapped({"markdown": "\n".join(lines)} if lines else None, warnings)


def _labelled(label: str, text: str) -> str:
    """Words after a label's place are a unit, which only a number has: `Duration: 30 min`, `Duration: half a day`."""
    before, _, unit = label.partition("{}")
    return f"{before}{text}{unit if text.replace('.', '', 1).isdecimal() else ''}"


def _currency(money: Money | None) -> JsonValue:
    return {"amountMicros": money.micros, "currencyCode": money.currency} if money else None


def _money(merged: Merged, spec: FieldSpec, context: Context) -> Mapped:
    column = spec.columns[0]
    read = amount_of(merged.cells, column, context.currency)
    return Mapped(_currency(read.value), _warnings(column, read.notes))


def _signed_money(merged: Merged, spec: FieldSpec, context: Context) -> Mapped:
    """An amount under the sign of its transaction's type, whatever sign the file gives it (kartra.md section 2.2)."""
    column, type_column = spec.columns
    read = amount_of(merged.cells, column, context.currency)
    kind = transaction_type(merged.cells.get(type_column))
    if read.value is None or kind is None:
        return Mapped(None, _warnings(column, read.notes))
    settled = signed(read.value, kind)
    return Mapped(_currency(settled.value), _warnings(column, (*read.notes, *settled.notes)))


def _transaction_type(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    kind = transaction_type(merged.cells.get(spec.columns[0]))
    return Mapped(kind.value if kind else None)


def _booking_title(merged: Merged, spec: FieldSpec, _: Context) -> Mapped:
    named = zip(("calendar_name", "class_name", "calendar_subscription_status"), spec.columns, strict=True)
    said = {name: merged.cells[column] for name, column in named if column in merged.cells}
    return Mapped(title({"calendar_subscription_id": merged.cells.get("calendar_subscription_id", ""), **said}))


def _booking_time(merged: Merged, spec: FieldSpec, context: Context) -> Mapped:
    """An event's time in its vendor's zone, or in the source's where that is none."""
    column, zone_column = spec.columns
    written = merged.cells.get(zone_column)
    zone = zone_of(written) if written else None
    notes = (Note("time_zone_unknown", f"'{written}' is no time zone"),) if written and zone is None else ()
    read = date_time(merged.cells.get(column), zone or context.zone, context.slashes)
    return Mapped(read.value, _warnings(zone_column, notes) + _warnings(column, read.notes))


def _booking_status(merged: Merged, spec: FieldSpec, context: Context) -> Mapped:
    status, *when = spec.columns
    due = _booking_time(merged, FieldSpec(columns=tuple(when), transform="booking_time"), context).value
    said = {"calendar_subscription_status": merged.cells.get(status, "")}
    return Mapped(task_status(said, due or "", context.moment))


TRANSFORMS: Mapping[str, Transformer] = MappingProxyType(
    {
        "address": _address,
        "booking_status": _booking_status,
        "booking_time": _booking_time,
        "booking_title": _booking_title,
        "boolean": _single(boolean),
        "constant": _constant,
        "date": _date,
        "date_time": _date_time,
        "emails": _emails,
        "full_name": _full_name,
        "gdpr_status": _single(gdpr_status),
        "integer": _single(integer),
        "kartra_number": _single(kartra_number),
        "linkedin": _single(linkedin_link),
        "links": _links,
        "markdown": _markdown,
        "money": _money,
        "named": _named,
        "option": _choice,
        "options": _options,
        "phone_raw": _phone_raw,
        "phones": _phones,
        "signed_money": _signed_money,
        "status": _choice,
        "text": _single(_text),
        "transaction_type": _transaction_type,
    }
)
"""Every transform by its name in mapping.toml."""
