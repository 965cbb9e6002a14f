"""A migration's whole story, told in a ledger as the commands would: loads, a delta, a reconciliation, a rollback."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID, uuid5

import msgspec

from ledger.events import (
    BaselineTaken,
    FieldCreated,
    ReconciliationMade,
    RunCompleted,
    RunFailed,
    RunResumed,
    RunStarted,
    SchemaIntended,
    WorkspaceBound,
)
from ledger.hashing import Payload, seal
from ledger.identifiers import new_run_id
from ledger.store import Draft, Ledger
from tests.bench.exports import File, is_held
from tests.bench.madeup import Person, Sale, person, sale
from tests.bench.steps import BATCH, Change, Record, Steps
from tests.bench.undoing import take_back

POLICIES = {"default.adoption": "fill", "default.conflict": "hold", "default.deleted": "hold",
            "default.existing": "hold", "default.gone": "report"}  # fmt: skip
OBJECTS = ("company", "person", "opportunity", "note", "noteTarget")
WORKSPACE = UUID("cff30bd6-d480-4fa3-813b-7e0a5161be20")
"""The workspace that stands for Twenty: nobody's."""
_FIELDS = ("kartraId", "kartraJoinedAt", "kartraScore", "kartraTags", "kartraLists", "kartraAddress")
_LATER_POINTS = 4_321


