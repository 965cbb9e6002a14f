"""Which header stands for which column: the names Kartra's files have been seen or are expected to use.

Source: kartra.md section 1.2 (contacts), 2.1, 3.1, 4 and 5 (the kinds told apart by their headers). Headers are
compared after trimming, lower-casing and turning blanks, dashes and dots into underscores.
"""

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType

_SEPARATORS = re.compile(r"[\s\-.]+")

CONTACT_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "id": ("lead_id", "contact_id"),
        "email": ("lead_email", "email_address", "e_mail"),
        "first_name": ("first", "lead_first_name"),
        "middle_name": (),
        "last_name": ("last", "surname", "lead_last_name"),
        "last_name2": (),
        "phone_country_code": ("phone_country", "country_code", "lead_phone_country_code"),
        "phone": ("phone_number", "lead_phone_number", "mobile"),
        "company": ("company_name",),
        "address": ("street",),
        "city": (),
        "state": ("region",),
        "zip": ("postcode", "postal_code"),
        "country": (),
        "date_joined": ("date_created", "created", "joined", "date_added"),
        "ip": ("ip_address",),
        "ip_country": (),
        "website": ("url",),
        "facebook": (),
        "twitter": ("x",),
        "linkedin": (),
        "google_plus": (),
        "instagram": (),
        "sales_tax_id": ("vat", "tax_id"),
        "source": ("lead_source",),
        "score": ("points", "lead_score"),
        "lead_preferred_time_zone": ("timezone", "time_zone"),
        "blacklisted": ("blocked", "email_status", "status"),
        "gdpr_lead_status": ("gdpr_status", "gdpr"),
        "gdpr_lead_status_date": (),
        "gdpr_lead_status_ip": (),
        "gdpr_lead_communications": ("gdpr_communications",),
        "lists": ("lead_lists", "list", "subscribed_lists", "mailing_lists"),
        "tags": ("lead_tags", "tag", "assigned_tags"),
        "notes": ("note",),
        "referring_id": (),
        "lead_deleted": (),
        "lead_deleted_date": (),
    }
)
"""Canonical contact column to the other headers accepted for it."""

_CANONICAL = {alias: name for name, aliases in CONTACT_ALIASES.items() for alias in (name, *aliases)}

_SIGNATURES: tuple[tuple[str, AbstractSet[str]], ...] = (
    ("transactions", frozenset({"transaction_type", "buyer_email"})),
    ("subscriptions", frozenset({"recurrence_term", "status"})),
    ("bookings", frozenset({"event_date", "calendar_name"})),
    ("affiliates", frozenset({"affiliate", "earned"})),
)
_CONTACT_COLUMNS_TO_TELL = 3


def normalise(header: str) -> str:
    """`header` as it is compared: trimmed, lower case, blanks, dashes and dots as single underscores."""
    return _SEPARATORS.sub("_", header.replace("\x00", "").strip().lower()).strip("_")


def kind_of(header: Sequence[str]) -> str | None:
    """The kind of Kartra file a header belongs to, or None for a stranger.

    Contacts come last: their columns occur in every other kind too. E-mail and one more known column are enough, and
    so are three known columns without it, since an e-mail column may have been cut away.
    """
    names = {normalise(cell) for cell in header}
    for kind, signature in _SIGNATURES:
        if signature <= names:
            return kind
    known = {_CANONICAL[name] for name in names if name in _CANONICAL}
    needed = 2 if "email" in known else _CONTACT_COLUMNS_TO_TELL
    return "contacts" if len(known) >= needed else None


def name_columns(header: Sequence[str]) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """Name every position of a contacts header; return the names and which of them repeat another column.

    The first column of a canonical name takes it. Later ones keep their own header (numbered where that is taken
    too) and are listed in the second value, own name to canonical one, so that a row whose first cell is empty can
    still use them and none is lost.
    """
    names: list[str] = []
    repeats: dict[str, str] = {}
    for position, cell in enumerate(header, start=1):
        own = normalise(cell) or f"column_{position}"
        canonical = _CANONICAL.get(own, own)
        name = canonical if canonical not in names else _free(own, names)
        if name != canonical:
            repeats[name] = canonical
        names.append(name)
    return tuple(names), repeats


def _free(own: str, taken: Sequence[str]) -> str:
    candidates = (own, *(f"{own}_{number}" for number in range(2, len(taken) + 3)))
    # A numbered or plain alias must not pass for a canonical column, unless it is one's own repeated name.
    return next(name for name in candidates if name not in taken and name not in CONTACT_ALIASES)
