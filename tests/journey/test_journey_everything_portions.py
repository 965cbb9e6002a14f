"""Portions of a load: a sample with all that is theirs, some objects, a rehearsal; the load of the whole goes on."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from commands.errors import WrongUse
from commands.loading import Loaded
from commands.portions import Asked
from commands.rehearsal import rehearse
from tests.journey.crossing import cut_after
from tests.journey.handmade import load_part, say
from tests.journey.readback import Found, count_all, read_back
from tests.journey.world import Journey

pytestmark = pytest.mark.timeout(180)

CONTACTS, SAMPLED = 200, 60
PARTS = {
    "opportunity": "opportunities",
    "kartraSubscription": "subscriptions",
    "kartraAffiliate": "affiliates",
    "task": "tasks",
    "note": "notes",
}
"""Object → where the truth tells of what is somebody's."""


@pytest.fixture
def exports(journey: Journey) -> Path:
    """A made-up account with every kind of file."""
    return journey.sample(CONTACTS, seed=4, everything=True)


@pytest.fixture
def truth(exports: Path) -> Any:
    """What must come of it."""
    return json.loads((exports / "truth.json").read_text("utf-8"))


def created(loaded: Loaded) -> dict[str, int]:
    """What a load created, by object."""
    return {name: count for name, count in loaded.written.created.items() if count}


def theirs(found: Found, object_name: str) -> Counter[str | None]:
    """How many records of an object each person has in Twenty."""
    if object_name in {"task", "note"}:
        return Counter(email for emails in found.targets(object_name).values() for email in emails)
    return Counter(found.people_of(object_name).values())


def owned(truth: Any, object_name: str) -> Counter[str | None]:
    """How many records of an object each person ought to have; those of nobody under None."""
    return Counter(one["person"] for one in truth[PARTS[object_name]])


def strata(truth: Any) -> dict[str, frozenset[str]]:
    """What everybody has, by e-mail: a company, orders, subscriptions, and so on."""
    having = {one["email"]: {"company"} if one["company"] else set() for one in truth["people"]}
    for part in PARTS.values():
        for one in truth[part]:
            if one["person"]:
                having[one["person"]].add(part)
    return {email: frozenset(has) for email, has in having.items()}


def sampled(found: Found) -> set[str]:
    """The e-mails of the people in Twenty."""
    return set(found.emails().values())


def assert_complete(found: Found, truth: Any) -> None:
    """The sampled people have their company and everything else that is theirs; of others' things there are none."""
    people = sampled(found)
    assert len(people) == SAMPLED
    keys = {row["id"]: row["kartraKey"] for row in found.of("company").values()}
    companies = {one["email"]: one["company"] for one in truth["people"] if one["email"] in people}
    linked = {row["emails"]["primaryEmail"]: keys.get(row["companyId"]) for row in found.of("person").values()}
    assert linked == companies
    for name in PARTS:
        assert theirs(found, name) == {email: n for email, n in owned(truth, name).items() if email in people}


@pytest.mark.anyio
async def test_a_sample_is_every_kind_of_person_with_all_that_is_theirs(
    journey: Journey, exports: Path, truth: Any
) -> None:
    """So many people, at least one of every kind, each with her company and her records; the rest waits, as said."""
    loaded = await load_part(journey, exports, sample=SAMPLED, seed=3)
    found = await read_back(journey)
    assert_complete(found, truth)
    kinds = strata(truth)
    assert len(set(kinds.values())) <= SAMPLED
    assert {kinds[email] for email in sampled(found)} == set(kinds.values())
    assert loaded.partial
    assert loaded.pending == sum(one.transformed - one.created for one in loaded.books.records) > 0
    assert loaded.undone == len(truth["held"])


