"""Another mapping half-way: what it does not make any more is withdrawn, what it makes otherwise takes its place."""

from pathlib import Path

import pytest

from adapters.mapping import shipped_text
from commands.errors import WrongUse
from commands.load import load
from commands.loading import EVERYTHING, Loaded
from commands.portions import Asked
from tests.journey.world import Journey

SUBSCRIPTIONS = """Subscription ID,Product,Status,Buyer_Email,Start date
1,Course,Active,ann@x.org,03 Mar 2026
2,Course,Paused,bob@x.org,03 Mar 2026
3,Course,Active,cid@x.org,03 Mar 2026
"""
CONTACTS = """email,first_name,notes
ann@x.org,Ann,Called in May
bob@x.org,Bob,Likes blue
cid@x.org,Cid,
"""


@pytest.fixture
def exports(journey: Journey) -> Path:
    """Three contacts, two with notes, and a subscription each."""
    folder = journey.folder / "exports"
    folder.mkdir()
    (folder / "contacts_all_01-03-2026_69a4ef5c4f5f6.csv").write_text(CONTACTS)
    (folder / "subscriptions.csv").write_text(SUBSCRIPTIONS)
    return folder


def remapped(journey: Journey, *edits: tuple[str, str]) -> None:
    """Use the shipped mapping with some texts replaced."""
    text = shipped_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    journey.options.mapping = journey.folder / "mapping.toml"
    journey.options.mapping.write_text(text, "utf-8")


def confirmed(journey: Journey) -> None:
    """Sign the mapping as an operator does."""
    journey.run("--mapping", str(journey.options.mapping), "confirm", "--yes")


async def loaded(journey: Journey, exports: Path, asked: Asked = EVERYTHING) -> Loaded:
    """Load what is asked for."""
    return await load(journey.options, exports, accept_defaults=True, how="leave", beside=False, asked=asked)


AS_OPPORTUNITIES = ('as = "object"  # or', 'as = "opportunity"  # or')


@pytest.mark.anyio
async def test_unsent_records_of_another_mapping_are_withdrawn(journey: Journey, exports: Path) -> None:
    """After a sample the mapping is edited: nothing is written both ways, what was written is named and left."""
    first = await loaded(journey, exports, Asked(sample=1))
    assert first.written.created["kartraSubscription"] == 1
    remapped(journey, AS_OPPORTUNITIES)
    confirmed(journey)
    second = await loaded(journey, exports)
    assert second.books.imbalances == ()
    assert second.transformed.withdrawn == 3
    assert second.written.created["opportunity"] == 3
    assert "kartraSubscription" not in second.written.created
    assert second.changed == 1
    assert len(await journey.records("kartraSubscription")) == 1
    journey.options.mapping = None
    third = await loaded(journey, exports)
    assert third.changed == 3
    assert {one.object: one.created for one in third.books.records}["kartraSubscription"] == 3
    done = await journey.roll_back()
    assert done.proof.exact
    assert await journey.records("opportunity") == []


@pytest.mark.anyio
async def test_a_mapping_put_back_makes_its_records_again(journey: Journey, exports: Path) -> None:
    """A withdrawn record is no dead end: the mapping that makes it finds it as if it had never been withdrawn."""
    await loaded(journey, exports, Asked(only=("company", "person")))
    remapped(journey, AS_OPPORTUNITIES)
    confirmed(journey)
    await loaded(journey, exports, Asked(only=("person",)))
    journey.options.mapping = None
    last = await loaded(journey, exports)
    assert last.written.created == {"kartraSubscription": 3, "note": 2, "noteTarget": 2}
    assert last.books.imbalances == ()
    assert "opportunity" not in {one.object for one in last.books.records}


@pytest.mark.anyio
async def test_what_does_not_fit_is_refused_before_a_run_begins(journey: Journey, exports: Path) -> None:
    """A field nobody makes, and an object the mapping does not write, are wrong use; nothing is left to be resumed."""
    with pytest.raises(WrongUse, match="--only takes company, person"):
        await loaded(journey, exports, Asked(only=("persons",)))
    remapped(journey, ('label = "Kartra score"\n', ""))
    confirmed(journey)
    with pytest.raises(WrongUse, match=r"person\.kartraScore, which Twenty does not have"):
        await loaded(journey, exports)
    journey.options.mapping = None
    done = await loaded(journey, exports)
    assert done.written.created["person"] == 3
