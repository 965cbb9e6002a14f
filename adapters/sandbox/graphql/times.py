"""Dates and times as Twenty takes them (FACTS section 5): ISO with zone or without, date only, or US month/day/year."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:[T ](?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.(?P<fraction>\d{1,9}))?)?"
    r"\s?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_US = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def stored_time(value: Any) -> str | None:
    """A time as stored (UTC, six digits of a second), or None where the value is none; no zone means UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = _moment(value)
    except (ValueError, OverflowError):
        return None
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%S.%f").rjust(26, "0") + "Z"


def filter_time(value: Any) -> str | None:
    """A time of a filter as stored; more than three digits of a second are refused (GRAPHQL section 0)."""
    match = _ISO.fullmatch(value) if isinstance(value, str) else None
    if match and len(match["fraction"] or "") > 3:
        return None
    return stored_time(value)


def stored_date(value: Any) -> str | None:
    """A date as YYYY-MM-DD; a time of day is cut off. None where the value is no date."""
    if not isinstance(value, str):
        return None
    match = _ISO.fullmatch(value)
    if match is None:
        moment = stored_time(value)
        return moment and moment[:10]
    try:
        return date.fromisoformat(match["date"]).isoformat()
    except ValueError:
        return None


def _moment(value: str) -> datetime | None:
    if us := _US.fullmatch(value):
        return datetime(int(us[3]), int(us[1]), int(us[2]), tzinfo=UTC)
    match = _ISO.fullmatch(value)
    if match is None:
        return None
    day = date.fromisoformat(match["date"])
    micros = int((match["fraction"] or "0")[:6].ljust(6, "0"))
    clock = (int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0))
    return datetime(day.year, day.month, day.day, *clock, micros, tzinfo=UTC) - _offset(match["zone"] or "Z")


def _offset(zone: str) -> timedelta:
    if zone == "Z":
        return timedelta()
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
