"""What rows named companies is the same wherever it is kept."""

import shutil
from array import array
from collections.abc import Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.kartra import scan
from adapters.kartra.sample import write_sample
from adapters.mapping import Company, load_mapping
from adapters.mapping.distinct import Distinct
from commands.extract import extract
from commands.making import maker
from commands.making.named import NamedCompanies
from commands.reporting import Reporter
from commands.transform import transform
from ledger.events import MappingConfirmed
from ledger.hashing import seal
from ledger.store import Ledger

_COLUMNS = "type, source_key, object, payload_hash, data"


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcdé"), st.lists(st.integers(0, 2**60), max_size=3))), st.integers(0, 5))
def test_named_companies_are_a_dictionary(named: list[tuple[str, list[int]]], most: int) -> None:
    """In order of first naming, each with all its rows."""
    companies, plain = NamedCompanies(most), dict[str, list[int]]()
    for name, rows in named:
        companies.add(f"company:~{name}", Company(key=name, name=name.upper()), rows)
        plain.setdefault(name, []).extend(rows)
    assert [f"company:~{name}" in companies for name in "abcdéf"] == [name in plain for name in "abcdéf"]
    found = [one for page in companies.pages() for one in page]
    assert [(stream, one.company.name) for stream, one in found] == [(f"company:~{one}", one.upper()) for one in plain]
    assert [one.rows for _, one in found] == [array("Q", rows) for rows in plain.values()]


def test_records_do_not_hang_on_where_companies_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same events and bodies, one for one, with everything about companies on disk, also in a second transform."""
    for name, seed in (("first", 3), ("second", 4)):
        write_sample(tmp_path / name, 40, seed, everything=True)
    anyio.run(_read, tmp_path / "read.db", tmp_path / "first")
    in_memory = anyio.run(_made, _copied(tmp_path, "memory"), tmp_path / "second")
    monkeypatch.setattr(maker, "NamedCompanies", partial(NamedCompanies, 0))
    monkeypatch.setattr(import_module("adapters.mapping.vocabulary"), "Distinct", partial(Distinct, 0))
    on_disk = anyio.run(_made, _copied(tmp_path, "disk"), tmp_path / "second")
    assert on_disk == in_memory
    assert any(event["object"] == "company" for event in in_memory)


def _copied(folder: Path, name: str) -> Path:
    return Path(shutil.copy(folder / "read.db", folder / f"{name}.db"))


async def _read(path: Path, exports: Path) -> None:
    async with Ledger.open(path, command="load") as ledger:
        await extract(ledger, scan(exports).exports, Reporter())


async def _made(path: Path, later: Path) -> Sequence[Mapping[str, Any]]:
    """What is appended by a transform, and by another once further exports were read."""
    config = load_mapping(None)
    mapping = seal("mapping", config.text)
    async with Ledger.open(path, command="load") as ledger:
        await ledger.append([MappingConfirmed(payload_hash=mapping.hash, default=True)], [mapping])
        await transform(ledger, config, mapping.hash, Reporter())
        await extract(ledger, scan(later).exports, Reporter())
        await transform(ledger, config, mapping.hash, Reporter())
        return await ledger.reader.rows(f"SELECT {_COLUMNS} FROM event ORDER BY position")
