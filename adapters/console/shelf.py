"""Every ledger that is shown, by its slug."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import anyio

from adapters.console.errors import NotFound
from adapters.console.opened import OpenLedger
from adapters.console.settings import ConsoleSettings
from ledger.reader import Reader

_DOWNLOADS = 2
"""How many pages of downloads are made at once; others wait."""


class Shelf:
    """The ledgers, in the order they were named."""

    def __init__(self, settings: ConsoleSettings) -> None:
        self.settings = settings
        self.since = datetime.now(UTC)
        self.downloads = anyio.CapacityLimiter(_DOWNLOADS)
        self.ledgers = {slug: OpenLedger(slug, path) for slug, path in slugs(settings.ledgers).items()}

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator["Shelf"]:
        """Follow every ledger while the block runs.

        Raises:
            LedgerError: one cannot be read to begin with.
        """
        async with AsyncExitStack() as stack:
            # All of them before the first is followed: an error is then told as what it is.
            for opened in self.ledgers.values():
                async with Reader.open(opened.path) as reader:
                    await reader.head()
            for opened in self.ledgers.values():
                await stack.enter_async_context(opened.at_work())
            yield self

    def close(self) -> None:
        """Let whoever waits for news go."""
        for opened in self.ledgers.values():
            opened.close()

    def named(self, text: str) -> str:
        """The same text with each ledger's word in place of where its file is."""
        # The longest first: one path may begin with another.
        for opened in sorted(self.ledgers.values(), key=lambda one: len(str(one.path)), reverse=True):
            text = text.replace(str(opened.path), opened.slug)
        for opened in self.ledgers.values():
            text = opened.named(text)
        return text

    def find(self, slug: str) -> OpenLedger:
        """A ledger.

        Raises:
            NotFound: there is none of this name.
        """
        if slug not in self.ledgers:
            raise NotFound(f"no ledger {slug} is shown here; shown are {', '.join(self.ledgers)}")
        return self.ledgers[slug]


def slugs(paths: tuple[Path, ...]) -> dict[str, Path]:
    """A word for each ledger's address: the file's name, numbered where several have it."""
    found: dict[str, Path] = {}
    for path in dict.fromkeys(one.absolute() for one in paths):
        stem = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-") or "ledger"
        slug, number = stem, 1
        while slug in found:
            number += 1
            slug = f"{stem}-{number}"
        found[slug] = path
    return found
