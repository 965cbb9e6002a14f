"""Who a row is about: the rules of identity, one by one and as properties over any rows."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.kartra import IdentityIndex, Placement

Who = tuple[str | None, str | None]


def digest(email: str) -> str:
    """A digest that can be read in a test."""
    return email.partition("@")[0]


def resolve(
    rows: Sequence[Who], known: Mapping[str, str] | None = None, numbers: Mapping[str, str] | None = None
) -> list[Placement]:
    """Both passes over some rows."""
    index = IdentityIndex(digest, (known or {}).get, numbers.get if numbers is not None else None)
    for number, email in rows:
        index.observe(number, email)
    return [index.place(number, email) for number, email in rows]


def results(
    rows: Sequence[Who], known: Mapping[str, str] | None = None, numbers: Mapping[str, str] | None = None
) -> list[str | None]:
    """Stream or reason of every row."""
    return [placement.stream or placement.reason for placement in resolve(rows, known, numbers)]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(None, "a@x")], ["contact:~a"], id="only an e-mail"),
        pytest.param([("1", "a@x")], ["contact:1"], id="a number"),
        pytest.param([(None, "a@x"), ("1", "a@x"), (None, "a@x")], ["contact:1"] * 3, id="the number may come later"),
        pytest.param(
            [("1", "a@x"), ("1", "b@x"), (None, "a@x"), (None, "b@x")],
            ["contact:1"] * 4,
            id="a changed e-mail",
        ),
        pytest.param([(None, "b@x"), ("1", "a@x"), ("1", "b@x")], ["contact:1"] * 3, id="joined by a later row"),
        pytest.param([("1", "a@x"), ("2", "a@x")], ["contact:1", "email_taken"], id="two numbers, the first stays"),
        pytest.param(
            [("1", "a@x"), ("2", "a@x"), ("2", "b@x")],
            ["contact:1", "email_taken", "contact:2"],
            id="the other lives",
        ),
        pytest.param(
            [("2", "b@x"), ("1", "a@x"), ("2", "a@x")],
            ["contact:2", "contact:1", "email_taken"],
            id="e-mail changed to another's",
        ),
        pytest.param(
            [("1", "a@x"), ("1", "b@x"), ("2", "a@x")],
            ["contact:1", "contact:1", "email_taken"],
            id="an old e-mail stays its own",
        ),
        pytest.param([("1", None), ("1", "a@x")], ["contact:1"] * 2, id="a row without e-mail by its number"),
        pytest.param([("1", None)], ["email_missing"], id="a number alone"),
        pytest.param(
            [("1", "a@x"), ("2", "a@x"), ("2", None)],
            ["contact:1", "email_taken", "email_missing"],
            id="nothing but a taken e-mail",
        ),
        pytest.param([(None, None)], ["email_missing"], id="nobody"),
    ],
)  # fmt: skip
def test_rules_within_one_load(rows: list[Who], expected: list[str]) -> None:
    """Rows of the files at hand, nothing known before."""
    assert results(rows) == expected


def test_a_known_stream_keeps_its_key() -> None:
    """A contact first known by e-mail keeps that key when its number is learnt, and the number is taught."""
    (placement,) = resolve([("1", "a@x")], known={"contact:~a": "contact:~a"})
    assert placement == Placement(stream="contact:~a", aliases=("contact:1",))


def test_a_known_alias_finds_its_stream() -> None:
    """Every alias of the ledger leads to its stream, and is not taught again."""
    known = {"contact:1": "contact:~a", "contact:~a": "contact:~a", "contact:~b": "contact:~a"}
    placements = resolve([(None, "b@x"), ("1", "c@x")], known, numbers={"contact:~a": "1"})
    assert placements == [Placement(stream="contact:~a"), Placement(stream="contact:~a", aliases=("contact:~c",))]


def test_a_known_contact_needs_no_email_in_these_files() -> None:
    """The ledger holds no contact without an e-mail, so a number it knows is enough."""
    assert results([("1", None)], known={"contact:1": "contact:1"}) == ["contact:1"]


@pytest.mark.parametrize(
    ("rows", "carried", "expected"),
    [
        pytest.param([("1", "b@x")], "~c", ["contact:1"], id="given up before"),
        pytest.param([("1", "b@x")], "~b", ["email_taken"], id="still the other's"),
        pytest.param([("1", "b@x"), ("2", "c@x")], "~b", ["contact:1", "contact:2"], id="given up by a later row"),
        pytest.param([("1", "b@x"), ("2", "a@x")], "~b", ["contact:1", "contact:2"], id="swapped"),
        pytest.param([("1", "b@x"), ("2", None)], "~b", ["email_taken", "contact:2"], id="nothing is no other e-mail"),
        pytest.param([("1", "b@x"), ("3", "b@x")], "~c", ["contact:1", "email_taken"], id="the first that takes it"),
        pytest.param([("3", "b@x"), (None, "b@x")], "~c", ["contact:3"] * 2, id="a new contact's"),
    ],
)
def test_an_email_that_was_given_up_moves(rows: list[Who], carried: str, expected: list[str]) -> None:
    """In later exports an address is free once the newest row of its contact, whom the ledger knows, has another."""
    known = {"contact:1": "contact:1", "contact:2": "contact:2", "contact:~a": "contact:1", "contact:~b": "contact:2"}
    index = IdentityIndex(digest, known.get)
    for number, email in rows:
        index.observe(number, email)
    index.carry({"contact:2": f"contact:{carried}"} if "contact:2" in index.contested else {})
    placements = [index.place(number, email) for number, email in rows]
    assert [placement.stream or placement.reason for placement in placements] == expected


def test_two_known_streams_are_not_merged() -> None:
    """A row that makes one person of two streams is held; both streams go on."""
    known = {"contact:1": "contact:1", "contact:~a": "contact:~a"}
    rows: list[Who] = [("1", "a@x"), ("1", "b@x"), (None, "a@x")]
    assert results(rows, known) == ["identity_conflict", "contact:1", "contact:~a"]


def test_a_known_streams_number_counts() -> None:
    """An e-mail whose stream has learnt another number in an earlier load is taken."""
    known = {"contact:~a": "contact:~a"}
    assert results([("2", "a@x")], known, numbers={"contact:~a": "1"}) == ["email_taken"]


def test_each_alias_is_taught_once() -> None:
    """Only the first row that shows an alias teaches it, and a stream's own key is no news."""
    taught = [placement.aliases for placement in resolve([("1", "a@x"), ("1", "a@x"), (None, "a@x"), ("1", "b@x")])]
    assert taught == [("contact:~a",), (), (), ("contact:~b",)]


