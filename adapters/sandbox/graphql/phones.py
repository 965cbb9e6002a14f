"""Phone numbers as Twenty takes them apart (FACTS section 5).

A number is parsed with the country or calling code sent beside it; what is missing is inferred, what contradicts is
refused, extensions are dropped. Twenty uses libphonenumber's JavaScript port; `phonenumbers` is the same data.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec
import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneNumber

from adapters.sandbox.protocol import Refusal

REGIONS = frozenset(phonenumbers.SUPPORTED_REGIONS)


class Phone(msgspec.Struct, frozen=True):
    """One number, with what was sent or inferred; empty strings where neither is known."""

    number: str
    country: str
    calling: str


@lru_cache(maxsize=4096)
def normalised(number: str, country: str, calling: str) -> Phone:
    """A number as stored: national digits, country code, calling code with its plus.

    Raises Refusal with subCode INVALID_PHONE_NUMBER, INVALID_PHONE_COUNTRY_CODE, INVALID_PHONE_CALLING_CODE,
    CONFLICTING_PHONE_COUNTRY_CODE, CONFLICTING_PHONE_CALLING_CODE or CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE.
    """
    _check_codes(country, calling)
    if not number:
        return Phone(number, country, calling)
    parsed = _parsed(number, country, calling)
    region = phonenumbers.region_code_for_number(parsed) or ""
    if country and region and region != country:
        raise _refused("CONFLICTING_PHONE_COUNTRY_CODE", "Provided and inferred country code are conflicting")
    if calling and str(parsed.country_code) != calling.removeprefix("+"):
        raise _refused("CONFLICTING_PHONE_CALLING_CODE", "Provided and inferred calling code are conflicting")
    national = phonenumbers.national_significant_number(parsed)
    return Phone(national, country or region, calling or f"+{parsed.country_code}")


def additional(entry: Mapping[str, Any]) -> dict[str, str]:
    """One entry of additionalPhones; what stays unknown is left out."""
    given = (str(entry.get(key) or "") for key in ("number", "countryCode", "callingCode"))
    phone = normalised(*given)
    parts = {"number": phone.number, "callingCode": phone.calling, "countryCode": phone.country}
    return {key: value for key, value in parts.items() if value}


def _check_codes(country: str, calling: str) -> None:
    if country and country not in REGIONS:
        raise _refused("INVALID_PHONE_COUNTRY_CODE", f"Invalid country code {country}")
    if not calling:
        return
    regions = COUNTRY_CODE_TO_REGION_CODE.get(_digits(calling), ())
    if not regions:
        raise _refused("INVALID_PHONE_CALLING_CODE", f"Invalid calling code {calling}")
    if country and country not in regions:
        message = "Provided country code and calling code are conflicting"
        raise _refused("CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE", message)


def _parsed(number: str, country: str, calling: str) -> PhoneNumber:
    region = country or (phonenumbers.region_code_for_country_code(_digits(calling)) if calling else None)
    try:
        return phonenumbers.parse(number, region)
    except NumberParseException as error:
        raise _refused("INVALID_PHONE_NUMBER", f"Provided phone number is invalid {number}") from error


def _digits(calling: str) -> int:
    digits = calling.removeprefix("+")
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _refused(code: str, message: str) -> Refusal:
    return Refusal(message, sub_code=code, friendly=message)
