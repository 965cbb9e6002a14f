"""Slips of the pen at two in the morning: what is not there is said to be not there, and nothing is made of it."""

from pathlib import Path

import pytest

from tests.delta.accounts import ACCOUNT, ANN, export, load_account
from tests.journey.world import Journey

WITHOUT_A_LEDGER = (
    ("resume",),
    ("--sandbox", "reconcile"),
    ("--sandbox", "rollback"),
    ("--sandbox", "rollback", "--yes"),
    ("--sandbox", "automations", "restore"),
    ("--sandbox", "write"),
    ("transform", "--accept-defaults"),
    ("ledger", "rebuild"),
    ("close", "--yes"),
    ("holds", "release", "1"),
    ("erase", "--email", "ann@kartra.example", "--yes"),
    ("verify", "--record"),
    ("status",),
)


def test_a_ledger_that_is_not_there_is_named_and_not_made(journey: Journey) -> None:
    """An empty one would hide the slip: nothing to resume, nothing to take back, all as it was."""
    for words in WITHOUT_A_LEDGER:
        error = journey.told(*words, code=2)["error"]
        assert (error["code"], str(journey.options.ledger) in error["message"]) == ("ledger_missing", True), words
        assert not list(journey.folder.glob("ledger.db*")), words


@pytest.mark.anyio
async def test_history_and_holds_say_what_they_do_not_know(journey: Journey) -> None:
    """An empty table would say that nothing happened."""
    folder = export(journey, 0, [*ACCOUNT, {**ANN, "id": "9", "email": ""}])
    await journey.load(folder, "leave")
    [name] = [path.name for path in folder.iterdir()]
    for words, said in {
        ("history", "--run", "nope"): "no run has an id",
        ("history", "--run", "%"): "no run has an id",
        ("history", "--twenty-id", "nope"): "no record nope",
        ("history", "--source", f"{name}:99"): "begins at line 99",
        ("history", "--source", f"{name}:1"): "begins at line 1",
        ("holds", "release", "--reason", "nope"): "email_missing",
        ("holds", "give-up", "--reason", "email_missing", "--object", "nope", "--why", "x"): "person",
    }.items():
        assert said in journey.told(*words, code=2)["error"]["message"], words
    assert "say why" in journey.told("holds", "give-up", "1", "--why", " ", code=2)["error"]["message"]
    [(record,)] = journey.ledger_rows("SELECT twenty_id FROM record WHERE object = 'company'")
    assert "RecordCreated" in journey.run("history", "--twenty-id", record.upper())
    assert "load" in journey.run("history", "--type", "RunStarted")


@pytest.mark.anyio
async def test_what_stands_against_a_sign_off_is_to_be_settled_first(journey: Journey) -> None:
    """The preview does not promise what `--yes` would refuse; nothing compared is not the same as nothing unlike."""
    await load_account(journey)
    shown = journey.run("close", code=3)
    assert "--yes does it" not in shown
    assert "--anyway WHY --yes" in shown
    await journey.roll_back()
    assert "nothing was compared" in journey.run("--sandbox", "reconcile")


def test_an_empty_key_file_is_named(tmp_path: Path, journey: Journey) -> None:
    """It is no key that Twenty refuses."""
    empty = tmp_path / "empty.key"
    empty.touch()
    words = ("--twenty-url", "http://127.0.0.1:9", "--api-key-file", str(empty), "preflight")
    assert f"{empty} is empty" in journey.told(*words, code=2)["error"]["message"]
