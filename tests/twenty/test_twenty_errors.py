"""The error tree: stable codes, transient and terminal apart."""

import re

import pytest

from adapters.twenty import TwentyError, errors

TREE = errors.__doc__ or ""


def subclasses(of: type[TwentyError]) -> list[type[TwentyError]]:
    """All classes below one."""
    return [below for one in of.__subclasses__() for below in [one, *subclasses(one)]]


def test_codes_are_stable_and_drawn() -> None:
    """Every error that can be raised stands in the drawn tree with its own code, and nothing else does."""
    drawn = dict(re.findall(r"[├└]── (\w+) +(twenty_\w+)", TREE))
    raised = {one.__name__: one.code for one in subclasses(TwentyError) if not one.__subclasses__()}
    assert drawn == raised
    assert len(set(drawn.values())) == len(drawn)


@pytest.mark.parametrize("error", subclasses(TwentyError), ids=lambda one: one.__name__)
def test_each_is_transient_terminal_or_unknown(error: type[TwentyError]) -> None:
    """What to do next is decided by three families, and no error is in two."""
    families = (errors.TransientError, errors.TerminalError, errors.OutcomeUnknown)
    assert sum(issubclass(error, family) for family in families) == 1


def test_messages_are_safe_for_a_terminal() -> None:
    """What a hostile server names cannot write escape codes to a terminal, nor flood it."""
    text = str(errors.QueryRefused("\x1b[31m\n" + "x" * 5_000))
    assert text.isprintable()
    assert len(text) <= 300
