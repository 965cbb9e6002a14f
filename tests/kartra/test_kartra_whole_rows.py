"""Rows read one after another are the rows read one by one: nothing changes with the way that is faster."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.kartra import csv_rows, scan
from adapters.kartra.exports import Export
from adapters.mapping.types import RowProblem, SourceRow

_HEADER = "id,email,first_name\n"
_PIECES = ["1", "a@x.com", ",", ",", ",", '"', '""', "\n", "\r\n", "\r", " ", "\x00", "\n\n", "2,b@x.com,Bob\n", "é;\n"]
_texts = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


def _export(folder: Path) -> Export:
    path = folder / "contacts.csv"
    path.write_text(f"{_HEADER}1,a@x.com,Ann\n", encoding="utf-8")
    return scan(path).exports[0]


def _read(export: Export, text: str) -> list[SourceRow | RowProblem]:
    return list(csv_rows.csv_rows(export, io.StringIO(_HEADER + text, newline="")))


def _nothing(*_: Any) -> Any:
    return iter(())


@settings(deadline=None)
@given(text=_texts, size=st.sampled_from([1, 2, 7, 20, 1 << 18]))
@example(text='1,a@x.com,"Ann\nof\nBerlin"\n2,b@x.com\n3,"c@x.com,Cyd\n4,d@x.com,Dan\n', size=1 << 18)
@example(text='1,a@x.com,Ann\n\n\n2,b@x.com,"Bob', size=1 << 18)
@example(text='1,a@x.com,"Ann\r\nof\rBerlin"\r\n2,b@x.com,Bob\r\n', size=1)
def test_rows_are_the_same_read_in_a_stretch_or_one_by_one(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int
) -> None:
    """Cells, lines and what is told of broken rows, whatever a file holds and however much of it is read at once."""
    export = _export(tmp_path_factory.mktemp("rows"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(csv_rows, "_STRETCH", size)
        found = _read(export, text)
        patched.setattr(csv_rows, "_whole_rows", _nothing)
        assert found == _read(export, text)


@settings(deadline=None)
@given(text=_texts, size=st.sampled_from([1, 2, 7, 20]))
@example(text='1,a@x.com,"' + "long " * 20 + '"\n2,b@x.com,Bob\n', size=20)
@example(text="1,a@x.com," + "x" * 100 + "\n2,b@x.com,Bob\n3," + "y" * 90, size=7)
def test_lines_too_long_are_the_same_read_in_a_stretch(
    tmp_path_factory: pytest.TempPathFactory, text: str, size: int
) -> None:
    """A line beyond what is read as one ends the stretch, and is told as before."""
    export = _export(tmp_path_factory.mktemp("rows"))
    with pytest.MonkeyPatch.context() as patched:
        for module in (csv_rows, csv_rows.is_overlong.__globals__):
            setter = patched.setattr if module is csv_rows else patched.setitem
            setter(module, "MAX_LINE", 24)  # type: ignore[operator]
        patched.setattr(csv_rows, "_STRETCH", size)
        found = _read(export, text)
        patched.setattr(csv_rows, "_whole_rows", _nothing)
        assert found == _read(export, text)
