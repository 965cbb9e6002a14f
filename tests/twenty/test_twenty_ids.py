"""Ids: derived ones are stable and distinct, and a list of them is never empty."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.twenty import Ids, record_id
from adapters.twenty.ids import checked_mark, portions

NAMESPACE = UUID("6f1c2f0e-8d0a-4f3e-9a64-2d1a7c1b5e11")
KEYS = st.tuples(st.sampled_from(["person", "company", "kartraTag"]), st.text(max_size=20), st.integers(0, 30))
UUIDS = st.lists(st.uuids().filter(lambda one: one.int != 0), min_size=1, max_size=30)


def test_record_id_is_the_same_for_ever() -> None:
    """The derivation is frozen: another value would orphan every record written before."""
    derived = record_id(NAMESPACE, "person", "contact:4174086", 0)
    assert str(derived) == "194b6bc7-df4d-5049-b03f-f424b2886a1e"
    assert derived.version == 5


@given(st.sets(KEYS, min_size=2, max_size=20))
def test_different_streams_have_different_ids(keys: set[tuple[str, str, int]]) -> None:
    """Object, stream and generation each count: no two combinations share an id."""
    assert len({record_id(NAMESPACE, *key) for key in keys}) == len(keys)


def test_negative_generation_is_refused() -> None:
    """A generation counts deletions, so it cannot be negative."""
    with pytest.raises(ValueError, match="negative"):
        record_id(NAMESPACE, "person", "contact:1", -1)


@pytest.mark.parametrize("nothing", [[], (), set(), iter([])])
def test_ids_of_nothing_cannot_be_made(nothing: object) -> None:
    """An empty filter would mean every record: there is no empty Ids."""
    with pytest.raises(ValueError, match="empty"):
        Ids(nothing)  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", [["x"], [""], ["00000000-0000-0000-0000-000000000000"], ["%"]])
def test_ids_hold_uuids_only(odd: list[str]) -> None:
    """What is no UUID, or the all-zero one, never gets into a filter."""
    with pytest.raises(ValueError, match=r"UUID|hexadecimal"):
        Ids(odd)


def test_one_text_is_no_collection() -> None:
    """A single id passed by mistake is not read letter by letter."""
    with pytest.raises(TypeError):
        Ids(str(uuid4()))


@given(UUIDS, st.integers(1, 10))
def test_chunks_are_whole_and_never_empty(uuids: list[UUID], size: int) -> None:
    """Cutting keeps every id once, in order, in parts neither empty nor too large."""
    ids = Ids(uuids)
    parts = list(ids.chunks(size))
    assert [one for part in parts for one in part] == list(ids) == list(dict.fromkeys(map(str, uuids)))
    assert all(1 <= len(part) <= size for part in parts)


@given(UUIDS)
def test_letter_case_does_not_matter(uuids: list[UUID]) -> None:
    """Twenty lowers ids, so capitals make no second id."""
    assert Ids([str(one).upper() for one in uuids]) == Ids(uuids)
    assert hash(Ids([str(one).upper() for one in uuids])) == hash(Ids(uuids))


@pytest.mark.parametrize("wide", ["", "%", "abc%defgh", "abc_defgh", "short", "a\nbcdefgh"])
def test_mark_cannot_match_more_than_itself(wide: str) -> None:
    """A mark goes into a `like` pattern, so signs with a meaning there are refused."""
    with pytest.raises(ValueError, match="mark"):
        checked_mark(wide)


@given(st.dictionaries(st.sampled_from(["person", "company", "note"]), UUIDS.map(Ids)), st.integers(1, 20))
def test_portions_hold_every_id_once(targets: dict[str, Ids], size: int) -> None:
    """Ids of several objects are cut together: every one comes once, under its object, no portion too large."""
    cut = list(portions(targets, size))
    assert [(name, one) for part in cut for name, ids in part.items() for one in ids] == [
        (name, one) for name, ids in targets.items() for one in ids
    ]
    assert all(1 <= sum(map(len, part.values())) <= size for part in cut)
