"""The benchmark of what is made of an export measures what it says."""

import csv
import io
from pathlib import Path

from ledger import hashing
from tests.bench import contacts, costs, making


def test_an_export_has_thirty_columns_and_is_made_up_from_a_seed(tmp_path: Path) -> None:
    """The same for the same seed, a row a contact, another for another."""
    one, same, other = (tmp_path / name for name in ("one.csv", "same.csv", "other.csv"))
    for path, seed in ((one, 1), (same, 1), (other, 2)):
        contacts.write(path, 20, seed)
    assert one.read_bytes() == same.read_bytes() != other.read_bytes()
    rows = list(csv.reader(io.StringIO(one.read_text("utf-8"), newline="")))
    assert [len(row) for row in rows] == [30] * 21


def test_costs_are_those_of_the_function_itself() -> None:
    """What a named function calls counts as another's where that has a name, and nothing is counted twice."""
    sealing = hashing.seal
    with costs.counted({"sealing": ["ledger.hashing:seal"], "bytes": ["ledger.hashing:canonical"]}, "rest") as found:
        hashing.seal("a", {"b": 1})
    assert found.seconds.keys() == {"sealing", "bytes", "rest"}
    assert hashing.seal is sealing


def test_it_measures_with_and_without_appending_and_validators() -> None:
    """Both ways are measured, and every named cost is found in the program as it is."""
    measured = making.measure(30, 1, 1)
    assert measured.costs.keys() == {*making.NAMED, "the rest"}
    assert measured.costs_bare.keys() == measured.costs.keys() - {"appending", "validating phones"}
    assert [row.target for row in making.rows(measured)] == [4, 4]
    assert all(part > 0 for one in (*measured.all_in, *measured.bare) for part in (one.extract, one.transform))
