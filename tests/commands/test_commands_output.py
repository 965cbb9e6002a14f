"""What commands print: one pinned JSON document, words on stderr, tables of 80 columns, errors in one shape."""

import re
from typing import Any

import pytest

from tests.hostile.place import LOAD, Place

COUNTS = {"created", "adopted", "options"}
LOADED = {
    "run",
    "resumed",
    "partial",
    "rows",
    "transformed",
    "schema",
    "written",
    "books",
    "open_holds",
    "erased",
    "calls",
    "head",
    "kept",
    "undone",
}
ROLLED_BACK = {
    "run", "destroyed", "already_gone", "traces", "fields_kept", "forced", "proof", "calls", "head", "exact", "undone",
    "restored", "restored_in_part", "returned", "remade", "fields_in_bin", "superseded", "verdict", "reasons",
}  # fmt: skip
STATUS = {
    "head", "workspace", "runs", "unfinished", "books", "open_holds", "paused_automations", "rate", "seconds_left",
    "closed", "not_erased",
}  # fmt: skip
EVENT = {
    "position", "recorded_at", "type", "actor", "run_id", "cause", "object", "source_key", "source_ref", "twenty_id",
    "payload_hash", "data", "hash",
}  # fmt: skip

READING: dict[str, set[str]] = {
    "status": STATUS,
    "holds": {"holds"},
    "rollback": {"plan", "kept", "schema", "forced", "not_back"},
    "history": {"events"},
    "show 1": EVENT | {"prev_hash", "bodies"},
    "head": {"position", "hash"},
    "verify": {"head", "events", "payloads", "erased", "unerased"},
    "--sandbox automations": {"automations"},
    "ledger rebuild": {"events"},
    "ledger views": {"views"},
    "--sandbox resume": {"resumed"},
}
_HEAD = re.compile(r"\d+:[0-9a-f]{64}")


@pytest.mark.parametrize("words", READING)
def test_what_reads_prints_one_document_of_pinned_keys(used: Place, words: str) -> None:
    """With --json stdout is one JSON document and nothing else; its keys are a promise."""
    told = used.run(*words.split(), "--json")
    assert told.code == 0
    assert set(told.document) == READING[words]


def test_holds_are_listed_as_agreed(used: Place) -> None:
    """`holds --json` is {"holds": [{id, file, line, column, object, reason, state}]}."""
    [hold] = used.run("holds", "--json").document["holds"]
    assert hold == {
        "id": hold["id"],
        "file": "contacts_all.csv",
        "line": 4,
        "column": "email",
        "object": "person",
        "reason": "email_invalid",
        "state": "open",
    }


def test_every_step_by_itself_prints_its_document(place: Place) -> None:
    """A migration step by step, each with --json: the keys of each document, and a head where a run ended."""
    place.contacts("ann@x.org", "no address")

    def run(*words: Any) -> tuple[int, dict[str, Any]]:
        told = place.run(*words, "--json")
        return told.code, told.document

    extracted = {"rows": 2, "extracted": 1, "held": 1, "set_aside": 0, "unchanged": 0, "unrecorded": 0}
    assert run("extract", place.exports) == (3, extracted)
    assert run("transform", "--accept-defaults") == (
        0,
        {"person": 1, "unchanged": 0, "withdrawn": 0, "held": 0, "warnings": 0},
    )
    code, schema = run("--sandbox", "schema", "apply", "--accept-defaults")
    assert (code, set(schema)) == (0, COUNTS)
    nothing: dict[str, dict[str, int]] = {
        name: {} for name in ("updated", "adopted", "skipped", "rejected", "held", "removed")
    }
    written = {"created": {"person": 1}, **nothing}
    assert run("--sandbox", "write", "--automations", "leave") == (0, written)
    code, loaded = run("--sandbox", "load", place.exports, *LOAD)
    assert (code, set(loaded)) == (3, LOADED)
    assert _HEAD.fullmatch(loaded["head"])
    assert run("--sandbox", "automations", "restore") == (0, {"restored": []})
    code, undone = run("--sandbox", "rollback", "--yes")
    assert (code, set(undone)) == (0, ROLLED_BACK)
    assert set(run("sample", "--contacts", "5", "--out", place.folder / "made")[1]) >= {"folder", "files", "people"}


@pytest.mark.parametrize("words", [*READING, "--version", "-h"])
def test_words_fit_a_terminal_of_80_columns(used: Place, words: str) -> None:
    """Without a terminal tables are drawn for 80 columns, and nothing goes to stderr that is a result."""
    used.environment["COLUMNS"] = "80"
    told = used.run(*words.split())
    assert told.code == 0
    assert told.out
    too_wide = [line for line in told.out.splitlines() if len(line) > 80 and not line.startswith((" ", "{", "}"))]
    assert [line for line in too_wide if not _HEAD.search(line)] == []


def test_data_goes_to_stdout_and_words_to_stderr(place: Place) -> None:
    """What is said on the way goes to stderr; stdout has the result alone."""
    place.contacts("ann@x.org")
    place.write("other.csv", "a,b\n1,2\n")
    told = place.load("--json")
    assert told.document["undone"] == 0
    assert "left: other.csv" in told.err
    assert "left:" not in told.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["status"], "ledger_missing"),
        (["load", "nowhere"], "folder_missing"),
        (["--twenty-url", "ftp://x", "load", "EXPORTS"], "twenty_bad_address"),
        (["--sandbox", "load", "EXPORTS"], "wrong_use"),
        (["--sandbox", "load", "EXPORTS", "--accept-defaults"], "automations_would_fire"),
        (["--mapping", "nowhere.toml", "--sandbox", "load", "EXPORTS"], "mapping_unreadable"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_errors_have_one_shape(place: Place, words: list[str], code: str) -> None:
    """An error with --json is {"error": {code, message, exit_code}} on stdout, and still its line on stderr."""
    place.contacts("ann@x.org")
    place.environment["TWENTY_API_KEY"] = "k"
    told = place.run("--json", *(str(place.exports) if word == "EXPORTS" else word for word in words))
    assert told.document == {
        "error": {"code": code, "message": told.error.removeprefix("error: "), "exit_code": told.code}
    }
    assert told.code == 2