WHO = st.tuples(st.none() | st.sampled_from("12345"), st.none() | st.sampled_from(["a@x", "b@x", "c@x", "d@x"]))
KNOWN = st.dictionaries(
    st.sampled_from(["contact:1", "contact:2", "contact:~a", "contact:~b"]),
    st.sampled_from(["contact:1", "contact:~a", "contact:~b"]),
).map(lambda known: {**known, **{stream: stream for stream in known.values()}})


@given(st.lists(WHO, max_size=12), KNOWN)
def test_identity_is_a_partition(rows: list[Who], known: dict[str, str]) -> None:
    """Placed rows that share a number or an e-mail share a stream, and no stream has two numbers of these files."""
    streams: dict[str, set[str]] = {}
    numbers: dict[str, set[str]] = {}
    for (number, email), placement in zip(rows, resolve(rows, known), strict=True):
        assert (placement.stream is None) != (placement.reason is None)
        if placement.stream is None:
            continue
        for identity in filter(None, (number, email)):
            streams.setdefault(identity, set()).add(placement.stream)
        if number:
            numbers.setdefault(placement.stream, set()).add(number)
    assert all(len(shared) == 1 for shared in streams.values())
    if not known:
        assert all(len(shared) == 1 for shared in numbers.values())


@given(st.lists(WHO, max_size=12), KNOWN)
def test_known_aliases_decide(rows: list[Who], known: dict[str, str]) -> None:
    """A placed row never contradicts the ledger: an alias it knows leads to its stream."""
    for (number, email), placement in zip(rows, resolve(rows, known), strict=True):
        aliases = [f"contact:{number}"] if number else []
        aliases += [f"contact:~{digest(email)}"] if email else []
        if placement.stream is not None:
            assert all(known.get(alias, placement.stream) == placement.stream for alias in aliases)


@given(st.lists(WHO, max_size=12))
def test_what_is_taught_is_enough_to_find_everybody_again(rows: list[Who]) -> None:
    """A second load of the same rows, knowing what the first taught, places each row as before and teaches nothing."""
    first = resolve(rows)
    known = {placement.stream: placement.stream for placement in first if placement.stream}
    known |= {alias: placement.stream for placement in first if placement.stream for alias in placement.aliases}
    numbers = {stream: alias[8:] for alias, stream in known.items() if "~" not in alias}
    second = resolve(rows, known, numbers)
    assert [placement.stream for placement in second] == [placement.stream for placement in first]
    assert all(placement.aliases == () for placement in second)
