"""What a terminal shows of words that rich could take for markup: just these words."""

from io import StringIO

from hypothesis import given
from hypothesis import strategies as st

from commands.terminal import Terminal

PIECES = (
    "[",
    "]",
    "[red]",
    "[/red]",
    "[/]",
    "\\",
    "\\[",
    ":smile:",
    ":warning:",
    "a b",
    "http://x.org",
    "東京",
    "{",
    "%s",
    "'1'",
)
words = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(lambda some: f"<{''.join(some)}>")


@given(words)
def test_what_a_cell_holds_is_shown_as_it_is(cell: str) -> None:
    """Brackets, backslashes and names of emoji are no markup in a table's cells or its head."""
    shown = StringIO()
    Terminal(file=shown, width=80, highlight=False).draw([cell], [[cell]], frozenset())
    assert [line.rstrip() for line in shown.getvalue().splitlines()] == [cell, cell]


@given(words)
def test_what_is_said_is_shown_as_it_is(line: str) -> None:
    """Nor in a line, however long it is."""
    shown = StringIO()
    Terminal(file=shown, width=20).say(line * 9)
    assert shown.getvalue() == line * 9 + "\n"
