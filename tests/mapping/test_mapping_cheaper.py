"""What is told more cheaply is told as the libraries tell it."""

import unicodedata
from datetime import UTC, datetime
from itertools import product
from zoneinfo import ZoneInfo

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from hypothesis import assume, example, given
from hypothesis import strategies as st

from adapters.mapping import gather, load_mapping, merge, vocabulary
from adapters.mapping.dates import date_time
from adapters.mapping.emails import normalise_email
from adapters.mapping.links import stored_url, url
from adapters.mapping.merge import laid_over
from adapters.mapping.numbering import is_given_out, region_of
from adapters.mapping.text import present
from adapters.mapping.types import SourceRow
from adapters.mapping.values import Refusal

at = datetime.fromisoformat
CALLING_CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
EXAMPLES = [
    number
    for region, kind in product(sorted(phonenumbers.SUPPORTED_REGIONS), phonenumbers.PhoneNumberType.values())
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]
_LABELS = st.from_regex(r"[a-z0-9-]{1,12}|xn--[a-z0-9]{1,8}|[a-z]{62,65}", fullmatch=True)
DOMAINS = st.lists(_LABELS, min_size=1, max_size=5).map(".".join)
LOCALS = st.from_regex(r"[a-zA-Z0-9._%+'-]{1,20}|[a-z.]{60,70}", fullmatch=True)


@st.composite
def numbers(draw: st.DrawFn) -> phonenumbers.PhoneNumber:
    """A number as parsing may give it: any that is given out, the same with a digit changed, or any digits."""
    if draw(st.booleans()):
        known = draw(st.sampled_from(EXAMPLES))
        digits = list(str(known.national_number))
        at = draw(st.integers(0, len(digits) - 1))
        digits[at] = draw(st.sampled_from([digits[at], *"0123456789"]))
        return phonenumbers.PhoneNumber(
            country_code=known.country_code,
            national_number=int("".join(digits)),
            italian_leading_zero=known.italian_leading_zero,
            number_of_leading_zeros=known.number_of_leading_zeros,
        )
    code = draw(st.sampled_from([0, 999, *CALLING_CODES]))
    return phonenumbers.PhoneNumber(country_code=code, national_number=draw(st.integers(1, 10**12)))


@given(numbers())
def test_numbers_are_given_out_as_phonenumbers_says(number: phonenumbers.PhoneNumber) -> None:
    """Region and validity of any number are the library's."""
    region = region_of(number)
    assert region == phonenumbers.region_code_for_number(number)
    assert is_given_out(number, region) == phonenumbers.is_valid_number(number)


def test_every_example_of_every_region_is_given_out_as_phonenumbers_says() -> None:
    """One number of each kind and region, those of no country too."""
    free = [phonenumbers.example_number_for_non_geo_entity(code) for code in CALLING_CODES]
    every = [*EXAMPLES, *(one for one in free if one is not None)]
    assert [region_of(one) for one in every] == [phonenumbers.region_code_for_number(one) for one in every]
    assert [is_given_out(one, region_of(one)) for one in every] == [phonenumbers.is_valid_number(one) for one in every]


def judged(cell: str) -> str | Refusal:
    """A cell that is not empty, by the validator alone."""
    address = unicodedata.normalize("NFC", cell.strip()).lower()
    try:
        validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        return Refusal("email_invalid", str(error))
    has_dot = "." in address.rpartition("@")[2]
    return address if has_dot else Refusal("email_invalid", "The part after the @-sign has no period.")


@given(st.tuples(LOCALS, DOMAINS).map("@".join) | st.emails() | st.text(max_size=40))
@example("ann@acme.example")
@example("a@" + "b." * 130 + "example")
@example("a" * 250 + "@acme.example")
@example("ann@acme.x")
@example("ann@-acme.example")
@example("ann@ac--me.example")
@example("ann@xn--.example")
@example("ann@acme.example.")
@example("ann@acme.e1")
def test_addresses_are_valid_as_the_validator_says(cell: str) -> None:
    """What looks like nearly all addresses is not asked about, and would be found valid; all else is."""
    assume(present(cell) is not None)
    assert normalise_email(cell) == judged(cell)


CONFIG = load_mapping()
CELLS = st.sampled_from(["", " ", "n/a", "N/A", "-", "0", "a;b", "a, b", " x ", "\x00", "N\ufffd/A", '["a"]', "A;A; "])
COLUMNS = st.sampled_from(["email", "id", "tags", "lists", "amount", "amount:USD", "amount:EUR", "notes", "own"])


@given(
    st.sampled_from(["contacts", "lead_details", "transactions"]),
    st.dictionaries(COLUMNS, CELLS | st.text(max_size=5)),
    st.integers(0, 1),
    st.booleans(),
)
def test_one_row_is_merged_as_many_are(kind: str, cells: dict[str, str], wave: int, complete: bool) -> None:
    """A row that is alone says what it says when it goes the way of many."""
    columns = frozenset(cells) if wave else frozenset()
    row = SourceRow(kind=kind, file="a.csv", line=2, cells=cells, wave=wave, complete=complete, columns=columns)
    words = vocabulary(gather([row], CONFIG), CONFIG)
    assert merge([row], words) == laid_over([row], words)


SCHEMES = st.sampled_from(["", "http://", "https://", "HTTPS://", "ftp://"])
HOSTS = st.sampled_from(["acme.example", "x.com", "a..b", "ACME.example", "1.2.3.4", "-a.example", "acme", "ü.example"])
RESTS = st.sampled_from(["", "/", "//", "/a b", "/a#b", "/~é", "?q=1", "#x", ":80/", "/a\x00", "/\ufffd", "/a/"])


@given(st.tuples(SCHEMES, HOSTS, RESTS).map("".join) | st.text(max_size=20), st.sampled_from(["", "X", "LinkedIn"]))
def test_plain_links_are_stored_as_all_are(cell: str, network: str) -> None:
    """A link that looks like most is read as any other."""
    text = present(cell)
    assume(text is not None)
    assert url(cell, network) == stored_url(text, network)


ZONES = st.sampled_from(["America/New_York", "America/St_Johns", "Europe/Stockholm", "Africa/Monrovia", "Asia/Kolkata"])


@given(st.datetimes(at("1900-01-01"), at("2199-12-31 23:59:59")), ZONES)
@example(at("2026-03-08 02:30:00"), "America/New_York")
@example(at("2026-11-01 01:30:00"), "America/New_York")
@example(at("1972-01-07 00:20:00"), "Africa/Monrovia")
@example(at("1900-01-01"), "Asia/Kolkata")
def test_moments_are_those_of_the_zone(naive: datetime, name: str) -> None:
    """A moment is what the zone makes of it, the first where it came twice, and after the gap where it never came."""
    zone = ZoneInfo(name)
    written = f"{naive:%Y-%m-%d %H:%M:%S}"
    moment = datetime.fromisoformat(written).replace(tzinfo=zone).astimezone(UTC)
    stored, notes = date_time(written, zone)
    assert stored == moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    back = moment.astimezone(zone)
    jumped = back.replace(tzinfo=None) != datetime.fromisoformat(written)
    twice = back.replace(fold=0).utcoffset() != back.replace(fold=1).utcoffset() and not jumped
    assert [note.code for note in notes] == ["time_skipped"] * jumped + ["time_repeated"] * twice
    assert date_time(written.replace(" ", "T"), zone) == (stored, notes)
