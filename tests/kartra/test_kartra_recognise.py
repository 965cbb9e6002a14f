"""Which file is what: kinds, columns, encodings, delimiters, clocks, order."""

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.kartra import (
    Export,
    ExportEmpty,
    ExportUnreadable,
    FolderMissing,
    HeaderWithoutEmail,
    HeaderWithoutIdentity,
    KartraTerminalError,
    KartraTransientError,
    WrongKind,
    recognise,
    scan,
)

Write = Callable[..., Path]
Make = Callable[..., Export]


def test_headers_are_compared_loosely(export: Make) -> None:
    """Letter case, blanks, dashes and dots of a header do not matter, and aliases become the canonical name."""
    made = export("E-Mail, First Name ,LAST.NAME,Lead Source,Postal-Code\na@example.com,,,,\n")
    assert made.columns == ("email", "first_name", "last_name", "source", "zip")
    assert made.header == ("E-Mail", " First Name ", "LAST.NAME", "Lead Source", "Postal-Code")
    assert made.kind == "contacts"


def test_unknown_columns_keep_their_normalised_name(export: Make) -> None:
    """A column nobody knows is one of the account's own fields and keeps its name."""
    assert export("email,phone,Budget Band\na@example.com,,1\n").columns == ("email", "phone", "budget_band")


def test_repeated_columns_keep_their_own_names(export: Make) -> None:
    """The first column of a name takes it; further ones stay under their own header, numbered where that is taken."""
    made = export("email,phone,Mobile,phone,email_address,,\na@example.com,,,,,,\n")
    assert made.columns == ("email", "phone", "mobile", "phone_2", "email_address", "column_6", "column_7")
    assert made.repeats == {"mobile": "phone", "phone_2": "phone", "email_address": "email"}


@pytest.mark.parametrize(
    ("header", "kind", "column"),
    [
        ("Transaction_Type,Date,Product,Buyer_Email,Amount (USD)", "transactions", "id"),
        ("Product,Recurrence_Term,Status,Next payment date,Next payment amount", "subscriptions", "subscription_id"),
        ("calendar_name,class_name,email,event_date", "bookings", "calendar_subscription_id"),
        ("Affiliate,Email,Products,Earned,Reserve,Due,Paid", "affiliates", "username"),
    ],
)
def test_a_file_that_cannot_tell_its_rows_apart_is_named(write: Write, header: str, kind: str, column: str) -> None:
    """Without the column that identifies its rows a file is left, and the reason names kind and column."""
    path = write(f"{header}\n{'x,' * header.count(',')}\n", name="odd.csv")
    with pytest.raises(HeaderWithoutIdentity, match=f"odd.csv: looks like a {kind} export but has no column {column};"):
        recognise(path)
    (left,) = scan(path).unknown
    assert left.code == "header_without_identity"


def test_strangers_are_named(write: Write, tmp_path: Path) -> None:
    """What is no Kartra export, by header, by suffix or as no file, is listed with a reason; hidden files are not."""
    write("date,amount\n1,2\n", name="bank.csv")
    write("{}", name="truth.json")
    write("x", name=".hidden.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "older exports").mkdir()
    assert [(entry.path.name, entry.code) for entry in scan(tmp_path).unknown] == [
        ("bank.csv", "wrong_kind"),
        ("folder.csv", "not_a_file"),
        ("truth.json", "wrong_kind"),
    ]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", ExportEmpty),
        ("email,phone\n", ExportEmpty),
        ("\n\n  \n", ExportEmpty),
        ("first_name,last_name,phone\nA,B,1\n", HeaderWithoutEmail),
        ("email\nx\n", WrongKind),
        ("\x00\x01\x02binary\x00", ExportEmpty),
    ],
)
def test_unusable_files_say_why(write: Write, content: str, error: type[KartraTerminalError]) -> None:
    """A file that cannot be loaded raises the error that says why, names the file and says what to do."""
    with pytest.raises(error) as raised:
        recognise(write(content, name="contacts_odd.csv"))
    assert str(raised.value).startswith("contacts_odd.csv: ")
    assert "; " in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """Scanning a folder that is not there is an error of its own, not an empty scan."""
    with pytest.raises(FolderMissing, match="no folder"):
        scan(tmp_path / "nowhere")


