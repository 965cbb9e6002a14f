"""The harness itself: what it lets pass, and that nothing else slips through."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conformance.binding import NAME, TIME, Bindings
from tests.conformance.expansion import expanded
from tests.conformance.matching import Matcher
from tests.conformance.recordings import Cut, Exchange

A, B, C = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abc")
RECORDED_AT, ONE_MS_LATER = "2026-11-23T17:00:00.000Z", "2026-11-23T17:00:00.001Z"
STARTED = datetime(2031, 5, 6, 12, tzinfo=UTC)


def exchange(body: Any = None, **changes: Any) -> Exchange:
    """A recorded exchange with this answer."""
    parts: dict[str, Any] = {"file": "f", "index": 0, "name": "n", "request": {}, "status": 200, "shortened": {}}
    return Exchange(**(parts | {"body": body} | changes))


def bindings() -> Bindings:
    """The bindings of a replay whose recording speaks of three ids."""
    return Bindings(STARTED, (A, B, C))


def differences(recorded: Any, ours: Any, held: Bindings | None = None, **changes: Any) -> list[str]:
    """What the matcher finds between two answers."""
    return Matcher(exchange(recorded, **changes), held or bindings()).compare(200, ours)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("abc", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_every_answer_matches_itself(body: Any) -> None:
    """An equal answer has no differences."""
    assert differences(body, body) == []


@given(JSON, JSON)
def test_unequal_answers_never_match(recorded: Any, ours: Any) -> None:
    """Without ids, times and cursors in them, matching is being equal, types included."""
    assert (differences(recorded, ours) == []) is (repr_sorted(recorded) == repr_sorted(ours))


def repr_sorted(value: Any) -> str:
    """A text that tells values apart, whatever the order of their keys."""
    if isinstance(value, dict):
        return "{" + repr(sorted((key, repr_sorted(part)) for key, part in value.items()))
    return repr([repr_sorted(part) for part in value]) if isinstance(value, list) else repr(value)


def test_the_status_counts() -> None:
    """An equal body under another status is a difference."""
    assert Matcher(exchange({}), bindings()).compare(400, {}) != []


def test_one_recorded_id_is_one_id_throughout() -> None:
    """Bound on first sight; another id for it later, or it for another recorded one, is a difference."""
    held = bindings()
    assert differences({"id": A}, {"id": C}, held) == []
    assert differences({"id": A}, {"id": C}, held) == []
    assert differences({"id": A}, {"id": B}, held) != []
    assert differences({"id": B}, {"id": C}, held) != []


def test_ids_inside_texts_are_bound_too() -> None:
    """An error that names a record must name the same one."""
    held = bindings()
    assert differences(f"found for (id: {A})", f"found for (id: {C})", held) == []
    assert differences(f"found for (id: {B})", f"found for (id: {C})", held) != []
    assert differences(f"found for (id: {A})", f"lost for (id: {C})", held) != []


def test_requests_speak_of_the_sandbox_s_own_ids_and_times() -> None:
    """What an answer bound is replaced; a millisecond after a bound time is a millisecond after ours."""
    held = bindings()
    ours = "2031-05-06T12:34:56.789Z"
    assert differences({"id": A, "at": RECORDED_AT}, {"id": C, "at": ours}, held) == []
    sent = held.request({"f": [A, B, RECORDED_AT, ONE_MS_LATER]})
    assert sent == {"f": [C, B, ours, "2031-05-06T12:34:56.790Z"]}


def test_times_near_the_recording_move_with_the_clock() -> None:
    """One that no answer showed keeps its distance to the start; one far away is data and stays."""
    held = bindings()
    assert datetime.fromisoformat(held.request("2026-11-23T18:00:00.000Z")) == STARTED + timedelta(hours=1)
    assert held.request("2020-01-01T00:00:00.000Z") == "2020-01-01T00:00:00.000Z"


def test_what_the_sandbox_was_told_must_come_back() -> None:
    """A client-chosen id or time is bound to itself."""
    held = bindings()
    held.keep({"d": [{"id": A, "updatedAt": RECORDED_AT}]})
    assert differences({"id": A}, {"id": B}, held) != []
    assert differences(RECORDED_AT, ONE_MS_LATER, held) != []
    assert differences(RECORDED_AT, RECORDED_AT, held) == []


@pytest.mark.parametrize("ours", ["yesterday", "2031-05-06", None, "2031-05-06T12:00:00.123456Z"])
def test_a_server_time_must_be_a_time_in_milliseconds(ours: Any) -> None:
    """Which one is left open, its form is not."""
    assert differences({"at": RECORDED_AT}, {"at": ours}) != []


def test_cursors_are_compared_by_what_they_hold() -> None:
    """{"id": A} and {"id": B} as cursors: another key or a bound id elsewhere is a difference."""
    with_a = "eyJpZCI6ImFhYWFhYWFhLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMCJ9"
    with_b = "eyJpZCI6ImJiYmJiYmJiLTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwMDAwMCJ9"
    held = bindings()
    assert differences(with_a, with_b, held) == []
    assert differences(with_a, with_a, held) != []


def test_a_shortened_list_has_its_full_length() -> None:
    """The shown ones must lead it, and as many as were recorded must be there."""
    cut = {"response.data.people": (Cut(3, 1),)}
    recorded = {"data": {"people": ["x"]}}
    assert differences(recorded, {"data": {"people": ["x", "y", "z"]}}, shortened=cut) == []
    assert differences(recorded, {"data": {"people": ["y", "x", "z"]}}, shortened=cut) != []
    assert differences(recorded, {"data": {"people": ["x", "y"]}}, shortened=cut) != []


def test_what_a_filter_destroyed_may_come_in_any_order() -> None:
    """Only there, and only where the recording shows a part; what is shown must be among it."""
    cut = {"response.data.destroyPeople": (Cut(2, 1),)}
    recorded = {"data": {"destroyPeople": [{"id": A}]}}
    held = bindings()
    held.keep([A, B])
    assert differences(recorded, {"data": {"destroyPeople": [{"id": B}, {"id": A}]}}, held, shortened=cut) == []
    assert differences(recorded, {"data": {"destroyPeople": [{"id": B}, {"id": C}]}}, held, shortened=cut) != []


def test_a_shortened_request_grows_to_its_full_length() -> None:
    """Numbers count on, remembered ids follow in their order, unknown ones are new, the rest is as it was."""
    rows = [
        {"id": A, "email": "n200x0@x.org", "at": "2020-01-01"},
        {"id": B, "email": "n200x1@x.org", "at": "2020-01-01"},
    ]
    recorded = exchange(request={"variables": {"d": rows}}, shortened={"variables.d": (Cut(4, 2),)})
    grown = expanded(recorded, lambda found, count: [C][:count] if found == B else [])["d"]
    assert grown[:2] == rows
    assert [row["email"] for row in grown[2:]] == ["n200x2@x.org", "n200x3@x.org"]
    assert [row["at"] for row in grown] == ["2020-01-01"] * 4
    assert grown[2]["id"] == C
    assert NAME.fullmatch(grown[3]["id"])


def test_a_whole_request_is_left_alone() -> None:
    """Nothing is added where nothing was cut."""
    recorded = exchange(request={"variables": {"d": [{"id": A}], "n": 5}})
    assert expanded(recorded, lambda _found, _count: [C]) == {"d": [{"id": A}], "n": 5}


@given(st.datetimes())
def test_millisecond_times_are_told_from_other_texts(moment: datetime) -> None:
    """Three digits and a Z, as Twenty shows them."""
    assert TIME.fullmatch(moment.isoformat(timespec="milliseconds") + "Z")
    assert not TIME.fullmatch(moment.isoformat(timespec="microseconds") + "Z")
