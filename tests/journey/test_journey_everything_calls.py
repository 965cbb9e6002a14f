"""What a whole account costs: a create for 200 records of an object, parents first, and next to nothing else."""

import json
import re
from collections.abc import Mapping
from itertools import groupby
from math import ceil
from pathlib import Path
from typing import NamedTuple

import anyio
import pytest

from commands.loading import Loaded
from tests.journey.world import Journey

BATCH = 200
ROOTS = {
    "company": "createCompanies",
    "person": "createPeople",
    "opportunity": "createOpportunities",
    "kartraSubscription": "createKartraSubscriptions",
    "kartraAffiliate": "createKartraAffiliates",
    "note": "createNotes",
    "task": "createTasks",
    "noteTarget": "createNoteTargets",
    "taskTarget": "createTaskTargets",
}
"""The mutation that creates each object's records."""

FIRST = ["createCompanies", "createPeople", "createOpportunities"]
LAST = {"createNoteTargets", "createTaskTargets"}

_MUTATION = re.compile(r"mutation\b[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)")
_OF_THE_MODEL = re.compile(r"(?:create|update|delete)One(?:Object|Field)")


class Told(NamedTuple):
    """A load, and the mutations of records it sent, in order."""

    loaded: Loaded
    sent: list[str]


def first_load(folder: Path, contacts: int, transactions: int) -> Told:
    """Load a clean account of every kind into a new workspace, whose limit is out of the way."""
    journey = Journey(folder)
    sent: list[str] = []

    def listen(stage: str, body: bytes) -> None:
        if stage == "before" and (found := _MUTATION.match(json.loads(body)["query"].strip())):
            sent.append(found[1])

    journey.settings |= {"rate_limit": None, "on_request": listen}
    exports = journey.sample(contacts, dirty=False, transactions=transactions, everything=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("commands.session._embedded", journey.embedded)
        loaded = anyio.run(journey.load, exports, "leave")
    return Told(loaded, [root for root in sent if not _OF_THE_MODEL.fullmatch(root)])


def check(told: Told, made: Mapping[str, int]) -> None:
    """Creates are ⌈n/200⌉ an object exactly, in order; nothing is updated, and 15 other calls of records do."""
    loaded, sent = told
    created = {one.object: one.created for one in loaded.books.records}
    assert created.items() >= made.items()
    assert created.keys() == ROOTS.keys()
    assert min(created.values()) > 0
    assert (loaded.undone, loaded.pending, loaded.books.rows.held) == (0, 0, 0)
    runs = [(root, len(list(some))) for root, some in groupby(sent)]
    assert sorted(runs) == sorted((root, ceil(created[name] / BATCH)) for name, root in ROOTS.items())
    order = [root for root, _ in runs]
    assert order[:3] == FIRST
    assert set(order[-2:]) == LAST
    assert loaded.calls["create"] == len(sent)
    others = {
        kind: count for kind, count in loaded.calls.items() if kind not in {"create", "metadata", "metadata_write"}
    }
    assert "update" not in others
    assert sum(others.values()) <= 15


@pytest.mark.timeout(180)
def test_a_whole_account_costs_one_create_for_200_records(tmp_path: Path) -> None:
    """700 contacts with 900 transactions, subscriptions, bookings, affiliates and notes, parents first."""
    check(first_load(tmp_path, 700, 900), {"person": 700, "opportunity": 900, "company": 70})


@pytest.mark.soak
@pytest.mark.timeout(1_200)
def test_a_large_account_costs_no_more(tmp_path: Path) -> None:
    """20,000 contacts with 30,000 transactions cost just as many calls a record."""
    check(first_load(tmp_path, 20_000, 30_000), {"person": 20_000, "opportunity": 30_000, "company": 2_000})