def test_a_file_that_vanishes_is_unreadable(tmp_path: Path) -> None:
    """What the operating system refuses is transient, with the refusal as cause."""
    with pytest.raises(ExportUnreadable) as raised:
        recognise(tmp_path / "contacts_gone.csv")
    assert isinstance(raised.value, KartraTransientError)
    assert isinstance(raised.value.__cause__, FileNotFoundError)


@pytest.mark.parametrize(
    ("encoding", "recognised"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_encodings_are_told_apart(export: Make, encoding: str, recognised: str) -> None:
    """Each encoding Kartra's files or a spreadsheet may use is recognised, with or without a byte-order mark."""
    made = export("email,first_name\na@example.com,Zoë\n", encoding=encoding)
    assert made.encoding == recognised
    assert made.columns == ("email", "first_name")


def test_one_broken_byte_does_not_spoil_a_utf8_file(export: Make) -> None:
    """A UTF-8 file with a damaged character stays UTF-8."""
    good = "email,first_name\na@example.com,Zoë\nb@example.com,Søren\n".encode()
    assert export(good + b"c@example.com,\xff\n").encoding == "utf-8"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_are_told_by_the_header(export: Make, delimiter: str) -> None:
    """The delimiter is the one that cuts the header into most cells."""
    made = export(delimiter.join(["email", "first_name", '"last, name; or\tnot"']) + "\n" + delimiter * 2 + "\n")
    assert made.delimiter == delimiter
    assert len(made.columns) == 3


def test_the_clock_in_the_name_dates_an_export(export: Make) -> None:
    """The first 8 of the 13 hex digits are Unix seconds; a browser's copy mark does not hide them."""
    clock = int(datetime(2026, 3, 9, 2, 1, tzinfo=UTC).timestamp())
    for name in (f"contacts_a_08-03-2026_{clock:08x}a1b2c.csv", f"contacts_a_08-03-2026_{clock:08X}A1B2C (1).csv"):
        made = export("email,phone\na@example.com,1\n", name=name)
        assert made.exported_at == datetime(2026, 3, 9, 2, 1, tzinfo=UTC)


def test_without_a_clock_the_modification_time_counts(write: Write) -> None:
    """A renamed file is as old as its modification time."""
    path = write("email,phone\na@example.com,1\n", name="renamed.csv")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    assert recognise(path).exported_at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_exports_come_oldest_first_and_ties_by_name(write: Write, tmp_path: Path) -> None:
    """The order of exports is by clock, then by name, whatever the folder's order."""
    for name in (
        "contacts_c_01-01-2026_69a4ef5c00000.csv",
        "contacts_b_01-01-2026_69a4ef5cfffff.csv",
        "z_69a4ef5b00000.csv",
    ):
        write(f"email,phone\n{name}@example.com,1\n", name=name)
    assert [made.name[:10] for made in scan(tmp_path).exports] == ["z_69a4ef5b", "contacts_b", "contacts_c"]


def test_the_same_bytes_are_loaded_once(write: Write, tmp_path: Path) -> None:
    """A second copy of an export is named and left out: its rows would only be merged with themselves."""
    content = "email,phone\na@example.com,1\n"
    write(content, name="a_69a4ef5c00000.csv")
    write(content, name="b_69a4ef5d00000.csv")
    found = scan(tmp_path)
    assert [made.name for made in found.exports] == ["a_69a4ef5c00000.csv"]
    assert [(entry.path.name, entry.code) for entry in found.unknown] == [("b_69a4ef5d00000.csv", "export_repeated")]


def test_a_file_is_known_by_its_bytes(write: Write) -> None:
    """Size, SHA-256 and file id are those of the raw bytes."""
    content = ("email,phone\n" + "a@example.com,1\n" * 200_000).encode()
    made = recognise(write(content))
    assert made.sha256 == hashlib.sha256(content).hexdigest()
    assert made.size == len(content)
    assert made.file_id == made.sha256[:12]
