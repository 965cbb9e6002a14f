"""The inventory as sheets: what is counted on the left, columns to be filled in by hand on the right."""

from collections.abc import Iterator
from pathlib import Path

from adapters.reports.sheets import Cell, write_sheet
from commands.rebuilding.counting import Hint, Sequence, Step, step_number, step_place
from commands.rebuilding.document import Inventory

SEQUENCES, STEPS, OTHERS = "inventory.csv", "inventory-steps.csv", "inventory-others.csv"

_BY_HAND = ("rebuilt_as", "done_by", "done_on")
_SEQUENCE = (
    "sequence", "contacts_active", "contacts_unsubscribed", "contacts_other", "highest_step_seen",
    "active_by_step", "trigger_guess", "trigger", "goal", *_BY_HAND,
)  # fmt: skip
_STEP = ("sequence", "step", "contacts_active", "type", "delay", "condition", "subject_line", "body", *_BY_HAND)
_OTHER = ("kind", "name", "detail", "contacts_active", "contacts_ended", "remarks", *_BY_HAND)

MOST_STEPS = 200
"""Rows a sequence's steps are laid out in beyond those seen: a number written by mistake must not fill a sheet."""


def write_sheets(folder: Path, inventory: Inventory) -> None:
    """Write the three sheets.

    Raises:
        OSError: the folder cannot be written.
    """
    write_sheet(folder / SEQUENCES, _SEQUENCE, map(_sequence, inventory.sequences))
    write_sheet(folder / STEPS, _STEP, _steps(inventory))
    write_sheet(folder / OTHERS, _OTHER, _others(inventory))


def laid_out(sequence: Sequence) -> list[Step]:
    """The steps of a sequence: those where somebody waits, and every number up to the highest seen."""
    seen = {step_number(step.step) for step in sequence.steps}
    missing = range(1, min(sequence.highest_step or 0, MOST_STEPS) + 1)
    empty = [Step(str(number), 0) for number in missing if number not in seen]
    return sorted([*sequence.steps, *empty], key=lambda step: step_place(step.step))


def guess(hints: tuple[Hint, ...]) -> str:
    """What may start the sequence, in words that say how much there is to it."""
    return "; ".join(f"{hint.kind} {hint.name} ({hint.members} of its contacts, x{hint.lift})" for hint in hints)


def _sequence(one: Sequence) -> list[Cell]:
    by_step = "; ".join(f"{step.step or '?'}: {step.active}" for step in one.steps)
    numbers = [one.active, one.unsubscribed, one.other, one.highest_step]
    return _filled([one.name, *numbers, by_step, guess(one.hints)], _SEQUENCE)


def _steps(inventory: Inventory) -> Iterator[list[Cell]]:
    for sequence in inventory.sequences:
        for step in laid_out(sequence):
            yield _filled([sequence.name, step.step or "?", step.active], _STEP)


def _others(inventory: Inventory) -> Iterator[list[Cell]]:
    for one in inventory.memberships:
        yield _filled(["membership", one.name, one.level, one.active, one.ended], _OTHER)
    for listed in inventory.listed:
        yield _filled([listed.kind, listed.name, None, None, None, listed.remarks], _OTHER)


def _filled(counted: list[Cell], header: tuple[str, ...]) -> list[Cell]:
    """What is counted, and blanks for the rest of the row."""
    return [*counted, *[None] * (len(header) - len(counted))]
