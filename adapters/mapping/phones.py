"""Phone numbers: national number, country and calling code that agree, which is all Twenty takes (FACTS section 5)."""

import re
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, ValidationResult

from adapters.mapping.countries import country
from adapters.mapping.numbering import is_given_out, region_of
from adapters.mapping.remembering import remembered
from adapters.mapping.text import present
from adapters.mapping.values import Note, Parsed

JsonPhones = dict[str, str | list[str]]

_NOT_DIGITS = re.compile(r"\D+", re.ASCII)
_NO_COUNTRY = "001"
_SHORTEST = 6  # digits; some countries' plans allow two, but those are services, not people


class _Parts(NamedTuple):
    number: str
    country: str
    calling_code: str


class _Possible(NamedTuple):
    """A number of the right length, the region that it shows itself to be of, and whether a network gives it out."""

    number: PhoneNumber
    region: str | None
    given_out: bool


def phone(number: str | None, dial_code: str | None = None, country_name: str | None = None) -> Parsed[JsonPhones]:
    """Twenty's PHONES composite, or nothing and a note where the number cannot be read.

    `dial_code` may be written `+46`, `46`, `0046` or as a country's name. A number that is international by itself (`+`
    or `00`) decides over both other cells. A number of the right length that no network has given out is taken with a
    note, in the country the other cells say: Twenty takes it too, and infers no other country for it.
    """
    text = present(number)
    if text is None:
        return Parsed(None)
    parts, notes = _read(text, present(dial_code), present(country_name))
    return Parsed(_stored(parts) if parts else None, notes)


def _stored(parts: _Parts) -> JsonPhones:
    return {
        "primaryPhoneNumber": parts.number,
        "primaryPhoneCountryCode": parts.country,
        "primaryPhoneCallingCode": parts.calling_code,
        "additionalPhones": [],
    }


# Several fields are made of one phone, and a contact comes with the same one in several files.
@remembered
def _read(text: str, dial_code: str | None, country_name: str | None) -> Parsed[_Parts]:
    named = _code_of(country_name)
    found = _international(text) or _national(text, dial_code, named)
    region = _region(found, named) if found else None
    if found is None or region is None:
        return Parsed(None, (Note("phone_unreadable", f"'{text}' is kept as written"),))
    number = phonenumbers.national_significant_number(found.number)
    return Parsed(_Parts(number, region, f"+{found.number.country_code}"), _notes(found))


def _notes(found: _Possible) -> tuple[Note, ...]:
    notes = []
    if found.number.extension:
        words = f"Twenty has no place for the extension {found.number.extension}"
        notes.append(Note("phone_extension_dropped", words))
    if not found.given_out:
        notes.append(Note("phone_unverified", f"no network is known to give out {found.number.national_number}"))
    return tuple(notes)


def _international(text: str) -> _Possible | None:
    if text.startswith("00"):
        text = f"+{text[2:]}"
    return _possible(text, None) if text.startswith("+") else None


def _national(text: str, dial_code: str | None, named: str | None) -> _Possible | None:
    """The number in the first region where it is a real one, else in the first where its length is right."""
    first: _Possible | None = None
    for region in _home_regions(dial_code or "", named):
        found = _possible(text, region)
        if found is not None and found.given_out:
            return found
        first = first or found
    return first


@remembered
def _home_regions(dial_code: str, named: str | None) -> tuple[str, ...]:
    """The regions a national number may be read in: the dial code's, then the named country."""
    digits = _NOT_DIGITS.sub("", dial_code).lstrip("0")
    dialled = _main_region(int(digits[:4]), named) if digits else _code_of(dial_code)
    return tuple(region for region in dict.fromkeys((dialled, named)) if region)


def _region(found: _Possible, named: str | None) -> str | None:
    """The country of a number; only a number that was really given out tells by itself."""
    region = found.region or _main_region(found.number.country_code or 0, named)
    return None if region == _NO_COUNTRY else region


def _main_region(calling_code: int, named: str | None) -> str | None:
    regions = phonenumbers.region_codes_for_country_code(calling_code)
    return named if named in regions else next(iter(regions), None)


def _code_of(country_name: str | None) -> str | None:
    named = country(country_name) if country_name else None
    return named.code if named else None


def _possible(text: str, region: str | None) -> _Possible | None:
    try:
        parsed = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(parsed) == ValidationResult.IS_POSSIBLE
    if not possible or len(str(parsed.national_number)) < _SHORTEST:
        return None
    own = region_of(parsed)
    return _Possible(parsed, own, is_given_out(parsed, own))
