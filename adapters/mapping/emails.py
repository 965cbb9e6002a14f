"""E-mail addresses: the identity of a contact and, in Twenty, a unique field."""

import re
import unicodedata

import email_validator
from email_validator import EmailNotValidError, validate_email

from adapters.mapping.remembering import remembered
from adapters.mapping.text import present
from adapters.mapping.values import Refusal

JsonEmails = dict[str, str | list[str]]

# The library's own switch: addresses at .local or .test exist in companies, and Twenty takes them.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?P<domain>(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+[a-z]{2,})")
"""What nearly all addresses look like, and every one of them is valid."""
_LONGEST = 254
_LONGEST_LABEL = 63


def plain_email(cell: str | None) -> str | None:
    """The address as `normalise_email` gives it where it can be used; whether it can is not looked at."""
    text = present(cell)
    return None if text is None else (text if text.isascii() else unicodedata.normalize("NFC", text)).lower()


def normalise_email(cell: str | None) -> str | Refusal:
    """The address trimmed and in lower case, as Twenty stores it, or why the row is held.

    Nothing is looked up in the DNS. Held are all forms Twenty was seen to refuse (blanks, two addresses, more than 254
    characters; FACTS section 5), and an address without a dot after the @, which Twenty takes but no mail reaches.
    Idempotent.
    """
    address = plain_email(cell)
    if address is None:
        return Refusal("email_missing", "the row has no e-mail address")
    return _refusal(address) or address


def _refusal(address: str) -> Refusal | None:
    plain = _PLAIN.fullmatch(address) if len(address) <= _LONGEST else None
    # A domain that is no longer than one of its parts may be has no part that is too long.
    return None if plain and len(plain["domain"]) <= _LONGEST_LABEL else _judged(address)


@remembered
def _judged(address: str) -> Refusal | None:
    try:
        validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        return Refusal("email_invalid", str(error))
    if "." not in address.rpartition("@")[2]:
        return Refusal("email_invalid", "The part after the @-sign has no period.")
    return None


def emails_field(address: str) -> JsonEmails:
    """Twenty's EMAILS composite, whole: an update that leaves a part out blanks it (FACTS section 7)."""
    return {"primaryEmail": address, "additionalEmails": []}
