"""How a value somebody wrote down is laid out: tables where it is one, counts by object together, long lists folded."""

from adapters.console.pages.structure import FEW, MOST, beside, matrix, shape

ID = "61534b3f-c9c7-502a-b461-4858f4ab49fa"


def test_values_have_their_shapes() -> None:
    """Text, ids, pairs, lists and tables are told apart; what is empty is empty text."""
    assert shape("x").kind == "text"
    assert shape(ID).kind == "id"
    assert shape({"a": 1}).rows == [["a", 1]]
    assert shape([1, 2]).kind == "list"
    assert [shape(nothing).rows for nothing in (None, "", {}, [])] == [[[""]]] * 4
    assert [shape(said).rows for said in (True, False, 0)] == [[["yes"]], [["no"]], [["0"]]]


def test_a_list_of_alike_things_is_a_table() -> None:
    """Its columns are all names that any of them has; what one lacks is missing there."""
    found = shape([{"id": 1, "why": "edited"}, {"id": 2, "field": "name"}])
    assert (found.kind, found.head) == ("table", ["id", "why", "field"])
    assert found.rows == [[1, "edited", None], [2, None, "name"]]


def test_long_lists_are_folded_and_cut_with_a_count() -> None:
    """Nothing is left out silently."""
    assert not shape(list(range(FEW))).folded
    assert shape(list(range(FEW + 1))).folded
    long = shape(list(range(MOST + 5)))
    assert (len(long.rows), long.left) == (MOST, 5)


def test_counts_by_object_stand_together() -> None:
    """Numbers by object, and lists by object as their lengths, make one table; the rest stands beside."""
    report = {
        "asked": {"person": 3, "note": 1},
        "answered": {"person": [ID]},
        "exact": False,
        "kept": [{"id": ID}],
        "scope": "everything",
    }
    found = matrix(report)
    assert found is not None
    assert found.head == ["asked", "answered"]
    assert found.rows == [("note", [1, None]), ("person", [3, 1])]
    assert list(beside(report)) == ["exact", "scope", "answered", "kept"]


def test_what_counts_nothing_has_no_table() -> None:
    """Not every report counts by object, and not every report is one."""
    assert matrix({"exact": True}) is None
    assert matrix("why it was closed in spite of that") is None
    assert beside("why") == {"": "why"}
