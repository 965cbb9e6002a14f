"""The transforms a mapping can name: a row's cells to one field in Twenty's stored form.

Each is given the field's specification and the context once, and answers what reads the field of a merged row: the
value (None: leave the field out), with warnings noted on the way. Another one is written here, listed in TRANSFORMS and
named in `config.Transform` and `config.TYPES`.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar
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

T = TypeVar("T")


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


Noticed = list[MappingWarning]
"""Where a reader puts down what it noticed."""

Read = Callable[[Merged, Noticed], JsonValue]
"""Reads a field's value of a merged row; None leaves the field out."""

Transformer = Callable[[FieldSpec, Context], Read]


def own_field(column: str) -> Read:
    """A column of the account's own, as text."""

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        return merged.cells.get(column) if merged.sound else _text(merged, column, noticed)

    return read


def _text(merged: Merged, column: str, noticed: Noticed) -> str | None:
    """The text of a column: what is merged is neither empty nor a sentinel."""
    cell = merged.cells.get(column)
    if merged.sound or cell is None:
        return cell
    return _noting(column, clean(cell), noticed)


def _texts(merged: Merged, columns: Sequence[str], noticed: Noticed) -> list[str]:
    """Every column's text, empty where there is none."""
    if merged.sound:
        cells = merged.cells
        return [cells.get(column, "") for column in columns]
    return [_text(merged, column, noticed) or "" for column in columns]


def _noting(column: str, parsed: Parsed[T], noticed: Noticed) -> T | None:
    """A value, once what was noticed is put down."""
    value, notes = parsed
    if notes:
        noticed.extend(MappingWarning(code=note.code, column=column, detail=note.detail) for note in notes)
    return value


def _single(parse: Callable[[str], Parsed[Any]]) -> Transformer:
    """A transformer of one column that needs no context."""

    def transformer(spec: FieldSpec, _: Context) -> Read:
        column = spec.columns[0]

        def read(merged: Merged, noticed: Noticed) -> JsonValue:
            cell = merged.cells.get(column)
            if cell is None:
                return None
            parsed = parse(cell)
            return _noting(column, parsed, noticed) if parsed.notes else parsed.value

        return read

    return transformer


def _plain(spec: FieldSpec, _: Context) -> Read:
    return own_field(spec.columns[0])


def _full_name(spec: FieldSpec, _: Context) -> Read:
    columns = spec.columns

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        first, middle, last, second_last = texts = _texts(merged, columns, noticed)
        if not any(texts):
            return None
        return {"firstName": f"{first} {middle}".strip(), "lastName": f"{last} {second_last}".strip()}

    return read


def _emails(spec: FieldSpec, _: Context) -> Read:
    column = spec.columns[0]

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        cell = merged.cells.get(column)
        if cell is None:
            return None
        address = normalise_email(cell)
        if not isinstance(address, Refusal):
            return emails_field(address)
        return _noting(column, Parsed(None, (Note(address.reason, address.detail),)), noticed)

    return read


def _phones(spec: FieldSpec, _: Context) -> Read:
    columns = spec.columns

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        if columns[0] not in merged.cells:
            return None
        return _noting(columns[0], phone(*map(merged.cells.get, columns)), noticed)

    return read


def _phone_raw(spec: FieldSpec, _: Context) -> Read:
    """The phone as written, only where it could not be read."""
    columns = spec.columns

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        if columns[0] not in merged.cells or phone(*map(merged.cells.get, columns)).value is not None:
            return None
        return _text(merged, columns[0], noticed)

    return read


def _address(spec: FieldSpec, _: Context) -> Read:
    columns = spec.columns

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        street, city, state, postcode, written = texts = _texts(merged, columns, noticed)
        if not any(texts):
            return None
        known = country(written)
        return {
            "addressStreet1": street,
            "addressStreet2": "",
            "addressCity": city,
            "addressState": state,
            "addressPostcode": postcode,
            "addressCountry": known.name if known else written,
        }

    return read


def _links(spec: FieldSpec, _: Context) -> Read:
    named = tuple(zip(spec.columns, spec.labels, strict=True))

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        cells = merged.cells
        filled = [(column, label) for column, label in named if column in cells]
        return links_field([(_noting(column, url(cells[column], label), noticed), label) for column, label in filled])

    return read


def _date_time(spec: FieldSpec, context: Context) -> Read:
    column = spec.columns[0]

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        cell = merged.cells.get(column)
        return None if cell is None else _noting(column, date_time(cell, context.zone, context.slashes), noticed)

    return read


