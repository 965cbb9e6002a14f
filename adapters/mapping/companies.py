"""Companies by the names people type: one company for every spelling of a name, another for another legal form.

The key of a spelling is its name folded (case, accents, punctuation and blanks removed) and, after a blank, its legal
form in canonical spelling: `Acme, Inc.` and `ACME Incorporated` are `acme inc`. A bare name joins the only legal form
known for it; two forms of one name are two companies and are reported as look-alikes (DESIGN section 5).
"""

from collections.abc import Iterable, Mapping
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
_STREAM = "company:"


class CompanyKey(NamedTuple):
    """A folded name and a canonical legal form, empty where the spelling has none."""

    base: str
    form: str

    def __str__(self) -> str:
        return f"{self.base} {self.form}".strip()


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """A company as it will be written: stream, key and the first spelling seen."""

    stream: str
    key: str
    name: str


class LookAlike(msgspec.Struct, frozen=True, kw_only=True):
    """Companies that a person may want to look at: one name, several legal forms. Keys in order of first sight."""

    base: str
    keys: tuple[str, ...]


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """Which company every spelling (cleaned, on one line) belongs to, what that teaches, and what looks alike.

    `aliases` maps an alias the ledger has not got to its stream.
    """

    by_spelling: Mapping[str, Company]
    aliases: Mapping[str, str]
    look_alikes: tuple[LookAlike, ...]

    def of(self, spelling: str) -> Company | None:
        """The company of a spelling among those assigned; None for a cell that names none."""
        name = company_name(spelling)
        return self.by_spelling[name] if name else None

    @property
    def companies(self) -> tuple[Company, ...]:
        """Every company once, in order of first sight."""
        return tuple({company.stream: company for company in self.by_spelling.values()}.values())


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


def assign_companies(spellings: Iterable[str], known: Mapping[str, str] | None = None) -> Assignment:
    """Assign every spelling, in order of first sight, to a company.

    `known` maps the aliases the ledger has (`company:<key as spelled>`, streams included) to their streams; a
    spelling once assigned stays with its company, whatever forms turn up later.
    """
    names = (company_name(spelling) for spelling in spellings)
    keys = {name: company_key(name) for name in names if name}
    streams = _Streams(keys.values(), known or {})
    companies: dict[str, Company] = {}
    by_spelling: dict[str, Company] = {}
    for name, key in keys.items():
        stream = streams.of(key)
        made = Company(stream=stream, key=stream.removeprefix(_STREAM), name=name)
        by_spelling[name] = companies.setdefault(stream, made)
    return Assignment(by_spelling=by_spelling, aliases=streams.news(keys.values()), look_alikes=streams.look_alikes())


class _Streams:
    """The streams of every folded name: those of the ledger first, then those these spellings make."""

    def __init__(self, keys: Iterable[CompanyKey], known: Mapping[str, str]) -> None:
        self._known = known
        self._by_base: dict[str, dict[str, str]] = {}
        for alias, stream in known.items():
            self._form_streams(_parse(alias))[_parse(alias).form] = stream
        for key in sorted(dict.fromkeys(keys), key=lambda key: not key.form):
            self._settle(key)

    def of(self, key: CompanyKey) -> str:
        return self._form_streams(key)[key.form]

    def news(self, keys: Iterable[CompanyKey]) -> dict[str, str]:
        """Aliases the ledger has not got, for keys whose stream is named otherwise."""
        found = {f"{_STREAM}{key}": self.of(key) for key in keys}
        return {alias: stream for alias, stream in found.items() if alias != stream and alias not in self._known}

    def look_alikes(self) -> tuple[LookAlike, ...]:
        several = ((base, tuple(dict.fromkeys(forms.values()))) for base, forms in self._by_base.items())
        return tuple(
            LookAlike(base=base, keys=tuple(stream.removeprefix(_STREAM) for stream in streams))
            for base, streams in several
            if len(streams) > 1
        )

    def _settle(self, key: CompanyKey) -> None:
        """Forms are settled before bare names, so that a bare name sees every form there is."""
        forms = self._form_streams(key)
        if key.form in forms:
            return
        streams = set(forms.values())
        joins = len(streams) == 1 and (not key.form or set(forms) == {""})
        forms[key.form] = streams.pop() if joins else f"{_STREAM}{key}"

    def _form_streams(self, key: CompanyKey) -> dict[str, str]:
        return self._by_base.setdefault(key.base, {})


def _parse(alias: str) -> CompanyKey:
    base, _, form = alias.removeprefix(_STREAM).partition(" ")
    return CompanyKey(base, form)
