"""E-mail addresses: the identity of a contact and, in Twenty, a unique field."""

import unicodedata
from functools import lru_cache

import email_validator
from email_validator import EmailNotValidError, validate_email

from adapters.mapping.text import present
from adapters.mapping.values import Refusal

JsonEmails = dict[str, str | list[str]]

# The library's own switch: addresses at .local or .test exist in companies, and Twenty takes them.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def plain_email(cell: str | None) -> str | None:
    """The address as `normalise_email` gives it where it can be used; whether it can is not looked at."""
    text = present(cell)
    return None if text is None else unicodedata.normalize("NFC", text).lower()


@lru_cache(maxsize=1 << 14)
def normalise_email(cell: str | None) -> str | Refusal:
    """The address trimmed and in lower case, as Twenty stores it, or why the row is held.

    Nothing is looked up in the DNS. Held are all forms Twenty was seen to refuse (blanks, two addresses, more than 254
    characters; FACTS section 5), and an address without a dot after the @, which Twenty takes but no mail reaches.
    Idempotent.
    """
    address = plain_email(cell)
    if address is None:
        return Refusal("email_missing", "the row has no e-mail address")
    try:
        validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        return Refusal("email_invalid", str(error))
    if "." not in address.rpartition("@")[2]:
        return Refusal("email_invalid", "The part after the @-sign has no period.")
    return address


def emails_field(address: str) -> JsonEmails:
    """Twenty's EMAILS composite, whole: an update that leaves a part out blanks it (FACTS section 7)."""
    return {"primaryEmail": address, "additionalEmails": []}
