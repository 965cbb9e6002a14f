"""Rows that are known again by their hash: every event is as if each had been looked at."""

import csv
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.kartra import scan
from commands.comparing import recognising
from commands.comparing.compare import compare
from commands.comparing.selecting import kind_of
from commands.extract import extract, files_seen
from commands.reporting import Reporter
from ledger.events import IdentityErased, RunCompleted, RunStarted
from ledger.reader import Reader
from ledger.store import Ledger

_CLOCK = 0x69A4EF5C
_CONTACTS = ("id", "email", "first_name", "tags", "score")
_SALES = ("id", "lead_id", "buyer_email", "transaction_type", "date", "amount")

_contact = st.tuples(
    st.sampled_from(["", "1", "2", "3", "4", "02", "0", "x"]),
    st.sampled_from(["a@x.com", "b@x.com", "c@x.com", "A@x.com ", "é@x.com", "", "n/a", "bad@"]),
    st.sampled_from(["", "Ann", "Bob", 'quo"ted,\nname', "ann"]),
    st.sampled_from(["", "VIP", "VIP;Old", "Old, VIP"]),
    st.sampled_from(["", "1"]),
)
_sale = st.tuples(
    st.sampled_from(["", "10", "11", " 10"]),
    st.sampled_from(["", "1"]),
    st.sampled_from(["", "a@x.com"]),
    st.sampled_from(["Sale", "Failed"]),
    st.just("2024-01-01"),
    st.sampled_from(["5", "6"]),
)
_ragged = st.tuples(st.sampled_from(["1", "2"]), st.just("a@x.com"))
_without_score = st.booleans()
_file = st.tuples(
    st.lists(st.one_of(_contact, _contact, _contact, _contact, _ragged), max_size=6), st.lists(_sale, max_size=3)
)
_wave = st.lists(_file, min_size=1, max_size=2)
"""Some files of contacts and of sales."""
Waves = Sequence[Sequence[tuple[Sequence[tuple[str, ...]], Sequence[tuple[str, ...]]]]]
_ANN, _BOB = ("1", "a@x.com", "Ann", "VIP", "1"), ("2", "b@x.com", "Bob", "VIP;Old", "")

_ANN_MOVED, _BOB_WITH_HERS = ("1", "c@x.com", *_ANN[2:]), ("2", "a@x.com", *_BOB[2:])


_patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
_history = given(
    waves=st.lists(_wave, min_size=2, max_size=3),
    complete=st.sampled_from([frozenset(), frozenset({"contacts"}), frozenset({"contacts", "transactions"})]),
    again=st.booleans(),
    erased=st.sampled_from([None, None, None, "contact:1"]),
)


@settings(_patient, max_examples=10)
@_history
@example(waves=[[([_ANN, _BOB], [])], [([_ANN, _BOB], [])]], complete=frozenset({"contacts"}), again=False, erased=None)
@example(
    waves=[[([("1", *_ANN[1:]), ("1", "", *_ANN[2:])], [])], [([("1", "", *_ANN[2:])], [])]],
    complete=frozenset(), again=False, erased=None,
)  # fmt: skip
@example(
    waves=[[([_ANN, _BOB], [])], [([_ANN_MOVED, _BOB_WITH_HERS], [])], [([_ANN, _BOB], [])]],
    complete=frozenset(), again=False, erased=None,
)  # fmt: skip
def test_every_event_is_as_if_every_row_were_looked_at(
    waves: Waves, complete: frozenset[str], again: bool, erased: str | None
) -> None:
    """Whatever the exports hold, what is known again changes no event, no body and no count."""
    _all_alike(waves, complete, again, erased)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(_patient, max_examples=500)
@_history
def test_hundreds_of_deltas_are_as_if_every_row_were_looked_at(
    waves: Waves, complete: frozenset[str], again: bool, erased: str | None
) -> None:
    """The same for many more."""
    _all_alike(waves, complete, again, erased)


def _all_alike(waves: Waves, complete: frozenset[str], again: bool, erased: str | None) -> None:
    if again:
        # Most rows of a later export say what the first one said.
        waves = [waves[0], *([*map(_joined, waves[0], wave)] for wave in waves[1:])]
    anyio.run(_compared, waves, complete, erased)


def _joined(first: Any, later: Any) -> Any:
    return first[0] + later[0], first[1] + later[1]


async def _compared(waves: Waves, complete: frozenset[str], erased: str | None) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        folders = [_written(folder / f"wave-{age}", age, wave) for age, wave in enumerate(waves)]
        fast, plain = folder / "fast.db", folder / "plain.db"
        await _load(fast, folders[0], erased)
        shutil.copy(fast, plain)
        for later in folders[1:]:
            found = await _delta(fast, later, complete)
            with pytest.MonkeyPatch.context() as patched:
                patched.setattr(recognising._Sifting, "learn", _nothing)
                expected = await _delta(plain, later, complete)
            assert found == expected


async def _nothing(self: object, *, whole: bool) -> None:
    """Nothing is known."""


def _written(folder: Path, age: int, wave: Any) -> Path:
    folder.mkdir()
    for number, (contacts, sales) in enumerate(wave):
        clock = f"{_CLOCK + age * 86_400 + number:08x}4f5f6"
        _file_of(folder / f"contacts_{clock}.csv", _CONTACTS, contacts)
        _file_of(folder / f"transactions_{clock}.csv", _SALES, sales)
    return folder


def _file_of(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


async def _load(path: Path, folder: Path, erased: str | None) -> None:
    found = scan(folder)
    async with Ledger.open(path, command="load") as ledger:
        await ledger.append([RunStarted(command="load", files=files_seen(found))])
        await extract(ledger, found.exports, Reporter())
        await ledger.append([RunCompleted(counts={}, undone=0)])
        if erased:
            await ledger.append([IdentityErased(alias=erased)])


async def _delta(path: Path, folder: Path, complete: frozenset[str]) -> Any:
    """What was compared, and every event of it, but for what is of its own run."""
    found = scan(folder)
    there = {kind_of(export) for export in found.exports}
    async with Ledger.open(path, command="delta") as ledger:
        head = ledger.head.position
        await ledger.append([RunStarted(command="delta", files=files_seen(found))])
        compared = await compare(ledger, found.exports, complete & there, Reporter())
        await ledger.append([RunCompleted(counts={}, undone=0)])
        events = [(one.position, _told(one.event)) async for one in ledger.reader.read(head)]
        tables = await _tables(ledger.reader)
    return compared, events, tables


def _told(event: Any) -> Any:
    return type(event).__name__, event


async def _tables(reader: Reader) -> list[list[Mapping[str, Any]]]:
    queries = (
        "SELECT hash, body FROM payload ORDER BY hash",
        """SELECT file, line, source_key, state, payload_hash, original_hash, position FROM source_row
             ORDER BY file, line""",
        "SELECT * FROM alias ORDER BY alias",
    )
    return [await reader.rows(query) for query in queries]