def _date(spec: FieldSpec, context: Context) -> Read:
    column = spec.columns[0]

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        return _noting(column, date_only(merged.cells.get(column), context.slashes), noticed)

    return read


def _options(spec: FieldSpec, context: Context) -> Read:
    column, options = spec.columns[0], context.options

    def read(merged: Merged, _: Noticed) -> JsonValue:
        return [options[name] for name in merged.names.get(column, ())] or None

    return read


def _choice(spec: FieldSpec, context: Context) -> Read:
    column, options = spec.columns[0], context.options

    def read(merged: Merged, _: Noticed) -> JsonValue:
        text = choice_text(spec.transform, merged.cells.get(column, ""))
        return options[text] if text else None

    return read


def _constant(spec: FieldSpec, _: Context) -> Read:
    return lambda _merged, _noticed: spec.value


def _named(spec: FieldSpec, _: Context) -> Read:
    """The first column on one line, else the value and the second column."""

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        name, number = _texts(merged, spec.columns, noticed)
        return one_line(name) or f"{spec.value} {one_line(number)}".strip() or None

    return read


def _markdown(spec: FieldSpec, _: Context) -> Read:
    """The columns that are filled, each in its label's place; a line each."""

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        texts = _texts(merged, spec.columns, noticed)
        pairs = ((label, text) for label, text in zip(spec.labels, texts, strict=True) if text)
        # Beside other words a text is one line; by itself it keeps its own.
        lines = [text if label == "{}" else _labelled(label, one_line(text)) for label, text in pairs]
        return {"markdown": "\n".join(lines)} if lines else None

    return read


def _labelled(label: str, text: str) -> str:
    """Words after a label's place are a unit, which only a number has: `Duration: 30 min`, `Duration: half a day`."""
    before, _, unit = label.partition("{}")
    return f"{before}{text}{unit if text.replace('.', '', 1).isdecimal() else ''}"


def _currency(money: Money | None) -> JsonValue:
    return {"amountMicros": money.micros, "currencyCode": money.currency} if money else None


def _money(spec: FieldSpec, context: Context) -> Read:
    column = spec.columns[0]

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        return _currency(_noting(column, amount_of(merged.cells, column, context.currency), noticed))

    return read


def _signed_money(spec: FieldSpec, context: Context) -> Read:
    """An amount under the sign of its transaction's type, whatever sign the file gives it (kartra.md section 2.2)."""
    column, type_column = spec.columns

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        amount = _noting(column, amount_of(merged.cells, column, context.currency), noticed)
        kind = transaction_type(merged.cells.get(type_column))
        if amount is None or kind is None:
            return None
        return _currency(_noting(column, signed(amount, kind), noticed))

    return read


def _transaction_type(spec: FieldSpec, _: Context) -> Read:
    column = spec.columns[0]

    def read(merged: Merged, _: Noticed) -> JsonValue:
        kind = transaction_type(merged.cells.get(column))
        return kind.value if kind else None

    return read


def _booking_title(spec: FieldSpec, _: Context) -> Read:
    named = tuple(zip(("calendar_name", "class_name", "calendar_subscription_status"), spec.columns, strict=True))

    def read(merged: Merged, _: Noticed) -> JsonValue:
        said = {name: merged.cells[column] for name, column in named if column in merged.cells}
        return title({"calendar_subscription_id": merged.cells.get("calendar_subscription_id", ""), **said})

    return read


def _booking_time(spec: FieldSpec, context: Context) -> Read:
    """An event's time in its vendor's zone, or in the source's where that is none."""
    column, zone_column = spec.columns

    def read(merged: Merged, noticed: Noticed) -> JsonValue:
        written = merged.cells.get(zone_column)
        zone = zone_of(written) if written else None
        if written and zone is None:
            note = Note("time_zone_unknown", f"'{written}' is no time zone")
            _noting(zone_column, Parsed(None, (note,)), noticed)
        return _noting(column, date_time(merged.cells.get(column), zone or context.zone, context.slashes), noticed)

    return read


def _booking_status(spec: FieldSpec, context: Context) -> Read:
    status, *when = spec.columns
    time = _booking_time(FieldSpec(columns=tuple(when), transform="booking_time"), context)

    def read(merged: Merged, _: Noticed) -> JsonValue:
        said = {"calendar_subscription_status": merged.cells.get(status, "")}
        return task_status(said, time(merged, []) or "", context.moment)

    return read


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
        "text": _plain,
        "transaction_type": _transaction_type,
    }
)
"""Every transform by its name in mapping.toml."""
