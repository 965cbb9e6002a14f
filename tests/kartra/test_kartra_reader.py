"""Reading rows: what is written comes back, where it stands, and damage costs one row."""

import csv
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.kartra import MAX_CELL, Export, ExportChanged, ExportUnreadable, read, recognise
from adapters.mapping.types import RowProblem, SourceRow

Make = Callable[..., Export]

HEADER = "email,first_name,notes\n"


def rows_of(export: Export) -> list[SourceRow | RowProblem]:
    """Every row of an export, verified."""
    return list(read(export, verify=True))


def lines_of(export: Export) -> list[tuple[int, str | None]]:
    """Every row's line with its reason, None for a good one."""
    return [(row.line, row.reason if isinstance(row, RowProblem) else None) for row in rows_of(export)]


def test_cells_come_as_written_and_empty_ones_not_at_all(export: Make) -> None:
    """Blanks, quotes and sentinels are the reader's business no more than spelling; only empty cells are left out."""
    (row,) = rows_of(export(HEADER + ' A@Example.com ,"Zo ""Z"" ë",N/A\n'))
    assert isinstance(row, SourceRow)
    assert row.cells == {"email": " A@Example.com ", "first_name": 'Zo "Z" ë', "notes": "N/A"}
    (bare,) = rows_of(export(HEADER + "a@example.com,,\n"))
    assert isinstance(bare, SourceRow)
    assert bare.cells == {"email": "a@example.com"}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_are_physical_and_blank_ones_are_nothing(export: Make, newline: str) -> None:
    """A row's line is where it starts, header = 1, counting blank lines and line breaks inside cells."""
    text = newline.join(
        ["email,notes", "", "a@example.com,1", "   ", f'b@example.com,"two{newline}lines"', "", "c@example.com,3", ""]
    )
    assert lines_of(export(text)) == [(3, None), (5, None), (8, None)]


@pytest.mark.parametrize(
    ("row", "column", "raw"),
    [
        ("a@example.com,Ann", "notes", ("a@example.com", "Ann")),
        ("a@example.com,Ann,x,y", "column_4", ("a@example.com", "Ann", "x", "y")),
        ("a@example.com", "first_name", ("a@example.com",)),
        ('a@example.com,"Ann"x,note', "notes", ("a@example.com", "Annx", "note")),
    ],
)
def test_a_row_that_does_not_fit_is_held(export: Make, row: str, column: str, raw: tuple[str, ...]) -> None:
    """Too few or too many cells, or text after a closing quote, make a problem naming line, column and raw cells."""
    problem, good = rows_of(export(f"{HEADER}{row}\nb@example.com,,\n"))
    assert isinstance(problem, RowProblem)
    assert (problem.reason, problem.line, problem.column, problem.raw) == ("row_malformed", 2, column, raw)
    assert isinstance(good, SourceRow)


def test_an_open_quote_costs_one_row(export: Make) -> None:
    """A quote that is never closed holds its row only: the rows it would have swallowed are read."""
    text = HEADER + 'a@example.com,"never closed,x\nb@example.com,B,"two\nlines"\nc@example.com,C,\n'
    assert lines_of(export(text)) == [(2, "row_malformed"), (3, None), (5, None)]


def test_an_open_quote_in_the_last_row_is_held(export: Make) -> None:
    """The file's end closes nothing."""
    assert lines_of(export(HEADER + 'a@example.com,A,\nb@example.com,"B,x\n')) == [(2, None), (3, "row_malformed")]


def test_a_quote_closed_rows_later_still_costs_one_row(export: Make) -> None:
    """Rows between a stray quote and the next one are not lost in a cell."""
    text = HEADER + 'a@example.com,"A,x\nb@example.com,B,y\nc@example.com,C,"z"\nd@example.com,D,\n'
    assert lines_of(export(text)) == [(2, "row_malformed"), (3, None), (4, None), (5, None)]