@pytest.mark.anyio
async def test_the_load_of_the_whole_goes_on_from_a_sample(journey: Journey, exports: Path, truth: Any) -> None:
    """After a sample the whole is the rest: every record there once, those of the sample under the ids they had."""
    first = await load_part(journey, exports, sample=SAMPLED)
    before = await read_back(journey)
    second = await journey.load(exports, "leave")
    after = await read_back(journey)
    for name in PARTS:
        assert theirs(after, name) + Counter({None: len(after.of(name)) - theirs(after, name).total()}) == +(
            owned(truth, name)
        )
    assert sampled(after) == {one["email"] for one in truth["people"]}
    assert len(after.of("company")) == len(truth["companies"])
    for name, records in before.records.items():
        assert {stream: row["id"] for stream, row in records.items()}.items() <= after.values(name, "id").items()
    sums = Counter(created(first)) + Counter(created(second))
    assert sums == {one.object: one.created for one in second.books.records}
    assert {name: count.live for name, count in (await count_all(journey)).items()}.items() >= sums.items()
    assert second.pending == 0


@pytest.mark.anyio
async def test_a_sample_that_was_interrupted_goes_on_as_the_same(journey: Journey, exports: Path, truth: Any) -> None:
    """A sample whose process died when its people had landed ends with these very people, and all that is theirs."""
    await cut_after(lambda: load_part(journey, exports, sample=SAMPLED, seed=5))
    landed = {row["id"] for row in await journey.records("person")}
    resumed = await journey.resume()
    found = await read_back(journey)
    assert {row["id"] for row in found.of("person").values()} == landed
    assert_complete(found, truth)
    assert resumed.partial


@pytest.mark.anyio
async def test_only_some_objects_come_with_those_they_point_at(journey: Journey, exports: Path, truth: Any) -> None:
    """Opportunities alone bring people and companies, and no other object is even made; the whole brings the rest."""
    loaded = await load_part(journey, exports, only=("opportunity",))
    wanted = {"company": "companies", "person": "people", "opportunity": "opportunities"}
    assert created(loaded) == {name: len(truth[part]) for name, part in wanted.items()}
    async with journey.twenty() as twenty:
        assert not {"kartraSubscription", "kartraAffiliate"} & twenty.model.objects.keys()
    rest = await journey.load(exports, "leave")
    assert created(rest).keys() == {"kartraSubscription", "kartraAffiliate", "note", "task", "noteTarget", "taskTarget"}
    assert created(rest)["note"] == len(truth["notes"])
    assert rest.pending == 0


@pytest.mark.anyio
async def test_only_an_object_of_which_there_is_nothing_is_refused(journey: Journey, exports: Path) -> None:
    """A misspelt object is named, with those there are."""
    with pytest.raises(WrongUse, match=r"oportunity.*opportunity"):
        await load_part(journey, exports, only=("oportunity",))
    assert await journey.records("person") == []


async def state(journey: Journey) -> tuple[Mapping[str, str], str]:
    """The bytes of the ledger, digested, those not yet moved into its file included, and Twenty's database."""
    files = [path for path in journey.folder.glob("ledger.db*") if path.suffix in {".db", ".db-wal"}]
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.stat().st_size}
    return digests, await journey.settled_dump()


@pytest.mark.anyio
@pytest.mark.parametrize("begun", [False, True], ids=["new ledger", "after a sample"])
async def test_a_rehearsal_leaves_no_trace_and_says_what_comes(journey: Journey, exports: Path, begun: bool) -> None:
    """Ledger and Twenty stay as they are, byte for byte; rows, records, elements and holds are those of the load."""
    if begun:
        await load_part(journey, exports, sample=SAMPLED)
    before = await state(journey)
    tried = await rehearse(journey.options, exports, Asked(), accept_defaults=True, beside=False)
    assert await state(journey) == before
    loaded = await journey.load(exports, "leave")
    assert {name: count for name, count in tried.write.items() if count} == created(loaded)
    assert (tried.books.rows, tried.books.files) == (loaded.books.rows, loaded.books.files)
    assert tried.open_holds == loaded.open_holds
    made = Counter(one.state for one in tried.schema)
    assert made["to be made"] == loaded.schema["created"]
    assert tried.collide == {}


def test_a_rehearsal_on_the_command_line(journey: Journey, exports: Path, truth: Any) -> None:
    """`load --dry-run` exits as the load would, says that nothing was sent, and makes no ledger."""
    told = say(journey, "--sandbox", "load", exports, "--accept-defaults", "--dry-run")
    assert told.code == 3
    assert "nothing was sent" in told.out
    assert f"would be left for a person: {len(truth['held'])}" in told.out
    assert not journey.options.ledger.exists()
