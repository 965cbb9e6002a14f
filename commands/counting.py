"""Trying a load out on a copy of the ledger that is thrown away: what comes of some files, without any trace."""

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import anyio

from adapters.kartra import Export
from adapters.mapping import MappingConfig
from commands.extract import extract
from commands.portions import Asked, Portion, portion_of
from commands.reporting import Reporter
from commands.transform import transform
from ledger import work
from ledger.copying import copy
from ledger.events import MappingConfirmed
from ledger.hashing import seal
from ledger.reader import Reader
from ledger.store import Ledger

_COMMAND = "rehearsal"


async def records_in(exports: Sequence[Export], config: MappingConfig) -> dict[str, int]:
    """How many records of each object some files come to, parents first; rows that would be held make none."""
    async with throwaway(None) as ledger:
        await extract(ledger, exports, Reporter())
        body = seal("mapping", config.text)
        await ledger.append([MappingConfirmed(payload_hash=body.hash, default=False)], [body])
        await transform(ledger, config, body.hash, Reporter())
        return await to_write(ledger.reader, await portion_of(ledger.reader, Asked()))


async def to_write(reader: Reader, portion: Portion) -> dict[str, int]:
    """Records of a portion that wait to be created, by object, parents first."""
    return {name: await work.count_pending(reader, name, portion.keys_of(name)) for name in portion.objects}


@asynccontextmanager
async def throwaway(path: Path | None) -> AsyncIterator[Ledger]:
    """A copy of the ledger at `path`, or a new one, that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="kartra-to-twenty-") as folder:
        here = Path(folder) / "ledger.db"
        if path is not None and path.exists():
            await anyio.to_thread.run_sync(copy, path, here)
        async with Ledger.open(here, command=_COMMAND) as ledger:
            yield ledger
