"""Files and folders that cannot be loaded: one clear line, exit code 2, and no ledger made for nothing."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.place import HEADER, Place

TRANSACTIONS = "transaction_type,date,product,buyer_email,amount\nSale,2021-01-01,A,ann@x.org,9\n"
SUBSCRIPTIONS = "product,recurrence_term,status,next payment date\nA,Monthly,Active,2021-01-01\n"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0"

NOT_LOADED: dict[str, tuple[bytes | str, str]] = {
    "transactions.csv": (TRANSACTIONS, "looks like a transactions export but has no column id"),
    "subscriptions.csv": (SUBSCRIPTIONS, "looks like a subscriptions export but has no column subscription_id"),
    "export.pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "is no Kartra export by its header"),
    "pdf.csv": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\n", "is no Kartra export by its header"),
    "png.csv": (PNG, "is no Kartra export by its header"),
    "zip.csv": (b"PK\x03\x04\x14\0\x08\0" + bytes(range(256)) * 4, "is no Kartra export by its header"),
    "json.csv": ('[\n{"email": "ann@x.org"},\n{"email": "bob@x.org"}\n]\n', "is no Kartra export by its header"),
    "page.csv": ("<!doctype html>\n<html><body>Log in, please\n", "is no Kartra export by its header"),
    "empty.csv": (b"", "holds no rows"),
    "blank.csv": ("\n \n\n", "holds no rows"),
    "header.csv": (HEADER + "\n", "holds no rows"),
    "mark.csv": ("\ufeff", "holds no rows"),
    "no_email.csv": ("id,first_name,last_name,company\n1,Ann,A,Acme\n", "no e-mail column"),
}


@pytest.mark.parametrize("name", NOT_LOADED)
def test_a_file_of_the_wrong_kind_is_named_and_refused(place: Place, name: str) -> None:
    """Nothing to load is exit code 2 with one line that names the file and what is wrong with it."""
    content, why = NOT_LOADED[name]
    place.write(name, content)
    told = place.load()
    assert told.code == 2
    assert f"{name} " in told.error
    assert why in told.error
    assert not place.ledger.exists()


def test_a_stranger_among_good_files_is_left_and_said_so(place: Place) -> None:
    """One file of the wrong kind does not keep the others from being loaded; it is named on stderr."""
    place.contacts("ann@x.org")
    for name, (content, _why) in NOT_LOADED.items():
        place.write(name, content)
    told = place.load()
    assert told.code == 0
    assert set(place.people()) == {"ann@x.org"}
    for name, (_content, why) in NOT_LOADED.items():
        assert any(line.startswith(f"left: {name} ") and why in line for line in told.err.splitlines())
    place.assert_intact()


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _unreadable(path: Path) -> None:
    # Opens for anybody and cannot be read at its beginning, also by root, whom file modes do not bind.
    path.symlink_to("/proc/self/mem")


@pytest.mark.parametrize("make", [_dangling, _loop, _unreadable])
def test_an_export_that_cannot_be_read_stops_the_load(place: Place, make: Callable[[Path], None]) -> None:
    """Leaving an unreadable export out would make a load look complete: it is exit code 2, and nothing was begun."""
    place.contacts("ann@x.org")
    make(place.exports / "more.csv")
    told = place.load()
    assert told.code == 2
    assert told.error.startswith("error: more.csv: cannot be read (")
    assert not place.ledger.exists()


@pytest.mark.parametrize("make", [_folder, lambda path: os.mkfifo(path)], ids=["folder", "pipe"])
def test_what_is_no_file_is_left_and_said_so(place: Place, make: Callable[[Path], None]) -> None:
    """A folder or a pipe under an export's name is named, never read; the files are loaded."""
    place.contacts("ann@x.org")
    make(place.exports / "more.csv")
    told = place.load()
    assert told.code == 0
    assert "left: more.csv is no file" in told.err
    assert set(place.people()) == {"ann@x.org"}


def test_a_file_name_that_is_no_text_is_refused(place: Place) -> None:
    """A name of undecodable bytes cannot stand in a ledger of text: the file is named, escaped, and left."""
    place.contacts("ann@x.org")
    strange = place.exports / os.fsdecode(b"bad\xff.csv")
    strange.write_text(HEADER + "\n2,bob@x.org,B,B,\n")
    told = place.load()
    assert told.code == 0
    assert "left: bad\\udcff.csv has a name, or is in a folder, that is no text" in told.err
    assert set(place.people()) == {"ann@x.org"}


@pytest.mark.parametrize("command", [["--sandbox", "load"], ["extract"]], ids=" ".join)
def test_a_missing_and_an_empty_folder_are_told(place: Place, command: list[str]) -> None:
    """No folder, and a folder without anything in it, are wrong use."""
    missing = place.folder / "missing"
    told = place.run(*command, missing)
    assert (told.code, str(missing) in told.error) == (2, True)
    told = place.run(*command, place.exports)
    assert (told.code, "it is empty" in told.error) == (2, True)


def test_two_files_of_one_pattern_are_both_loaded_and_a_copy_once(place: Place) -> None:
    """Names do not matter, bytes do: overlapping exports merge, and the same bytes under two names are loaded once."""
    place.contacts("ann@x.org", "bob@x.org", name="contacts_all_01-03-2026_69a4ef5c4f5f6.csv")
    place.contacts("ann@x.org", "bob@x.org", "eve@x.org", name="contacts_all_01-03-2026_69a4ef5c4f5f6 (1).csv")
    place.contacts("ann@x.org", "bob@x.org", "eve@x.org", name="copy.csv")
    told = place.load()
    assert "holds the same bytes as" in told.err
    assert set(place.people()) == {"ann@x.org", "bob@x.org", "eve@x.org"}
    place.assert_intact()


def test_a_file_given_in_place_of_a_folder_is_loaded(place: Place) -> None:
    """An operator may name the one file."""
    only = place.contacts("ann@x.org")
    place.contacts("bob@x.org", name="other.csv")
    assert place.run("--sandbox", "load", only, "--accept-defaults", "--automations", "leave").code == 0
    assert set(place.people()) == {"ann@x.org"}


def test_a_file_that_grows_while_it_is_read_fails_the_run_and_is_gone_on_with(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes other than those registered are refused (exit 2) with the ledger intact; put back, `resume` finishes."""
    path = place.contacts("ann@x.org")
    before = path.read_bytes()
    _change_before_reading(monkeypatch, path)
    told = place.load()
    assert told.code == 2
    assert "changed since it was registered" in told.error
    gone_on = place.run("--sandbox", "resume")
    assert (gone_on.code, "was changed since the run began" in gone_on.error) == (2, True)
    path.write_bytes(before)
    assert place.run("--sandbox", "resume").code == 0
    assert set(place.people()) == {"ann@x.org"}
    place.assert_intact()


def _change_before_reading(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    from commands import extract as module

    original = module.files_seen

    def seen_then_changed(found: module.Scan) -> tuple[module.FileSeen, ...]:
        seen = original(found)
        with path.open("a") as file:
            file.write("9,late@x.org,Late,Comer,\n")
        return seen

    monkeypatch.setattr("commands.load.files_seen", seen_then_changed)
