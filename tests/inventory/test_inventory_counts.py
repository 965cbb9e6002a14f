"""inventory: contacts by sequence, step and membership, from a ledger and from files, and what stands out."""

import json
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.errors import WrongUse
from commands.inventory import inventory
from commands.rebuilding.counting import Step, memberships, sequences, step_number
from commands.rebuilding.leads import InMembership, InSequence, Lead, lead_of
from tests.inventory.answers import lead, options_in, tell, write_lines

pytestmark = pytest.mark.anyio

LEADS = [
    lead(1, ("Welcome", "4", "active"), tags=["Buyer"], memberships=[("Course", "Gold", "1")]),
    lead(2, ("Welcome", "10", "active"), ("Launch", "2", "unsubscribed"), memberships=[("Course", "Gold", "0")]),
    lead(3, ("Welcome", "4", "Active"), ("Launch", "", "completed")),
    lead(4),
]


async def test_contacts_are_counted_by_sequence_and_step(tmp_path: Path) -> None:
    """Active, unsubscribed and other contacts apart; steps in the order of their numbers; the highest of anybody."""
    options = options_in(tmp_path)
    await tell(options, LEADS, "f1", "2026-01-01T00:00:00+00:00")
    counted = await inventory(options, None, tmp_path / "out", None)
    welcome, launch = counted.sequences
    assert (welcome.name, welcome.active, welcome.unsubscribed, welcome.other) == ("Welcome", 3, 0, 0)
    assert (welcome.steps, welcome.highest_step) == ((Step("4", 2), Step("10", 1)), 10)
    assert (launch.name, launch.active, launch.unsubscribed, launch.other) == ("Launch", 0, 1, 1)
    assert (launch.steps, launch.highest_step) == ((), 2)
    assert [(one.name, one.level, one.active, one.ended) for one in counted.memberships] == [("Course", "Gold", 1, 1)]
    assert counted.contacts == 4


async def test_the_newest_answer_of_a_contact_counts(tmp_path: Path) -> None:
    """Of several answers about one contact the newest file's counts alone, also where it tells of no sequence."""
    options = options_in(tmp_path)
    await tell(options, [lead(1), lead(2, ("Welcome", "5", "active"))], "f2", "2026-02-01T00:00:00+00:00")
    await tell(options, LEADS[:2], "f1", "2026-01-01T00:00:00+00:00")
    counted = await inventory(options, None, tmp_path / "out", None)
    [welcome] = counted.sequences
    assert (welcome.active, welcome.steps, counted.contacts) == (1, (Step("5", 1),), 2)
    assert (counted.as_of, counted.answers) == ("2026-02-01T00:00:00+00:00", ("f1.jsonl", "f2.jsonl"))


async def test_files_and_ledger_tell_the_same(tmp_path: Path) -> None:
    """Read straight from a folder, the same answers give the same counts; there the account's own names count too."""
    write_lines(tmp_path / "exports" / "leads.jsonl", LEADS)
    names = {"account_sequences": [{"sequence_name": "Never used"}, {"sequence_name": "Welcome"}]}
    (tmp_path / "exports" / "sequences.json").write_text(json.dumps(names))
    options = options_in(tmp_path)
    await tell(options, LEADS, "f1", "2026-01-01T00:00:00+00:00")
    of_ledger = await inventory(options, None, tmp_path / "one", None)
    of_files = await inventory(options, tmp_path / "exports", tmp_path / "two", None)
    *same, unused = of_files.sequences
    assert same == of_ledger.sequences
    assert (unused.name, unused.active, unused.highest_step) == ("Never used", 0, None)
    assert of_files.memberships == of_ledger.memberships


async def test_one_contact_in_two_files_counts_once(tmp_path: Path) -> None:
    """An answer without a number is about the contact whose e-mail it has, whichever file taught that."""
    nameless = {name: value for name, value in lead(1, ("Welcome", "6", "active")).items() if name != "id"}
    write_lines(tmp_path / "exports" / "leads_01-01-2026_695666005f5f6.jsonl", LEADS[:1])
    write_lines(tmp_path / "exports" / "leads_01-02-2026_697f44805f5f6.jsonl", [nameless])
    counted = await inventory(options_in(tmp_path), tmp_path / "exports", tmp_path / "out", None)
    [welcome] = counted.sequences
    assert (counted.contacts, welcome.steps) == (1, (Step("6", 1),))


async def test_answers_about_nobody_are_counted_apart(tmp_path: Path) -> None:
    """An answer that names nobody is in no count, and is told of."""
    options = options_in(tmp_path)
    await tell(options, LEADS, "f1", "2026-01-01T00:00:00+00:00", held=2)
    write_lines(tmp_path / "exports" / "leads.jsonl", [*LEADS, {**lead(9, ("Welcome", "1", "active")), "email": "-"}])
    of_ledger = await inventory(options, None, tmp_path / "one", None)
    of_files = await inventory(options, tmp_path / "exports", tmp_path / "two", None)
    assert (of_ledger.left_out, of_ledger.contacts) == (2, 4)
    assert (of_files.left_out, of_files.contacts) == (1, 4)
    assert of_files.sequences == of_ledger.sequences


async def test_a_place_without_answers_says_so(tmp_path: Path) -> None:
    """Neither a ledger nor a folder without answers gives empty forms: what is missing is named."""
    options = options_in(tmp_path)
    await tell(options, [], "f1", "2026-01-01T00:00:00+00:00")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "contacts.csv").write_text("email,first_name\nzoe@x.org,Zoe\n")
    with pytest.raises(WrongUse, match="holds no answers"):
        await inventory(options, tmp_path / "exports", tmp_path / "out", None)
    assert not (tmp_path / "out").exists()


def test_what_stands_out_among_a_sequence_s_contacts_is_named() -> None:
    """A tag that its contacts carry and few others do is a guess; one that everybody carries is none."""
    inside = [Lead(sequences=(InSequence("Launch", "1", "active"),), tags=frozenset({"Webinar", "All"}))] * 8
    outside = [Lead(tags=frozenset({"All"}), lists=frozenset({"News"}))] * 30
    rare = [Lead(tags=frozenset({"Webinar", "All"}))] * 2
    [launch] = sequences([*inside, *outside, *rare])
    [hint] = launch.hints
    assert (hint.kind, hint.name, hint.members, hint.overall, hint.lift) == ("tag", "Webinar", 8, 10, 4.0)


def test_too_few_contacts_are_no_hint() -> None:
    """Four contacts of a sequence may share a tag by chance."""
    inside = [Lead(sequences=(InSequence("Launch", "1", "active"),), tags=frozenset({"Webinar"}))] * 4
    [launch] = sequences([*inside, *[Lead()] * 50])
    assert launch.hints == ()


_entries = st.builds(
    InSequence,
    st.sampled_from(["A", "B", "C"]),
    st.text(st.sampled_from("0123456789 abx"), max_size=30),
    st.sampled_from(["active", "ACTIVE ", "unsubscribed", "completed", ""]),
)
_leads = st.lists(
    st.builds(
        Lead,
        sequences=st.lists(_entries, unique_by=lambda one: one.name, max_size=3).map(tuple),
        memberships=st.lists(st.builds(InMembership, st.just("M"), st.sampled_from("12"), st.sampled_from("01"))).map(
            tuple
        ),
        tags=st.frozensets(st.sampled_from("xyz")),
    ),
    max_size=40,
)


@given(_leads)
def test_the_counts_add_up(leads: list[Lead]) -> None:
    """Every contact of a sequence is in one of three counts, every active one at one step, none beyond the highest."""
    for one in sequences(leads):
        inside = [entry for lead in leads for entry in lead.sequences if entry.name == one.name]
        assert one.active + one.unsubscribed + one.other == len(inside)
        assert sum(step.active for step in one.steps) == one.active
        numbers = [number for step in one.steps if (number := step_number(step.step)) is not None]
        assert all(one.highest_step is not None and number <= one.highest_step for number in numbers)
        assert numbers == sorted(numbers)
    told = memberships(leads)
    assert sum(one.active + one.ended for one in told) == sum(
        len({(entry.name, entry.level) for entry in lead.memberships}) for lead in leads
    )


@pytest.mark.parametrize(
    ("step", "number"),
    [("4", 4), (" 12b", 12), ("", None), ("b12", None), ("9" * 10, None), ("9" * 6000, None), ("0", 0)],
)
def test_steps_are_read_by_the_number_they_begin_with(step: str, number: int | None) -> None:
    """A step is a box's number, with letters or not; one that no editor has is text."""
    assert step_number(step) == number


@pytest.mark.parametrize("cell", ["{", '"x"', '[{"step":"1"}]', "[1]", '["\\ud800"]'])
def test_relations_that_cannot_be_read_are_refused(cell: str) -> None:
    """A cell that is not the list it must be is no empty list."""
    with pytest.raises(ValueError, match="cannot be read"):
        lead_of({"sequences": cell})


def test_unreadable_answers_are_counted_apart(tmp_path: Path) -> None:
    """An answer whose relations cannot be read is told of, and the contact's older one still counts."""
    options = options_in(tmp_path)
    broken = {**lead(2), "sequences": [{"sequence_name": 5, "step": "1", "status": "active"}]}

    async def tell_and_count() -> tuple[int, int]:
        await tell(options, [*LEADS, broken], "f1", "2026-01-01T00:00:00+00:00")
        counted = await inventory(options, None, tmp_path / "out", None)
        return counted.unreadable, counted.contacts

    assert anyio.run(tell_and_count) == (1, 4)
