"""Companies by the names people type: one company for every spelling of a name, another for another legal form.

The key of a spelling is its name folded (case, accents, punctuation and blanks removed) and, after a blank, its legal
form in canonical spelling: `Acme, Inc.` and `ACME Incorporated` are `acme inc`. A bare name joins the only legal form
known for it; two forms of one name are two companies and are reported as look-alikes (DESIGN section 5). Which company
each spelling is of is settled in `assignment`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from adapters.mapping.remembering import remembered
from adapters.mapping.text import clean, letters, one_line, words

_FORMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "inc": ("incorporated",),
        "corp": ("corporation",),
        "co": ("company",),
        "llc": ("lc",),
        "llp": (),
        "lp": (),
        "pllc": (),
        "ltd": ("limited", "coltd"),
        "ptyltd": ("ptylimited", "propertylimited", "proprietarylimited"),
        "pvtltd": ("privatelimited", "pvtlimited"),
        "pteltd": ("ptelimited",),
        "plc": (),
        "gmbh": ("mbh", "gesmbh", "gesellschaftmitbeschrankterhaftung"),
        "gmbhcokg": ("gmbhundcokg",),
        "ag": ("aktiengesellschaft",),
        "kg": (),
        "ohg": (),
        "ug": ("ughaftungsbeschrankt",),
        "ev": (),
        "ab": ("aktiebolag",),
        "as": (),
        "asa": (),
        "aps": (),
        "oy": (),
        "oyj": (),
        "bv": (),
        "nv": (),
        "sa": ("societeanonyme", "sociedadanonima"),
        "sarl": (),
        "sas": (),
        "sl": (),
        "slu": (),
        "srl": (),
        "spa": (),
        "sro": (),
        "spzoo": (),
        "ltda": (),
        "kk": (),
    }
)
_CANONICAL = {spelled: form for form, also in _FORMS.items() for spelled in (form, *also)}
_LONGEST_FORM = 5
STREAM = "company:"
"""What a company's stream begins with."""


class CompanyKey(NamedTuple):
    """A folded name and a canonical legal form, empty where the spelling has none."""

    base: str
    form: str

    def __str__(self) -> str:
        return f"{self.base} {self.form}".strip()


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """A company as it will be written: its key, and the first spelling seen."""

    key: str
    name: str

    @property
    def stream(self) -> str:
        """Its stream, under its plain key."""
        return f"{STREAM}{self.key}"


@remembered
def company_key(spelling: str) -> CompanyKey:
    """Fold a spelling. A name of nothing but punctuation or a legal form is its own base."""
    parts = words(spelling.replace(".", "").replace("'", "").replace("’", ""))
    for length in range(min(_LONGEST_FORM, len(parts) - 1), 0, -1):
        form = _CANONICAL.get("".join(parts[-length:]))
        if form is not None:
            return CompanyKey("".join(parts[:-length]), form)
    return CompanyKey("".join(parts) or letters(spelling) or one_line(spelling).casefold(), "")


@remembered
def company_name(spelling: str) -> str | None:
    """The name as it is shown: one line, without damaged characters; None for an empty cell."""
    text = clean(spelling).value
    return one_line(text) if text else None
