"""What loads left in Twenty, read back by stream, and the rows it came of."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from adapters.twenty import Count, counts, differences
from tests.journey.world import Journey, blank

Row = Mapping[str, Any]

PERSON_COLUMNS: Mapping[str, str] = {
    "opportunity": "pointOfContactId",
    "kartraSubscription": "personId",
    "kartraAffiliate": "personId",
}
"""The column of every object that points at a person by itself."""


class Found(NamedTuple):
    """The records we made, as Twenty shows them: object → stream → record.

    `sources` has the `file:line` of the rows that made each; `blanks` a record of each object with nothing in it.
    """

    records: dict[str, dict[str, Row]]
    sources: dict[tuple[str, str], list[str]]
    blanks: dict[str, Row]

    def of(self, object_name: str) -> dict[str, Row]:
        """The records of an object by stream."""
        return self.records.get(object_name, {})

    def values(self, object_name: str, column: str) -> dict[str, Any]:
        """One column of an object's records, by stream."""
        return {stream: row[column] for stream, row in self.of(object_name).items()}

    def emails(self) -> dict[str | None, str]:
        """The e-mail of every person by Twenty's id."""
        return {row["id"]: row["emails"]["primaryEmail"] for row in self.of("person").values()}

    def people_of(self, object_name: str) -> dict[str, str | None]:
        """The e-mail of the person that every record points at by itself, or None, by stream."""
        emails = self.emails()
        column = PERSON_COLUMNS[object_name]
        return {stream: emails.get(row[column]) for stream, row in self.of(object_name).items()}

    def tied(self, object_name: str, junction: str, entry: str, person: str) -> dict[str, list[str]]:
        """The e-mails of the people that a junction's two columns tie to every record of an object, by stream."""
        streams = {row["id"]: stream for stream, row in self.of(object_name).items()}
        emails = self.emails()
        ties: dict[str, list[str]] = {}
        for row in self.of(junction).values():
            ties.setdefault(streams[row[entry]], []).append(emails[row[person]])
        return ties

    def targets(self, object_name: str) -> dict[str, list[str]]:
        """The e-mails of the people that tasks or notes are tied to, by stream."""
        return self.tied(object_name, f"{object_name}Target", f"{object_name}Id", "targetPersonId")

    def amiss(self, object_name: str, expected: Mapping[str, Row]) -> list[object]:
        """What is not as expected: streams too many or missing, and fields that differ or ought to be blank."""
        records = self.of(object_name)
        wrong: list[object] = sorted(records.keys() ^ expected.keys())
        for stream in records.keys() & expected.keys():
            fields = {**self.blanks[object_name], **expected[stream]}
            wrong += [(stream, one) for one in differences(fields, records[stream])]
        return wrong


async def read_back(journey: Journey) -> Found:
    """Read every record that the ledger says was created, and that is there."""
    made = {one.event.twenty_id: one.event for one in await journey.events("RecordCreated")}
    objects = sorted({one.object for one in made.values()})
    records = {
        name: {made[row["id"]].source_key: row for row in await journey.records(name) if row["id"] in made}
        for name in objects
    }
    async with journey.twenty() as twenty:
        blanks = {name: blank(twenty.model.object(name)) for name in objects}
    return Found(records, await _sources(journey), blanks)


async def count_all(journey: Journey) -> dict[str, Count]:
    """How many records of each object there are in Twenty, ours and others'; objects without any are left out."""
    async with journey.twenty() as twenty:
        found = await counts(twenty.client, twenty.model.objects.values())
    return {name: count for name, count in found.items() if count.live or count.deleted}


async def rows_set_aside(journey: Journey) -> list[tuple[str, int, str]]:
    """File, line and reason of every row set aside."""
    names = await _names(journey)
    aside = [one.event for one in await journey.events("RowSetAside")]
    return [(*_place(one.source_ref, names), one.reason) for one in aside]


async def _sources(journey: Journey) -> dict[tuple[str, str], list[str]]:
    names = await _names(journey)
    made = [one.event for one in await journey.events("RowTransformed")]
    return {(one.object, one.source_key): ["{}:{}".format(*_place(ref, names)) for ref in one.sources] for one in made}


async def _names(journey: Journey) -> dict[str, str]:
    return {one.event.file: one.event.name for one in await journey.events("ExportRegistered")}


def _place(ref: str, names: Mapping[str, str]) -> tuple[str, int]:
    file, _, line = ref.rpartition(":")
    return names[file], int(line)
