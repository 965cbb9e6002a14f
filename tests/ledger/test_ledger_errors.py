"""Errors keep what they were raised with: logs and documents need fields, people need the sentence."""

from pathlib import Path
from typing import Any

import pytest

from ledger import errors
from ledger.errors import LedgerError

HERE = Path("var/ledger.db")
RAISED: dict[str, dict[str, Any]] = {
    "LedgerInUse": {"path": HERE, "holder": "process 7"},
    "LedgerUnwritable": {"path": HERE, "why": "disk full"},
    "ReadStopped": {"path": HERE},
    "LedgerMissing": {"path": HERE},
    "LedgerBlank": {"path": HERE},
    "NotALedger": {"path": HERE, "why": "a letter"},
    "LedgerNewer": {"path": HERE, "found": 9, "known": 2},
    "LedgerOlder": {"path": HERE, "found": 1, "known": 2},
    "LedgerDamaged": {"path": HERE, "why": "malformed"},
    "VerificationFailed": {"position": 3, "what": "it was changed"},
    "AppendRefused": {"path": HERE, "why": "NOT NULL"},
}


@pytest.mark.parametrize("name", RAISED)
def test_an_error_keeps_its_arguments(name: str) -> None:
    """Each as an attribute, each in its one line; with a code of its own."""
    error = getattr(errors, name)(**RAISED[name])
    assert {given: getattr(error, given) for given in RAISED[name]} == RAISED[name]
    assert all(str(value) in str(error) for value in RAISED[name].values())
    assert "\n" not in str(error)


def test_every_error_has_a_code_of_its_own() -> None:
    """Codes are stable and told apart; the table above knows of every error there is."""
    kinds = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and kind.__module__ == errors.__name__
    }
    leaves = {name for name in kinds if name not in ("LedgerError", "LedgerTransient", "LedgerTerminal")}
    assert leaves == set(RAISED)
    assert all(issubclass(kind, LedgerError) for kind in kinds.values())
    assert len({kinds[name].code for name in leaves}) == len(leaves)


def test_a_failure_of_the_whole_ledger_names_no_position() -> None:
    """Where no event is to blame it is the ledger that is named."""
    assert str(errors.VerificationFailed(None, "it holds no events")).startswith("the ledger: it holds no events;")
    assert str(errors.VerificationFailed(3, "it was changed")).startswith("position 3: it was changed;")