def test_a_cell_beyond_the_limit_is_held_with_a_bounded_raw(export: Make) -> None:
    """An enormous cell holds its row, keeps a bounded part of it, and the next row is read."""
    text = f"{HEADER}a@example.com,A,{'x' * (10 * MAX_CELL)}\nb@example.com,B,\n"
    problem, good = rows_of(export(text))
    assert isinstance(problem, RowProblem)
    assert (problem.line, problem.reason, problem.column) == (2, "row_malformed", "notes")
    assert sum(map(len, problem.raw)) <= 20_000
    assert isinstance(good, SourceRow)
    assert good.line == 3


def test_a_cell_at_the_limit_is_read(export: Make) -> None:
    """The limit itself is allowed."""
    (row,) = rows_of(export(f"{HEADER}a@example.com,A,{'x' * MAX_CELL}\n"))
    assert isinstance(row, SourceRow)
    assert len(row.cells["notes"]) == MAX_CELL


def test_nul_bytes_do_not_stop_the_reader(export: Make) -> None:
    """A NUL byte is a character of its cell."""
    (row,) = rows_of(export(HEADER + "a@example.com,An\x00n,\n"))
    assert isinstance(row, SourceRow)
    assert row.cells["first_name"] == "An\x00n"


def test_what_cannot_be_decoded_is_marked(export: Make) -> None:
    """Broken bytes, encoded lone surrogates among them, become U+FFFD, so that every cell can be stored."""
    rows = rows_of(
        export(HEADER.encode() + "b@example.com,Zoë Ølandér,\n".encode() + b"a@example.com,x\xed\xa0\x80y,\n")
    )
    assert isinstance(rows[1], SourceRow)
    assert set(rows[1].cells["first_name"]) == {"x", "y", "\ufffd"}


def test_the_first_filled_of_repeated_columns_counts(export: Make) -> None:
    """Where the first column of a name is empty the next takes its place; where both are filled none is lost."""
    rows = rows_of(export("email,phone,mobile\na@example.com,,1\nb@example.com,2,3\n"))
    assert [dict(row.cells) for row in rows if isinstance(row, SourceRow)] == [
        {"email": "a@example.com", "phone": "1"},
        {"email": "b@example.com", "phone": "2", "mobile": "3"},
    ]


def test_a_file_that_changed_is_noticed(export: Make) -> None:
    """With verification, other bytes than those registered are an error that says both digests."""
    made = export(HEADER + "a@example.com,A,\n")
    made.path.write_text(HEADER + "a@example.com,B,\n")
    with pytest.raises(ExportChanged) as raised:
        list(read(made, verify=True))
    assert raised.value.expected == made.sha256
    assert len(list(read(made))) == 1


def test_a_file_that_is_gone_is_unreadable(export: Make) -> None:
    """A registered file that is gone is an error naming it."""
    made = export(HEADER + "a@example.com,A,\n")
    made.path.unlink()
    with pytest.raises(ExportUnreadable, match=made.name):
        list(read(made))


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@settings(deadline=None)
@given(
    rows=st.lists(st.tuples(st.just("a@example.com"), CELL, CELL), max_size=8),
    delimiter=st.sampled_from([",", ";", "\t"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_a_csv_writer_writes_comes_back(
    rows: list[tuple[str, str, str]], delimiter: str, newline: str, encoding: str
) -> None:
    """Any text in any cell survives the way through a file, in every dialect and encoding that is recognised."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerows([("email", "first_name", "notes"), ("ö@example.com", "", ""), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.csv"
        path.write_bytes(buffer.getvalue().encode(encoding))
        found = rows_of(recognise(path))
    names = ("email", "first_name", "notes")
    expected = [{name: cell for name, cell in zip(names, row, strict=True) if cell} for row in rows]
    assert [dict(row.cells) for row in found[1:] if isinstance(row, SourceRow)] == expected
    assert len(found) == len(rows) + 1


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(['a@example.com,A,"x"', 'b,"', '"', "", ",,", 'c,"d\ne",f', '"g""', "h,i,j"]), max_size=12)
)
def test_reading_never_fails_and_never_goes_back(lines: list[str]) -> None:
    """Whatever is in a file, reading it ends, and rows come in the order of their lines, each once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contacts.csv"
        path.write_text(HEADER + "a@example.com,first,\n" + "\n".join(lines))
        found = [row.line for row in rows_of(recognise(path))]
    assert found == sorted(set(found))
    assert found[0] == 2
