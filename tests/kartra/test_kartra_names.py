"""Names and their numbers: on disk they are what they would be in memory."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.kartra import IdentityIndex, Placement, identity
from adapters.kartra.names import Names

_names = st.sampled_from(["a", "b", "c", "é", "", "a' --"])
_steps = st.lists(st.tuples(_names, st.none() | st.integers(0, 2**40)), max_size=30)
_who = st.tuples(st.sampled_from([None, "1", "2", "3"]), st.sampled_from([None, "a@x", "b@x", "c@x"]))


@settings(deadline=None)
@given(steps=_steps, most=st.integers(0, 3))
def test_many_names_are_a_dictionary(steps: list[tuple[str, int | None]], most: int) -> None:
    """Each step gives a name a number, or asks for it."""
    names, plain = Names(most), dict[str, int]()
    for name, value in steps:
        if value is None:
            assert names.get(name) == plain.get(name)
        else:
            names.put(name, value)
            plain[name] = value
    names.without(2)
    assert [names.get(name) for name in plain] == [value & ~2 for value in plain.values()]


@settings(deadline=None)
@given(rows=st.lists(_who, max_size=12))
def test_who_is_who_does_not_hang_on_where_names_are_kept(rows: list[tuple[str | None, str | None]]) -> None:
    """The same placements, twice over, with all names on disk."""
    expected = _placed(rows)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(identity, "Names", partial(Names, 0))
        assert _placed(rows) == expected


def _placed(rows: list[tuple[str | None, str | None]]) -> list[Placement]:
    index = IdentityIndex(lambda email: email, {"contact:~b@x": "contact:~b@x", "contact:3": "contact:~b@x"}.get)
    for number, email in rows:
        index.observe(number, email)
    once = [index.place(number, email) for number, email in rows]
    index.begin_again()
    return [*once, *(index.place(number, email) for number, email in rows)]
