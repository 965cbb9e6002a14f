"""From pending records to letters: the rows as Twenty takes them, under their own ids, linked to what is there."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from adapters.mapping.targets import TARGETS
from adapters.twenty import MARK_NAME, record_id
from commands.letters import Letter
from ledger import work
from ledger.store import Ledger
from ledger.work import Work


class Composer:
    """Makes the letters of one run."""

    def __init__(self, ledger: Ledger, namespace: str) -> None:
        self._ledger = ledger
        self._namespace = UUID(namespace)

    async def letters(self, object_name: str, batch: Sequence[Work]) -> list[Letter]:
        """The letters of some records; relations to what is not in Twenty are left out, and named."""
        linked = await self._linked(batch)
        return [self._letter(object_name, one, linked) for one in batch]

    async def ready(self, object_name: str, batch: Sequence[Work]) -> list[Letter]:
        """The letters of those records that can be sent by now.

        One of nothing but links waits until all that it ties together is in Twenty; a note or a task waits for the
        person it is tied to: without her it would stand there as nobody's.
        """
        letters = await self.letters(object_name, await self._with_people(object_name, batch))
        return [one for one in letters if not one.is_loose]

    async def _with_people(self, object_name: str, batch: Sequence[Work]) -> Sequence[Work]:
        tie = TARGETS.get(object_name)
        if tie is None:
            return batch
        reader = self._ledger.reader
        keys = [one.state.source_key for one in batch]
        people = await work.link_targets(reader, tie, "targetPersonId", keys)
        there = await work.twenty_ids(reader, "person", set(people.values()))
        return [one for one in batch if people.get(one.state.source_key, "") in {"", *there}]

    async def _linked(self, batch: Sequence[Work]) -> dict[str, dict[str, str]]:
        wanted: dict[str, set[str]] = {}
        for one in batch:
            for link in one.value["links"].values():
                wanted.setdefault(link["object"], set()).add(link["source_key"])
        return {name: await work.twenty_ids(self._ledger.reader, name, keys) for name, keys in wanted.items()}

    def _letter(self, object_name: str, one: Work, linked: Mapping[str, Mapping[str, str]]) -> Letter:
        state = one.state
        identity = state.twenty_id or str(record_id(self._namespace, object_name, state.source_key, state.generation))
        links = {column: linked[link["object"]].get(link["source_key"]) for column, link in one.value["links"].items()}
        present = {column: target for column, target in links.items() if target is not None}
        mark = {"source": "IMPORT", "name": MARK_NAME, "context": {"run": self._ledger.run_id}}
        row = {**one.value["fields"], **present, "id": identity, "createdBy": mark}
        unlinked = tuple(sorted(links.keys() - present.keys()))
        return Letter(work=one, id=identity, row=row, cause=state.intent, unlinked=unlinked)
