"""Which phone numbers networks give out, and where: what phonenumbers says, by its own tables, asked more cheaply.

phonenumbers tells what kind of number it is, and so tries every special kind first, and looks up a pattern each time.
Here it only matters whether a number is of any kind; people's are tried first.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberDesc

_KINDS = (
    "mobile",
    "fixed_line",
    "toll_free",
    "voip",
    "shared_cost",
    "premium_rate",
    "personal_number",
    "uan",
    "pager",
    "voicemail",
)
_NO_COUNTRY = phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY


class _Kind(NamedTuple):
    """How many digits a number of a kind may have (any, where none are named), and its pattern."""

    lengths: frozenset[int]
    fits: Callable[[str], object]

    def has(self, number: str) -> bool:
        """Whether a national number is of this kind."""
        return (not self.lengths or len(number) in self.lengths) and self.fits(number) is not None


class _Region(NamedTuple):
    """What numbers there are in a region: `general` holds of all of them, and one of `kinds` of each."""

    calling_code: int
    leading: re.Pattern[str] | None
    general: _Kind | None
    kinds: tuple[_Kind, ...]

    def gives_out(self, number: str) -> bool:
        """Whether a national number is one of this region's."""
        return self.general is not None and self.general.has(number) and any(kind.has(number) for kind in self.kinds)


def region_of(number: PhoneNumber) -> str | None:
    """The region of a number, as `phonenumbers.region_code_for_number` has it."""
    regions = _regions_of(number.country_code or 0)
    if len(regions) == 1:
        return regions[0]
    national = phonenumbers.national_significant_number(number)
    return next((name for name in regions if _is_of(national, _region(name, 0))), None)


def is_given_out(number: PhoneNumber, region: str | None) -> bool:
    """Whether a number of that region (`region_of`) is valid, as `phonenumbers.is_valid_number` has it."""
    code = number.country_code or 0
    known = _region(region, code if region == _NO_COUNTRY else 0) if region else None
    if known is None or (region != _NO_COUNTRY and known.calling_code != code):
        return False
    return known.gives_out(phonenumbers.national_significant_number(number))


def _is_of(national: str, region: _Region | None) -> bool:
    if region is None:
        return False
    return region.leading.match(national) is not None if region.leading else region.gives_out(national)


@cache
def _regions_of(calling_code: int) -> Sequence[str]:
    return tuple(phonenumbers.region_codes_for_country_code(calling_code))


@cache
def _region(name: str, calling_code: int) -> _Region | None:
    """The numbers of a region; of a calling code, where they are of no region."""
    found = PhoneMetadata.metadata_for_region_or_calling_code(calling_code, name)
    if found is None:
        return None
    # Where mobile numbers look like fixed ones they are not told apart.
    names = [name for name in _KINDS if name != "mobile" or not found.same_mobile_and_fixed_line_pattern]
    kinds = (_kind(getattr(found, name)) for name in names)
    leading = re.compile(found.leading_digits) if found.leading_digits is not None else None
    general = _kind(found.general_desc)
    return _Region(found.country_code or 0, leading, general, tuple(kind for kind in kinds if kind is not None))


def _kind(told: PhoneNumberDesc | None) -> _Kind | None:
    if told is None or not told.national_number_pattern:
        return None
    return _Kind(frozenset(told.possible_length), re.compile(told.national_number_pattern).fullmatch)
