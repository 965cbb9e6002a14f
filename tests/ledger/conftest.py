"""A ledger with a bit of everything in it: placed rows, records, a hold, labels, and one erased body."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest

from ledger.events import BatchIntended, Intended, PayloadErased, RecordCreated, RowExtracted, RowHeld, RowTransformed
from ledger.hashing import seal
from ledger.reader import Reader
from ledger.store import Ledger
from tests.ledger import moved
from tests.ledger.crowded import crowd
from tests.ledger.plain import take_away

ROW = seal("contact:1", {"email": "jane@example.com"}, {"name": "Jane"})
PERSON = seal("contact:1", {"name": {"firstName": "Jané 🦊"}}, {"name": "Jane"})
GONE = seal("contact:2", {"email": "joe@example.com"}, {"name": "Joe"})
MAPPING = seal("mapping", "[person]")
TWENTY_ID = "018f3c5a-0000-7000-8000-000000000001"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a test's ledger goes."""
    return tmp_path / "ledger.db"


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story's ledger, made once; tests take copies."""
    path = tmp_path_factory.mktemp("story") / "ledger.db"
    anyio.run(_tell, path)
    return path


@pytest.fixture(scope="session")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with something in every projection, made once."""
    path = tmp_path_factory.mktemp("crowded") / "ledger.db"
    anyio.run(crowd, path)
    return path


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migration's ledger after its load, made once."""
    path = tmp_path_factory.mktemp("moved") / "ledger.db"
    anyio.run(moved.tell, path)
    return path


@pytest.fixture
async def ledger(loaded: Path, path: Path) -> AsyncIterator[Ledger]:
    """A copy of the migration's ledger, open."""
    async with Ledger.open(Path(shutil.copy(loaded, path)), command="test", actor="tester@host") as ledger:
        yield ledger


@pytest.fixture
async def fresh(path: Path) -> AsyncIterator[Ledger]:
    """A new ledger with nothing in it yet, open."""
    async with Ledger.open(path, command="test", actor="tester@host") as ledger:
        yield ledger


@pytest.fixture
def reader(ledger: Ledger) -> Reader:
    """Its reader."""
    return ledger.reader


@pytest.fixture
def story(told: Path, path: Path) -> Path:
    """A closed ledger of nine events: two rows, a record created from one, a hold, and the other's body erased."""
    return Path(shutil.copy(told, path))


async def _tell(path: Path) -> None:
    async with Ledger.open(path, command="story", actor="tester@host") as ledger:
        await ledger.append(
            [
                RowExtracted(source_key="contact:1", source_ref="f1:2", payload_hash=ROW.hash),
                RowExtracted(source_key="contact:2", source_ref="f1:3", payload_hash=GONE.hash),
                RowHeld(object="person", source_ref="f1:4", reason="email_missing", stage="extract", column="email"),
            ],
            [ROW, GONE],
        )
        await ledger.append(
            [transformed("contact:1", "f1:2", PERSON.hash), transformed("contact:2", "f1:3", GONE.hash)],
            [PERSON, MAPPING],
        )
        intent = Intended(key="contact:1", id=TWENTY_ID, hash=PERSON.hash)
        await ledger.append([BatchIntended(object="person", action="create", items=(intent,), timeout_s=60)])
        await ledger.append([created(), PayloadErased(payload_hash=GONE.hash)])
    take_away(path, GONE.hash)


def transformed(key: str, ref: str, payload_hash: str) -> RowTransformed:
    """A record made from one row under the story's mapping."""
    return RowTransformed(
        object="person", source_key=key, payload_hash=payload_hash, mapping_hash=MAPPING.hash, sources=(ref,)
    )


def created() -> RecordCreated:
    """Twenty took the story's record."""
    return RecordCreated(
        object="person",
        source_key="contact:1",
        twenty_id=TWENTY_ID,
        payload_hash=PERSON.hash,
        updated_at="2026-01-01T00:00:00.000Z",
    )
