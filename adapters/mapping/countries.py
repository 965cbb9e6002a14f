"""Countries by the names people type: ISO code, English name, names in other languages.

`countries.tsv` holds, a line a region: code, English name, other names; drawn from the locale data of the phonenumbers
package (loading that package's own table costs three seconds, since it brings every area code along).
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from adapters.mapping.remembering import remembered
from adapters.mapping.text import letters

_ALSO = {
    "CD": ("DR Congo", "Democratic Republic of the Congo"),
    "CG": ("Republic of the Congo",),
    "CI": ("Ivory Coast",),
    "CZ": ("Czechia",),
    "GB": ("UK", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "KR": ("Republic of Korea", "Korea, Republic of"),
    "MK": ("North Macedonia",),
    "NL": ("Holland", "The Netherlands"),
    "RU": ("Russian Federation",),
    "TR": ("Türkiye",),
    "TW": ("Taiwan, Province of China",),
    "US": ("USA", "U.S.A.", "U.S.", "United States of America", "America"),
    "VN": ("Viet Nam",),
}


class Country(NamedTuple):
    """An ISO 3166 alpha-2 code and the English name."""

    code: str
    name: str


@remembered
def country(text: str) -> Country | None:
    """The country `text` names by code or in one of many languages, or None."""
    return _names().get(letters(text))


@cache
def _names() -> Mapping[str, Country]:
    table: dict[str, Country] = {}
    rows = [line.split("\t") for line in _data().splitlines()]
    for code, english, *_ in rows:
        known = Country(code, english)
        for name in (code, english, *_ALSO.get(code, ())):
            table.setdefault(letters(name), known)
    for code, english, *others in rows:
        for name in others:
            # A name two languages give to two countries belongs to the one that was listed first.
            table.setdefault(letters(name), Country(code, english))
    return MappingProxyType(table)


def _data() -> str:
    return files("adapters.mapping").joinpath("countries.tsv").read_text("utf-8")
