"""The inventory as Markdown: a form to work through, with what is counted filled in and the rest left blank."""

from collections.abc import Iterator

from adapters.reports.sheets import markdown_table
from adapters.reports.text import markdown
from commands.rebuilding.counting import LEAST_CONTACTS, LEAST_LIFT, LEAST_SHARE, Sequence
from commands.rebuilding.document import Inventory
from commands.rebuilding.sheets import laid_out

FORM = "inventory.md"

_BLANK_STEPS = 5
_BLANKS = ("Trigger", "Goal", "Rebuilt as", "Done by, on")

_UNKNOWN = f"""## What is not known

Kartra gives none of this out, neither in its CSV exports nor by its API: copy it by hand from Kartra's editor while the
account is still open.

- What a step is and says: e-mail or not, subject line, body, attachments, A/B tests, sub-sequences.
- Delays, conditions, and what ends a sequence.
- What starts a sequence. The guesses here are tags and lists that {LEAST_CONTACTS} or more of its contacts carry,
  at least {LEAST_SHARE:.0%} of them, and {LEAST_LIFT:g} times as often as contacts overall. It may set them itself.
- When anybody entered, left or finished: only the step and the status at the moment of the answer are told.
- How long a sequence is. The highest step seen is a lower bound, and not every step is an e-mail: steps are the numbers
  of the boxes in Kartra's editor.
- Contacts no answer was asked for: they are in none of these counts.
"""


def form(inventory: Inventory) -> str:
    """The whole text; every name in it is inert."""
    parts = ["# To rebuild by hand\n", _sources(inventory), _overview(inventory), _UNKNOWN]
    parts += [_sequence(one) for one in inventory.sequences]
    parts += [_memberships(inventory), _listed(inventory)]
    return "\n".join(part for part in parts if part)


def _sources(inventory: Inventory) -> str:
    if inventory.as_of is None:
        return "No answers about contacts were read: who is in which sequence is not known.\n"
    files = ", ".join(markdown(name) for name in inventory.answers)
    told = [f"Counted from the newest answer about each of {inventory.contacts} contacts, in {files}."]
    told.append(f"The newest file is of {markdown(inventory.as_of)}.")
    if inventory.left_out:
        told.append(f"Left out, since they cannot be told to be about anybody: {inventory.left_out} answers.")
    if inventory.unreadable:
        told.append(f"Left out, since they cannot be read: {inventory.unreadable} answers.")
    return " ".join(told) + "\n"


def _overview(inventory: Inventory) -> str:
    if not inventory.sequences:
        return "## Sequences\n\nNone is known.\n"
    rows = [
        (at, one.name, one.active, one.unsubscribed, one.other, one.highest_step)
        for at, one in enumerate(inventory.sequences, 1)
    ]
    header = ["no.", "sequence", "active", "unsubscribed", "other", "highest step seen"]
    return f"## Sequences\n\n{markdown_table(header, rows)}"


def _sequence(one: Sequence) -> str:
    highest = "none seen" if one.highest_step is None else str(one.highest_step)
    counted = f"Contacts: {one.active} active, {one.unsubscribed} unsubscribed, {one.other} of another status."
    blanks = "\n".join(f"- {blank}: ____" for blank in _BLANKS)
    return "\n".join(
        [
            f"## {markdown(one.name)}\n",
            f"{counted} Highest step seen: {highest}.\n",
            *_guesses(one),
            f"{blanks}\n",
            _steps(one),
        ]
    )


def _guesses(one: Sequence) -> Iterator[str]:
    if one.hints:
        rows = [(hint.kind, hint.name, hint.members, hint.overall, f"{hint.lift} ×") for hint in one.hints]
        header = ["kind", "name", "of its contacts", "of all contacts", "more often"]
        yield f"What may start it, a guess:\n\n{markdown_table(header, rows)}"


def _steps(one: Sequence) -> str:
    rows = [(step.step or "not told", step.active, "", "", "", "") for step in laid_out(one)]
    blank = [("", None, "", "", "", "")] * (0 if rows else _BLANK_STEPS)
    header = ["step", "active contacts", "type", "delay", "subject line", "body copied to"]
    return markdown_table(header, [*rows, *blank])


def _memberships(inventory: Inventory) -> str:
    if not inventory.memberships:
        return ""
    rows = [(one.name, one.level, one.active, one.ended, "") for one in inventory.memberships]
    header = ["membership", "level", "contacts that have it", "contacts that had it", "rebuilt as"]
    return f"## Memberships\n\n{markdown_table(header, rows)}"


def _listed(inventory: Inventory) -> str:
    if not inventory.listed:
        return ""
    rows = [(one.kind, one.name, one.remarks, "", "") for one in inventory.listed]
    header = ["kind", "name", "remarks", "rebuilt as", "done by, on"]
    return f"## Forms, pages, automations and the like, as listed by hand\n\n{markdown_table(header, rows)}"
