"""Dates, phones and links: values made of parts, in the form Twenty stores."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mapping.dates import SlashDates, date_time
from adapters.mapping.links import linkedin_link, links_field, url
from adapters.mapping.phones import phone

NEW_YORK = ZoneInfo("America/New_York")
FIRST, LAST = datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2100-01-01")


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("2026-01-03 09:15:42", "2026-01-03T14:15:42.000Z"),
        ("2026-07-03 09:15", "2026-07-03T13:15:00.000Z"),
        ("2026-03-03", "2026-03-03T05:00:00.000Z"),
        ("03 Mar 2026", "2026-03-03T05:00:00.000Z"),
        ("3 March 2026 15:00", "2026-03-03T20:00:00.000Z"),
        ("14/03/2022 02:30", "2022-03-14T06:30:00.000Z"),
        ("03/14/2022", "2022-03-14T04:00:00.000Z"),
        ("05/05/2022", "2022-05-05T04:00:00.000Z"),
        ("2026-03-03T09:15:42.123456Z", "2026-03-03T09:15:42.000Z"),
    ],
)
def test_declared_shapes_are_read(cell: str, stored: str) -> None:
    """Each shape of kartra.md is read in the declared zone, a date alone as its midnight."""
    assert date_time(cell, NEW_YORK) == (stored, ())


@pytest.mark.parametrize(
    ("cell", "stored", "code"),
    [
        ("2021-03-14 02:30:00", "2021-03-14T07:30:00.000Z", "time_skipped"),
        ("2022-11-06 01:15:00", "2022-11-06T05:15:00.000Z", "time_repeated"),
        ("2026-02-30", None, "date_impossible"),
        ("31 Feb 2025", None, "date_impossible"),
        ("03 Xyz 2025", None, "date_impossible"),
        ("2026-01-01 25:00", None, "date_impossible"),
        ("0202-01-01", None, "date_impossible"),
        ("9999-12-31 23:59:59", None, "date_impossible"),
        ("03/04/1988", None, "date_ambiguous"),
        ("31/31/2020", None, "date_impossible"),
        ("last spring", None, "date_unreadable"),
        ("20260303", None, "date_unreadable"),
        ("2026-03-03 09:15:42 EST", None, "date_unreadable"),
    ],
)
def test_odd_dates_leave_a_note(cell: str, stored: str | None, code: str) -> None:
    """A skipped time moves forward, a repeated one is the first, what is no date gives nothing; each has a note."""
    value, (note,) = date_time(cell, NEW_YORK)
    assert (value, note.code) == (stored, code)


@pytest.mark.parametrize(
    ("order", "stored"), [("day-first", "1988-04-03T05:00:00.000Z"), ("month-first", "1988-03-04T05:00:00.000Z")]
)
def test_a_declared_order_settles_slashes(order: SlashDates, stored: str) -> None:
    """The mapping can say whether day or month comes first."""
    value, notes = date_time("03/04/1988", NEW_YORK, order)
    # 3 April 1988 was a Sunday of clocks going forward at 2: midnight exists, and is still winter time.
    assert (value, notes) == (stored, ())


@given(
    st.datetimes(FIRST, LAST),
    st.sampled_from(["America/New_York", "Asia/Kolkata", "UTC"]),
)
def test_times_survive_their_zone(moment: datetime, zone_name: str) -> None:
    """A time that exists is the same wall-clock time when the stored moment is seen from the declared zone."""
    zone = ZoneInfo(zone_name)
    value, notes = date_time(f"{moment:%Y-%m-%d %H:%M:%S}", zone)
    assert value is not None
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", value)
    seen = datetime.fromisoformat(value).astimezone(zone).replace(tzinfo=None)
    assert seen == moment.replace(microsecond=0) or [note.code for note in notes] == ["time_skipped"]
    assert date_time(value, zone).value == value


SWEDISH = {
    "primaryPhoneNumber": "701740605",
    "primaryPhoneCountryCode": "SE",
    "primaryPhoneCallingCode": "+46",
    "additionalPhones": [],
}


@pytest.mark.parametrize(
    "cells",
    [
        ("070-174 06 05", "+46", None),
        ("070-174 06 05", "46", ""),
        ("070-174 06 05", "0046", "Norway"),
        ("070-174 06 05", "Sweden", None),
        ("070-174 06 05", None, "Schweden"),
        ("070-174 06 05", "+1", "SE"),
        ("+46 70 174 06 05", None, None),
        ("0046701740605", "N/A", "-"),
        ("+46701740605", "+1", "United States"),
        ("46701740605", "+46", None),
    ],
)
def test_one_phone_many_spellings(cells: tuple[str | None, ...]) -> None:
    """Dial code with or without plus or as a country's name, `00`, a country: one number, and all parts agree."""
    assert phone(*cells) == (SWEDISH, ())


def test_the_number_tells_its_country() -> None:
    """Where a calling code has several countries the number itself decides."""
    value = phone("416 555 0123", "+1", "United States").value
    assert value is not None
    assert (value["primaryPhoneCountryCode"], value["primaryPhoneNumber"]) == ("CA", "4165550123")


