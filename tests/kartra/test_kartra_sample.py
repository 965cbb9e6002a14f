"""The sample generator: the same for the same seed, as large as asked, awkward where it says so."""

import csv
import json
from pathlib import Path

import pytest

from adapters.kartra import read, scan
from adapters.kartra.sample import write_sample


def content(folder: Path) -> dict[str, tuple[bytes, float]]:
    """Every file's bytes and modification time."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime) for path in folder.glob("*.csv")}


def test_a_seed_gives_the_same_files(tmp_path: Path) -> None:
    """Same arguments, same names, bytes and modification times; another seed, other bytes."""
    for folder, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_sample(tmp_path / folder, 60, seed)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert (tmp_path / "a/truth.json").read_bytes() == (tmp_path / "b/truth.json").read_bytes()
    assert content(tmp_path / "a") != content(tmp_path / "c")


def test_a_dirty_sample_is_several_overlapping_exports(tmp_path: Path) -> None:
    """Five exports in five dialects, some with Kartra's number, all recognised, in the order of their clocks."""
    summary = write_sample(tmp_path, 200, 1)
    exports = scan(tmp_path).exports
    assert [export.name for export in exports] == [name for name, _ in summary.files]
    assert {export.encoding for export in exports} == {"utf-8", "utf-8-sig", "utf-16", "cp1252"}
    assert {export.delimiter for export in exports} == {",", ";", "\t"}
    assert {"id" in export.columns for export in exports} == {True, False}
    truth = json.loads((tmp_path / "truth.json").read_text("utf-8"))
    assert any(len({row.partition(":")[0] for row in person["rows"]}) > 1 for person in truth["people"])


def test_the_summary_counts_rows_as_read(tmp_path: Path) -> None:
    """The rows a file is said to have are the rows a reader finds in it."""
    summary = write_sample(tmp_path, 300, 2)
    assert [(export.name, sum(1 for _ in read(export))) for export in scan(tmp_path).exports] == list(summary.files)
    assert summary.people == summary.contacts == 300


def test_a_clean_sample_is_plain(tmp_path: Path) -> None:
    """A clean sample is one plain CSV file with unique e-mails and exactly the companies asked for."""
    summary = write_sample(tmp_path, 900, 3, dirty=False, companies=400)
    ((name, rows),) = summary.files
    with (tmp_path / name).open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    assert rows == len(cells) == len({row["email"] for row in cells}) == 900
    assert len({row["company"] for row in cells}) == summary.companies == 400
    assert summary.held == 0


@pytest.mark.parametrize(("contacts", "companies"), [(0, None), (-1, None), (5, 6), (5, -1)])
def test_impossible_counts_are_refused(tmp_path: Path, contacts: int, companies: int | None) -> None:
    """Counts that cannot be are refused before anything is written."""
    with pytest.raises(ValueError, match="cannot be"):
        write_sample(tmp_path / "out", contacts, 1, companies=companies)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("contacts", [1, 2, 7])
def test_a_tiny_sample_works(tmp_path: Path, contacts: int) -> None:
    """A sample may be as small as one contact."""
    assert write_sample(tmp_path, contacts, 4).people == contacts
