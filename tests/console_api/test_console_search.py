"""Finding somebody by whatever one has of them, and nobody by what was erased."""

from pathlib import Path
from typing import Any

import pytest

from commands.erase import erase
from ledger.events import PayloadErased
from ledger.store import Ledger
from tests.console_api.sweep import everything
from tests.console_api.world import DUA, Shown, copied, rows_of, showing

pytestmark = pytest.mark.anyio

HERS = (DUA["email"], "Dúa", "Örtegaß", "30901877")


def found(shown: Shown, said: str, **query: Any) -> dict[str, str]:
    """What is found: the stream of each record, and by what."""
    return {one["source_key"]: one["found_by"] for one in shown.pages("/records", q=said, **query)}


@pytest.mark.parametrize(
    "said",
    ["Dúa Örtegaß", "örtegaß", "ÖRTEGASS", "dÚa", "rtega", "Örtegaß Dúa", "O\u0308rtegaß", "  dúa   ört  "],
)
def test_a_name_is_found_in_any_case_and_order(shown: Shown, said: str) -> None:
    """By every word of it, or part of one; accents typed either way."""
    assert found(shown, said, object="person") == {"contact:901": "name"}


def test_what_sqlite_takes_for_a_wildcard_is_a_letter(shown: Shown) -> None:
    """`%`, `_` and a backslash stand for themselves."""
    assert found(shown, "100%", object="person") == {"contact:902": "name"}
    assert found(shown, "a_b", object="person") == {"contact:902": "name"}
    assert found(shown, "b\\c", object="person") == {"contact:902": "name"}
    assert found(shown, "%_%") == found(shown, "\\%") == {}


@pytest.mark.parametrize("said", [DUA["email"], DUA["email"].upper(), f" {DUA['email']} "])
def test_an_e_mail_is_found(shown: Shown, said: str) -> None:
    """As the ledger digests it: in any case."""
    assert found(shown, said, object="person") == {"contact:901": "e-mail"}


def test_numbers_of_every_kind_are_found(shown: Shown) -> None:
    """With the kind in front, and without it."""
    kinds = rows_of(shown.ledger, "SELECT substr(alias, 1, instr(alias, ':') - 1), min(alias) FROM alias GROUP BY 1")
    assert len(kinds) > 1
    for kind, alias in kinds:
        [(stream,)] = rows_of(shown.ledger, "SELECT source_key FROM alias WHERE alias = ?", alias)
        made = rows_of(shown.ledger, "SELECT 1 FROM record WHERE source_key = ?", stream)
        for said in (alias, alias.partition(":")[2]):
            page = shown.api("/records", q=said)
            streams = {one["source_key"] for one in page["items"]}
            assert stream in streams if made else page["rows"] or streams, (kind, said)


def test_an_id_of_twentys_is_found_whole_and_by_its_beginning(shown: Shown) -> None:
    """Eight characters do."""
    for name in ("person", "kartraAffiliate", "note"):
        statement = "SELECT source_key, twenty_id FROM event WHERE type = 'RecordCreated' AND object = ? LIMIT 1"
        [(stream, record)] = rows_of(shown.ledger, statement, name)
        for said in (record, record[:8], record[:13], record.upper()):
            assert found(shown, said, object=name).get(stream) == "Twenty id"
    assert found(shown, record[:7]) == {}


def test_a_row_is_found_by_its_file_and_line(shown: Shown) -> None:
    """By the file's name or its id; where no record came of it, the row itself is told."""
    [(file, name, line)] = rows_of(
        shown.ledger,
        """SELECT file, name, line FROM source_row JOIN export USING (file) WHERE source_key = 'contact:901' LIMIT 1""",
    )
    for said in (f"{name}:{line}", f"{file}:{line}"):
        assert found(shown, said, object="person") == {"contact:901": "row"}
    [(file, line)] = rows_of(shown.ledger, "SELECT file, line FROM hold WHERE reason = 'row_malformed' LIMIT 1")
    rows = shown.api("/records", q=f"{file}:{line}")["rows"]
    assert [(one["file_id"], one["line"]) for one in rows] == [(file, line)]
    none = shown.api("/records", q=f"{name}:99999")
    assert (none["items"], none["next"], none["rows"]) == ([], None, [])
    assert [(one["file"], one["line"]) for one in none["unrecorded"]] == [(name, 99999)]


@pytest.mark.parametrize(
    "said", ["nobody here", "no@body.example", "contact:777", "ffffffff-0000-0000-0000-000000000000"]
)
def test_nobody_is_found_by_what_nobody_has(shown: Shown, said: str) -> None:
    """No error, and nothing like it."""
    assert shown.api("/records", q=said) == {"items": [], "next": None, "rows": [], "unrecorded": []}


def _left(shown: Shown) -> list[tuple[str, str]]:
    return [(word, path) for path, text in everything(shown, "contact:901").items() for word in HERS if word in text]


async def test_who_was_erased_is_found_and_shown_nowhere(history: Path, tmp_path: Path) -> None:
    """By none of her names, in no answer, page or download; her stream and its events are there."""
    journey = copied(history, tmp_path)
    await erase(journey.options, DUA["email"])
    with showing(journey.options.ledger, tokens=tmp_path / "console.toml") as shown:
        assert found(shown, "Örtegaß") == found(shown, "dúa") == {}
        told = shown.api("/record", key="contact:901")
        assert (told["story"]["meant"], told["story"]["written"]) == (None, None)
        assert {"PayloadErased", "RecordCreated"} <= {one["type"] for one in told["story"]["events"]}
        assert [one["cells"] for one in told["story"]["rows"]] == [None] * len(told["story"]["rows"])
        assert _left(shown) == []


async def test_an_erasure_on_record_counts_before_it_is_carried_out(history: Path, tmp_path: Path) -> None:
    """Stopped half-way, her bodies are still in the file; the console does not show them."""
    journey = copied(history, tmp_path)
    hashes = rows_of(
        journey.options.ledger,
        "SELECT hash FROM payload WHERE body LIKE '%' || ? || '%' OR body LIKE '%30901877%' OR body LIKE '%rtega%'",
        DUA["email"],
    )
    async with Ledger.open(journey.options.ledger, command="test") as ledger:
        await ledger.append([PayloadErased(payload_hash=one) for (one,) in hashes])
    assert b"rtega" in journey.options.ledger.read_bytes()
    with showing(journey.options.ledger, tokens=tmp_path / "console.toml") as shown:
        assert shown.api()["not_erased"] == len(hashes) or shown.api()["books"] is None
        assert found(shown, "Örtegaß") == {}
        assert _left(shown) == []
