"""What is left to do, as the queries of `work` tell it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import work
from ledger.events import ExportRegistered, RowExtracted
from ledger.hashing import seal
from ledger.store import Ledger

pytestmark = pytest.mark.anyio

KEYS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where ledgers go, each under its own number."""
    return tmp_path_factory.mktemp("work")


HEADER = seal("file:f1", {"header": ["ID"]})


def registered() -> ExportRegistered:
    """The file the rows stand in."""
    return ExportRegistered(
        file="f1",
        kind="transactions",
        name="sales.csv",
        size=1,
        sha256="00" * 32,
        exported_at="2026-01-01T00:00:00.000Z",
        payload_hash=HEADER.hash,
    )


@settings(max_examples=10, deadline=None)
@given(keys=st.sets(KEYS, min_size=1, max_size=5))
async def test_every_stream_of_a_prefix_is_found(folder: Path, keys: set[str]) -> None:
    """Whatever characters a key begins with, astral ones too, its stream is read; those of other prefixes are not."""
    path = folder / f"{sum(1 for _ in folder.glob('*.db'))}.db"
    streams = [f"transaction:{key}" for key in sorted({*keys, "🔥1", "\U0010ffff"})]
    every = [*streams, "transactions:1", "booking:1"]
    bodies = [seal(stream, {}) for stream in every]
    rows = [
        RowExtracted(source_key=stream, source_ref=f"f1:{line}", payload_hash=body.hash)
        for line, (stream, body) in enumerate(zip(every, bodies, strict=True), start=2)
    ]
    async with Ledger.open(path, command="extract", actor="tester@host") as ledger:
        await ledger.append([registered(), *rows], [HEADER, *bodies])
        pages = [page async for page in work.streams_in_order(ledger.reader, "transaction:")]
    found = [body.source_key for page in pages for [body] in page]
    assert sorted(found) == sorted(streams)
