"""What a migration of people in companies costs: exactly what the formulae say, at a twentieth of the usual sizes."""

from collections.abc import Mapping

import anyio
import pytest

from tests.calls.counting import BATCH, CONSTANT, MANY, READ, calls_for
from tests.calls.telling import Sizes, Story, tell

pytestmark = pytest.mark.timeout(180)

PEOPLE, COMPANIES = 450, 60
CHANGED, MOVED = 130, 3
COUNTS = (PEOPLE, COMPANIES)
SIZES = Sizes(people=PEOPLE, companies=COMPANIES, changed=CHANGED, moved=MOVED)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A load, a delta, a reconciliation and a rollback of everything."""
    return anyio.run(tell, tmp_path_factory.mktemp("calls"), SIZES)


def others(calls: Mapping[str, int], *but: str) -> int:
    """Calls of all other kinds."""
    return sum(count for kind, count in calls.items() if kind not in but)


def test_a_load_creates_in_full_batches_and_makes_a_constant_of_other_calls(story: Story) -> None:
    """⌈n/200⌉ creates an object, and 15 other calls at most."""
    creates = {
        "create createPeople": calls_for([PEOPLE], BATCH),
        "create createCompanies": calls_for([COMPANIES], BATCH),
    }
    assert creates.items() <= story.load.items()
    assert others(story.load, *creates) <= CONSTANT


def test_a_delta_reads_and_changes_what_changed_and_nothing_else(story: Story) -> None:
    """⌈u/200⌉ changes and ⌈u/2000⌉ reads; an e-mail, a unique value, goes by itself and is counted apart."""
    assert story.delta["upsert createPeople"] == calls_for([CHANGED - MOVED], BATCH)
    assert story.delta["update updatePerson"] == MOVED
    assert others(story.delta, "upsert createPeople", "update updatePerson", "read") == 0
    assert story.delta["read"] <= calls_for([CHANGED], READ) + CONSTANT


def test_a_reconciliation_reads_everything_once(story: Story) -> None:
    """⌈n/2000⌉ reads an object, 15 others at most, and nothing is written."""
    assert set(story.reconcile) == {"read"}
    assert calls_for(COUNTS, READ) <= story.reconcile["read"] <= calls_for(COUNTS, READ) + CONSTANT


def test_taking_back_costs_a_read_for_2000_records_and_four_calls_for_5000(story: Story) -> None:
    """Drift is read 2,000 a call; destroys, dependents, traces and proof take 5,000 a call; 15 others at most."""
    destroys = {kind: count for kind, count in story.rollback.items() if kind.startswith("destroy")}
    assert destroys["destroy destroyPeople"] == calls_for([PEOPLE], MANY)
    assert destroys["destroy destroyCompanies"] == calls_for([COMPANIES], MANY)
    assert set(story.rollback) <= {"read", *destroys}
    assert story.rollback.total() <= calls_for(COUNTS, READ) + 4 * calls_for(COUNTS, MANY) + CONSTANT
