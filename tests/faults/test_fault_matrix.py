"""Every fault beside every command: the designed exit code, one line, a whole ledger, and a run that goes on."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.crash.processes import Zygote
from tests.delta.accounts import ACCOUNT, BOB
from tests.faults.cells import COMMANDS, FAULTS, HALF_WAY, TAKES_BACK, UNREACHABLE, code_of
from tests.faults.conftest import Place

WRONG_USE = 2
_MATRIX = Path(__file__).with_name("MATRIX.md")
_EVERY = [(command, fault) for command in COMMANDS for fault in FAULTS]
_FEW = [(command, list(FAULTS)[at % len(FAULTS)]) for at, command in enumerate(COMMANDS)]
"""Every command beside one fault, each fault beside two commands or three."""


@pytest.mark.parametrize(
    ("command", "fault"),
    [pytest.param(*cell, marks=() if cell in _FEW else pytest.mark.soak) for cell in _EVERY],
)
def test_a_fault_ends_as_designed_and_harms_nothing(
    tmp_path: Path, states: Mapping[str, Place], zygote: Zygote, command: str, fault: str
) -> None:
    """While the fault lasts the command ends 5 in one line; without it the command, or `resume`, comes to its end."""
    asked = COMMANDS[command]
    place = Place(tmp_path / "place", states["new"].template, zygote, "leave").copied(states[asked.state])
    with place.twenty(FAULTS[fault][0]):
        ended = place.told_by(*asked.words)
    assert ended.code == code_of(command, fault), ended.err
    if ended.code == UNREACHABLE:
        errors = [line for line in ended.err.splitlines() if line.startswith("error: ")]
        assert (len(errors), "Traceback" in ended.err) == (1, False), ended.err
    _whole(place)
    with place.twenty():
        ended = place.told_by(*asked.words)
        if ended.code == WRONG_USE:
            assert "`resume` goes on with it" in ended.err
            ended = place.told_by("resume")
        assert ended.code == asked.code, ended.err
        if asked.state != "new" or command == "load":
            assert place.told_by("reconcile").code == 0
    _whole(place)
    assert place.emails() == _expected(command)


def _whole(place: Place) -> None:
    """The chain holds, and projections are what a fold from zero gives, where there is a ledger."""
    if place.ledger.exists():
        ended = place.told_by("verify")
        assert ended.code == 0, ended.err


def _expected(command: str) -> list[str]:
    """Who is in Twenty when all is over."""
    everybody = sorted(one["email"] for one in ACCOUNT)
    if command in TAKES_BACK:
        return [] if command == "rollback" else [one for one in everybody if one != BOB["email"]]
    loaded = COMMANDS[command].state != "new" or command == "load"
    return everybody if loaded else []


def _rendered() -> str:
    """The table as people read it."""
    lines = ["# Faults, and how each command ends beside them", ""]
    lines += ["Exit codes while the fault lasts; afterwards the command, or `resume`, ends as ever.", ""]
    lines += [f"- `{name}`: {meaning}" for name, (_, meaning) in FAULTS.items()]
    lines += ["", f"| command | {' | '.join(FAULTS)} |", f"| --- {'| ---: ' * len(FAULTS)}|"]
    lines += [f"| `{one}` | {' | '.join(str(code_of(one, fault)) for fault in FAULTS)} |" for one in COMMANDS]
    lines += ["", "| what happens | exit code | goes on | shown by |", "| --- | --- | --- | --- |"]
    lines += [f"| {what} | {code} | {how} | `{test}` |" for what, (code, how, test) in HALF_WAY.items()]
    return "\n".join(lines) + "\n"


def test_the_matrix_for_people_says_the_same() -> None:
    """MATRIX.md is this table, and every test it names is there."""
    assert _MATRIX.read_text() == _rendered()
    root = _MATRIX.parents[2]
    for _, _, test in HALF_WAY.values():
        file, _, name = test.partition("::")
        assert f"def {name}" in (root / file).read_text(), test