class Size(msgspec.Struct, frozen=True):
    """How many of each there are, for about so many events."""

    events: int

    @property
    def people(self) -> int:
        """Rows of the contacts exports of the first load."""
        return max(self.events * 236 // 1000, 40)

    @property
    def late(self) -> int:
        """People of a second load, which is rolled back."""
        return max(self.events * 2 // 1000, 10)

    @property
    def companies(self) -> int:
        """Companies that may be named."""
        return max(self.events * 4 // 1000, 5)

    @property
    def sales(self) -> int:
        """Rows of the transactions export."""
        return max(self.events * 20 // 1000, 10)

    @property
    def changed(self) -> int:
        """Contacts of the delta."""
        return max(self.events * 4 // 1000, 10)


class Story:
    """One migration being told."""

    def __init__(self, ledger: Ledger, steps: Steps, size: Size, seed: int) -> None:
        self._ledger = ledger
        self._steps = steps
        self._size = size
        self._seed = seed
        self._written: dict[str, int] = {}

    def _people(self, first: int, count: int, score: int | None = None) -> Iterator[Person]:
        return (person(self._seed, index, self._size.companies, score) for index in range(first, first + count))

    def _sales(self) -> Iterator[Sale]:
        for index in range(self._size.sales):
            yield sale(self._seed, index, person(self._seed, self._buyer(index), self._size.companies))

    def _buyer(self, index: int) -> int:
        found = index * 7919 % self._size.people
        return found - 1 if found % 400 == 399 else found

    async def _begin(self, command: str, files: tuple[File, ...] = (), **settings: Any) -> str:
        self._ledger.run_id = new_run_id()
        loads = command in ("load", "delta")
        started = RunStarted(
            command=command,
            settings=settings,
            policies=POLICIES if loads else {},
            mapping_hash=self._steps.mapping_hash if loads else None,
            files=tuple(file.seen for file in files),
        )
        await self._ledger.append([started])
        return self._ledger.run_id

    async def _end(self, undone: int = 0, **counts: int) -> None:
        await self._ledger.append([RunCompleted(counts=counts, undone=undone)])

    async def load(self) -> None:
        """The load of everything, interrupted among the people and resumed."""
        files = contacts_files(self._size.people)
        sold = File(name="transactions_03-03-2026_69a7.csv", kind="transactions", rows=self._size.sales,
                    exported_at="2026-03-03T02:01:00+00:00")  # fmt: skip
        run = await self._begin("load", (*files, sold), folder="/srv/exports", automations="leave", beside=False)
        await self._ledger.append([WorkspaceBound(workspace=str(WORKSPACE))])
        first = 0
        for file in files:
            await self._steps.extract(file, self._people(first, file.rows))
            first += file.rows
        await self._steps.extract_sales(sold, self._sales())
        people = await self._steps.make_people(self._placed(files))
        notes = await self._make_notes(files)
        sales = await self._make_sales(sold)
        companies = await self._make_companies(files)
        await self._make_fields()
        await self._ledger.append([BaselineTaken(counts=dict.fromkeys(OBJECTS, 0))])
        await self._write("company", companies)
        half = len(people) // 2
        await self._write("person", people[:half], refused=10)
        # Killed with a call on its way: what had landed is looked up by the run that goes on.
        cause, ids = await self._steps.intend("person", people[half : half + BATCH])
        self._ledger.run_id = run
        await self._ledger.append([RunResumed()])
        await self._ledger.append([BaselineTaken(counts=dict.fromkeys(OBJECTS, 0))])
        await self._steps.landed("person", people[half : half + BATCH], cause, ids, looked_up=True)
        self._written["person"] += len(people[half : half + BATCH])
        await self._write("person", people[half + BATCH :], refused=10)
        await self._write("opportunity", sales)
        await self._write("note", notes["note"])
        await self._write("noteTarget", notes["noteTarget"])
        await self._end(undone=self._steps.held + len(self._steps.left), created=sum(self._written.values()))

    async def _write(self, object_name: str, records: list[Record], *, refused: int = 0) -> None:
        written = await self._steps.create(object_name, records, refused=refused)
        self._written[object_name] = self._written.get(object_name, 0) + written

    def _placed(self, files: tuple[File, ...]) -> Iterator[tuple[Person, str]]:
        """Everybody whose row was not held, and where it stands."""
        first = 0
        for file in files:
            for at, one in enumerate(self._people(first, file.rows)):
                if not is_held(one):
                    yield one, f"{file.id}:{at + 2}"
            first += file.rows

    async def _make_notes(self, files: tuple[File, ...]) -> dict[str, list[Record]]:
        noted = [(self._steps.stream_of(one), one, ref) for one, ref in self._placed(files) if one.note]
        notes = ((stream, _note(stream, one), ref, "") for stream, one, ref in noted)
        ties = ((stream, _tie(stream), ref, "") for stream, _, ref in noted)
        return {
            "note": await self._steps.transform("note", notes),
            "noteTarget": await self._steps.transform("noteTarget", ties),
        }

    async def _make_sales(self, file: File) -> list[Record]:
        sold = [(f"transaction:{one.number}", one, index) for index, one in enumerate(self._sales()) if not one.failed]
        faulty = [one for one in sold if one[2] % 50 == 7]
        await self._steps.judge_sales((stream, f"{file.id}:{index + 2}") for stream, _, index in faulty)
        made = (
            (stream, self._sale_body(stream, one, index), f"{file.id}:{index + 2}", "")
            for stream, one, index in sold
            if index % 50 != 7
        )
        return await self._steps.transform("opportunity", made)

    def _sale_body(self, stream: str, one: Sale, index: int) -> Payload:
        buyer = person(self._seed, self._buyer(index), self._size.companies)
        links = {"pointOfContactId": {"object": "person", "source_key": self._steps.stream_of(buyer)}}
        if buyer.company is not None:
            links["companyId"] = {"object": "company", "source_key": self._steps.company_stream(buyer.company)}
        return seal(stream, {"fields": one.fields, "links": links}, {"name": one.product})

    async def _make_companies(self, files: tuple[File, ...]) -> list[Record]:
        named: dict[str, tuple[str, str]] = {}
        for one, ref in self._placed(files):
            if one.company is not None:
                named.setdefault(self._steps.company_stream(one.company), (one.cells["company"], ref))
        made = ((stream, _company(stream, name), ref, "") for stream, (name, ref) in named.items())
        return await self._steps.transform("company", made)

    async def _make_fields(self) -> None:
        for name in _FIELDS:
            body = seal(f"schema:person.{name}", {"label": name, "type": "TEXT"})
            intent = SchemaIntended(object="person", name=name, element="field", absent=True, payload_hash=body.hash)
            [cause] = await self._ledger.append([intent], [body])
            made = FieldCreated(object="person", name=name, twenty_id=str(uuid5(WORKSPACE, name)))
            await self._ledger.append([Draft(made, cause)])

    async def second_load(self) -> tuple[str, list[Record]]:
        """A later load of a few people, which failed once and went on; answers its run and its people."""
        size = self._size
        file = File(name="contacts_fair_10-03-2026_69b0.csv", kind="contacts", rows=size.late,
                    exported_at="2026-03-10T02:01:00+00:00")  # fmt: skip
        run = await self._begin("load", (file,), folder="/srv/fair", automations="leave", beside=False)
        await self._steps.extract(file, self._people(size.people, size.late))
        late = ((one, f"{file.id}:{at + 2}") for at, one in enumerate(self._people(size.people, size.late)))
        people = await self._steps.make_people(late)
        text = seal(f"run:{run}", {"error": "Twenty cannot be reached; try again, or `resume` later", "said": None})
        await self._ledger.append([RunFailed(code="unreachable", exit_code=4, payload_hash=text.hash)], [text])
        await self._ledger.append([RunResumed()])
        await self._ledger.append([BaselineTaken(counts=dict.fromkeys(OBJECTS, 0))])
        await self._write("person", people)
        await self._end(created=len(people))
        return run, people

    async def delta(self) -> None:
        """A later export in which some have other points."""
        file = File(name="contacts_all_05-04-2026_69d1.csv", kind="contacts", rows=len(list(self._changed())),
                    exported_at="2026-04-05T02:01:00+00:00")  # fmt: skip
        await self._begin("delta", (file,), folder="/srv/later", automations="leave", complete=None)
        await self._steps.extract(file, self._changed(), delta=True)
        before = {self._steps.stream_of(one): one for one in self._people(0, self._size.changed)}
        records = await self._steps.make_people((one, f"{file.id}:{at + 2}") for at, one in enumerate(self._changed()))
        changes = [
            Change(
                record=one,
                base=self._steps.person_body(before[one.key]).hash,
                old={"kartraScore": before[one.key].fields["kartraScore"]},
                new={"kartraScore": _LATER_POINTS},
            )
            for one in records
        ]
        await self._steps.update(changes)
        await self._end(updated=len(records))

    def _changed(self) -> Iterator[Person]:
        people = self._people(0, self._size.changed, _LATER_POINTS)
        return (one for one in people if is_held(one) or self._steps.stream_of(one) not in self._steps.left)

    async def reconcile(self) -> None:
        """Everything was read back; a few records somebody had edited."""
        run = await self._begin("reconcile", objects=None, sample=None, seed=0)
        some = islice(self._placed(contacts_files(self._size.people)), 3)
        unlike = [
            {
                "object": "person", "kind": "edited", "id": self._steps.id_of("person", self._steps.stream_of(one)),
                "source_key": self._steps.stream_of(one), "source": ref, "path": "name.firstName",
                "ours": one.first, "theirs": f"{one.first} M.",
            }
            for one, ref in some
        ]  # fmt: skip
        report = {"compared": self._written, "erased": 0, "imbalances": [], "kinds": {"edited": 3}, "unlike": unlike}
        body = seal(f"reconciliation:{run}", report)
        compared = sum(self._written.values())
        made = ReconciliationMade(compared=compared, differences=len(unlike), payload_hash=body.hash)
        await self._ledger.append([made], [body])
        await self._end(undone=len(unlike), **self._written)

    async def roll_back(self, second: tuple[str, Sequence[Record]]) -> None:
        """The second load is taken back, but for what somebody edited."""
        of_run, people = second
        settings = {"force": False, "objects": None, "record": None, "run": of_run, "since": None, "soft": False}
        await self._begin("rollback", **settings)
        gone, kept = await take_back(self._steps, of_run, people, OBJECTS)
        await self._end(undone=kept, destroyed=gone, kept=kept, restored=0)


def contacts_files(rows: int) -> tuple[File, ...]:
    """The contacts exports of the first load."""
    names = ("all", "newsletter", "webinar", "vip")
    shares = [rows // 2, rows // 4, rows // 8]
    return tuple(
        File(name=f"contacts_{name}_0{day}-03-2026_69a4ef.csv", kind="contacts", rows=share,
             exported_at=f"2026-03-0{day}T02:01:00+00:00")
        for day, (name, share) in enumerate(zip(names, [*shares, rows - sum(shares)], strict=True), start=1)
    )  # fmt: skip


def _note(stream: str, one: Person) -> Payload:
    fields = {"bodyV2": {"markdown": one.note}, "title": "Kartra note"}
    return seal(stream, {"fields": fields, "links": {}}, {"name": "Kartra note"})


def _tie(stream: str) -> Payload:
    ends = (("noteId", "note"), ("targetPersonId", "person"))
    links = {column: {"object": name, "source_key": stream} for column, name in ends}
    return seal(stream, {"fields": {}, "links": links}, {"name": ""})


def _company(stream: str, name: str) -> Payload:
    return seal(stream, {"fields": {"kartraKey": name, "name": name}, "links": {}}, {"key": name, "name": name})
