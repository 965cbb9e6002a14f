"""The recorded exchanges with a real Twenty 2.21.0, read as they are from `recordings/*.json`.

Long lists in a recording are shortened; its `note` then says, for each such list, where it stood and how long it was:
`variables.d: list of 200 shortened to 2; response.data.createPeople: list of 200 shortened to 2`.
"""

import functools
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tests.conformance.binding import NAME

FOLDER = Path(__file__).parent / "recordings"
_SHORTENED = re.compile(r"((?:variables|response)[\w.\[\]]*): list of (\d+) shortened to (\d+)")


class Cut(msgspec.Struct, frozen=True):
    """One shortened list: how long it was, and how many of its elements are shown."""

    full: int
    shown: int


class Exchange(msgspec.Struct, frozen=True):
    """One call and its answer.

    `shortened` maps the path of a shortened list, as the note writes it, to the lengths it really had and was cut to
    (several when the path runs through a list).
    """

    file: str
    index: int
    name: str
    request: Mapping[str, Any]
    status: int | None
    body: Any
    shortened: Mapping[str, tuple[Cut, ...]]

    @property
    def id(self) -> str:
        """A readable, unique name: file, number in the file, what the recording calls it."""
        return f"{self.file}-{self.index:02d}-{re.sub(r'[^A-Za-z0-9]+', '_', self.name)[:60].strip('_')}"


class _Answer(msgspec.Struct):
    status: int | None = None
    json: Any = None


class _Entry(msgspec.Struct):
    name: str
    request: dict[str, Any] | None = None
    response: _Answer | None = None
    note: str = ""


def files() -> list[str]:
    """Names of the recorded files, without their suffix."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


@functools.cache
def exchanges(file: str) -> tuple[Exchange, ...]:
    """Every exchange of one file, in the recorded order. Entries that hold no call (summaries) are left out."""
    entries = msgspec.json.decode((FOLDER / f"{file}.json").read_bytes(), type=list[_Entry])
    return tuple(_exchange(file, index, entry) for index, entry in enumerate(entries) if _is_call(entry))


@functools.cache
def names(file: str) -> frozenset[str]:
    """Every id and generated name that stands anywhere in one file, in lower case."""
    text = (FOLDER / f"{file}.json").read_text("utf-8")
    return frozenset(name.lower() for name in NAME.findall(text))


def _is_call(entry: _Entry) -> bool:
    """Summaries have no request; a stopped server and a pace measurement have nothing to compare."""
    if entry.request is None or entry.response is None:
        return False
    return ("query" in entry.request or "body" in entry.request or "method" in entry.request) and not (
        entry.response.status == 200 and entry.response.json is None
    )


def _exchange(file: str, index: int, entry: _Entry) -> Exchange:
    assert entry.request is not None
    assert entry.response is not None
    return Exchange(
        file=file,
        index=index,
        name=entry.name,
        request=entry.request,
        status=entry.response.status,
        body=_decoded(entry.response.json),
        shortened=_shortened(entry.note),
    )


def _decoded(body: Any) -> Any:
    """Some answers were recorded as the text they came as."""
    return msgspec.json.decode(body) if isinstance(body, str) and body.startswith("{") else body


def _shortened(note: str) -> dict[str, tuple[Cut, ...]]:
    cuts: dict[str, list[Cut]] = defaultdict(list)
    for path, full, shown in _SHORTENED.findall(note):
        cuts[path].append(Cut(int(full), int(shown)))
    return {path: tuple(found) for path, found in cuts.items()}
