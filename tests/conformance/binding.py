"""Which value of the sandbox stands for which recorded value.

Ids the server chose, names it generated (`FK_…`, `IDX_…`) and times it set differ from run to run. The first time a
recorded one meets a value of the sandbox the two are bound; from then on each stands for the other, in answers and in
later requests. Ids and names are bound one to one; several recorded times may fall on one of ours.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

NAME = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|\b(?:FK|IDX)_[0-9a-f]{27}\b"
)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

_RECORDED_AT = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
_FIRST, _LAST = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Bindings:
    """The bindings of one replay.

    `started` is the sandbox's clock at its beginning, `known` the ids and names its recording speaks of.
    """

    def __init__(self, started: datetime, known: Iterable[str]) -> None:
        self._known = frozenset(known)
        self._shift = started - _RECORDED_AT
        self._ours: dict[str, str] = {}
        self._recorded: dict[str, str] = {}

    def bind(self, recorded: str, ours: str) -> bool:
        """Bind the two, or say whether they are bound to each other already."""
        if is_server_time(recorded):
            return self._ours.setdefault(recorded, ours) == ours
        if not self.may_bind(recorded, ours):
            return False
        self._ours[recorded] = ours
        self._recorded[ours] = recorded
        return True

    def may_bind(self, recorded: str, ours: str) -> bool:
        """Whether the two are bound to each other or both free."""
        return self._ours.get(recorded) == ours if recorded in self._ours else ours not in self._recorded

    def chosen_by_server(self, recorded: str) -> str | None:
        """The sandbox's own id for a recorded one that is bound to another than itself."""
        ours = self._ours.get(recorded)
        return ours if ours != recorded else None

    def keep(self, value: Any) -> None:
        """Bind every recorded id and time found in `value` to itself: the sandbox was told them."""
        for text in _texts(value):
            for name in self._known.intersection(NAME.findall(text)):
                self.bind(name, name)
            for time in TIME.findall(text):
                self._ours.setdefault(time, time)

    def request(self, value: Any) -> Any:
        """A recorded request as the sandbox must be sent it; ids not met before are kept, and bound to themselves."""
        if isinstance(value, dict):
            return {key: self.request(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.request(part) for part in value]
        return self._request_text(value) if isinstance(value, str) else value

    def _request_text(self, text: str) -> str:
        text = NAME.sub(lambda found: self._request_name(found[0]), text)
        return TIME.sub(lambda found: self._request_time(found[0]), text)

    def _request_name(self, recorded: str) -> str:
        plain = recorded.lower()
        if plain not in self._ours and plain in self._known:
            self.bind(plain, plain)
        ours = self._ours.get(plain, plain)
        return ours if ours != plain else recorded

    def _request_time(self, recorded: str) -> str:
        if recorded in self._ours:
            return self._ours[recorded]
        if not is_server_time(recorded):
            return recorded
        before = self._ours.get(_written(_read(recorded) - _MILLISECOND))
        moved = _read(before) + _MILLISECOND if before else _read(recorded) + self._shift
        return _written(moved)


def is_server_time(text: str) -> bool:
    """Whether a text is a time of the recording's day or near it, so chosen by the server or relative to its clock."""
    return TIME.fullmatch(text) is not None and _FIRST <= _read(text) <= _LAST


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _written(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []
