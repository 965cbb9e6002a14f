"""What load, delta and status print: sums that add up, and a name for all that is left."""

import re
from pathlib import Path

import anyio

from tests.delta.accounts import ACCOUNT, ANN, BOB, CYD, export
from tests.journey.handmade import say
from tests.journey.world import Journey, create_company, create_person


def sums(printed: str) -> list[tuple[int, int]]:
    """Of the rows, and of the records of each object: the total, and the sum of what became of them."""
    [words] = re.findall(r"rows: (.*?waiting)", printed, re.DOTALL)
    totals = [[int(count) for count in re.findall(r"\d+", words)]]
    lines = printed[printed.index("object ") :].splitlines()[1:]
    totals += [[int(count) for count in line.split()[1:]] for line in lines if re.fullmatch(r"\w+( +\d+)+ *", line)]
    return [(counts[0], sum(counts[1:])) for counts in totals]


def word(journey: Journey, *words: str | Path) -> str:
    """What a command prints, which fits 80 columns save for the run and the head."""
    told = say(journey, "--sandbox", *words).out
    assert [line for line in told.splitlines() if len(line) > 80 and not line.startswith(("run", "open", "note"))] == []
    return told


async def some_there(journey: Journey) -> None:
    """A person, and two companies of the account's."""
    async with journey.twenty() as twenty:
        await create_person(twenty.client, data={"emails": {"primaryEmail": ANN["email"]}})
        for name in ("Acme Ltd", "Gamma Inc"):
            await create_company(twenty.client, data={"name": name})


def test_counts_add_up_and_what_is_left_is_named(journey: Journey) -> None:
    """Adopted, skipped, unchanged: nothing is left out of a sum; who goes without a company is told by a delta too."""
    anyio.run(some_there, journey)
    signed = ("--accept-defaults", "--automations", "leave")
    policies = ("--existing", "person=adopt", "--existing", "company=skip")
    loaded = word(journey, "load", export(journey, 0, ACCOUNT), *signed, *policies)
    assert {"adopted", "skipped"} <= set(loaded.split())
    moved = export(journey, 1, [{**ANN, "company": "Gamma Inc"}, BOB, CYD])
    compared = word(journey, "delta", moved, *signed)
    assert "without a relation of theirs, since what it points at is not in Twenty: 1\n" in compared
    assert "left for a person: 2 (`holds` lists 1 rows and records)\n" in compared
    shown = word(journey, "status")
    assert "+ 2 unchanged +" in shown
    # A load reads what the delta left out.
    again = word(journey, "load", moved, *signed)
    for printed, rows in ((loaded, 3), (shown, 6), (again, 6)):
        found = sums(printed)
        assert [total for total, _ in found] == [total for _, total in found]
        assert (found[0][0], len(found)) == (rows, 3)