def test_a_number_nobody_gave_out_is_taken_with_a_note() -> None:
    """A number of the right length in no known range goes where the other cells say."""
    value, (note,) = phone("07700 900123", "44", "Jersey")
    assert value is not None
    assert (value["primaryPhoneCountryCode"], note.code) == ("JE", "phone_unverified")


def test_an_extension_leaves_a_note() -> None:
    """Twenty drops an extension silently; here it is said."""
    value, (note,) = phone("(202) 555-0143 ext. 9", "1")
    assert value is not None
    assert (value["primaryPhoneNumber"], note.code) == ("2025550143", "phone_extension_dropped")


@pytest.mark.parametrize(
    "cells",
    [
        ("call me",),
        ("5550199", None, "España"),
        ("5550199",),
        ("12", "+49"),
        ("+999 12 34",),
        ("+800 1234 5678",),
        ("=1+1", "+1"),
    ],
)
def test_what_is_no_phone_is_not_made_one(cells: tuple[str | None, ...]) -> None:
    """Words, local numbers without area code and numbers of no country give nothing, and a note."""
    value, (note,) = phone(*cells)
    assert (value, note.code) == (None, "phone_unreadable")


@given(
    st.text(st.sampled_from("0123456789+-() x"), max_size=18),
    st.none() | st.sampled_from(["+1", "44", "0046", "Spain"]),
    st.none() | st.sampled_from(["United States", "GB", "Sverige", "Atlantis"]),
)
def test_parts_of_a_phone_always_agree(number: str, dial: str | None, country: str | None) -> None:
    """Whatever comes in, what goes out is a number whose country has the calling code, and it reads back as itself."""
    value = phone(number, dial, country).value
    if value is None:
        return
    region, calling = str(value["primaryPhoneCountryCode"]), str(value["primaryPhoneCallingCode"])
    assert region in phonenumbers.region_codes_for_country_code(int(calling))
    again = phone(f"{calling}{value['primaryPhoneNumber']}", None, region).value
    assert again is not None
    assert again["primaryPhoneCallingCode"] == calling


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("example.com/Zoe", "https://example.com/Zoe"),
        ("HTTP://Www.Example.COM:80/A/", "http://www.example.com/A"),
        ("https://example.com:8443/?q=1,2", "https://example.com:8443/?q=1,2"),
        ("https://example.com//", "https://example.com"),
        ("bücher.example", "https://xn--bcher-kva.example"),
        ("http://203.0.113.7/x#y", "http://203.0.113.7/x#y"),
    ],
)
def test_links_are_stored_as_twenty_would(cell: str, stored: str) -> None:
    """Scheme and host are lower case, the default port and trailing slashes are gone, a missing scheme is https."""
    assert url(cell) == (stored, ())


@pytest.mark.parametrize(
    "cell",
    [
        "not a url",
        "@jane",
        "mailto:a@example.com",
        "javascript:alert(1)",
        "https://a:b@example.com",
        "http://localhost",
        "https://example.com#top",
        "ftp://example.com",
        "https://exa mple.com",
        "http://999.1.1.1",
        "example.com\\x",
        "a" * 70 + ".com",
        "https://example.com/\x00",
    ],
)
def test_what_twenty_might_refuse_stays_out(cell: str) -> None:
    """A refused link takes its whole batch along without being named, so only certain ones are sent."""
    value, (note,) = url(cell)
    assert (value, note.code) == (None, "link_invalid")


def test_a_handle_is_no_host() -> None:
    """In a network's column a value without scheme must lie on that network."""
    assert url("jane.doe", "Facebook").value is None
    assert url("facebook.com/jane", "Facebook").value == "https://facebook.com/jane"
    assert url("https://m.jane.example/fb", "Facebook").value == "https://m.jane.example/fb"
    assert linkedin_link("www.linkedin.com/in/jane").value == {
        "primaryLinkLabel": "",
        "primaryLinkUrl": "https://www.linkedin.com/in/jane",
        "secondaryLinks": [],
    }


def test_the_first_valid_link_is_the_primary_one() -> None:
    """Twenty would promote the first link itself; the others follow with their labels."""
    assert links_field([(None, ""), ("https://fb.com/x", "Facebook"), ("https://x.com/y", "X")]) == {
        "primaryLinkLabel": "Facebook",
        "primaryLinkUrl": "https://fb.com/x",
        "secondaryLinks": [{"url": "https://x.com/y", "label": "X"}],
    }
    assert links_field([(None, "X")]) is None


TWENTYS_CHECK = re.compile(
    r"^(https?://)?((([a-zA-Z0-9-]+\.)+[a-zA-Z]{2,})|(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})|(localhost))"
    r"(:\d+)?(/[^\s]*)?(\?[^\s]*)?$"
)


@given(
    st.text(st.sampled_from("abz.-:/?#@1% ÄHTPS"), max_size=24)
    | st.text(max_size=12).map("https://example.com/{}".format)
)
def test_every_link_passes_twentys_check(cell: str) -> None:
    """Every link that comes out has a shape Twenty takes, and normalises to itself."""
    value = url(cell).value
    if value is not None:
        assert TWENTYS_CHECK.match(value)
        assert url(value) == (value, ())
