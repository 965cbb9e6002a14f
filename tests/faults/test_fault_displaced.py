"""SIGKILL where records make way, or leave with Kartra, and where they come back: gone on with, all is as it was."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crash.processes import Zygote
from tests.crash.world import DONE, KEY, KILLED, Template
from tests.delta.accounts import ANN, CYD
from tests.faults.conftest import Place, export

DISPLACING = ("load", "EXPORTS", "--accept-defaults", "--automations", "leave", "--deleted", "person=destroy")
BACK = ("rollback", "--yes")

GOING = ["answered:destroyPeople:1"]
FURTHER_GOING = ["after:DisplacementIntended:1", "before:RecordDisplaced:1", "folded:RecordDisplaced:1"]
COMING_BACK = ["answered:createPeople:1", "answered:updateOpportunity:1"]
FURTHER_COMING_BACK = [
    "leaving:createPeople:1", "leaving:createNoteTargets:1", "answered:createNoteTargets:1",
    "after:DisplacedReturned/noteTarget:1", "inside:DisplacedReturned/opportunity:1",
    "before:DisplacedReturned/person:1", "after:DisplacedReturned/person:1", "before:RollbackProven:1",
]  # fmt: skip
REVIVED = ["answered:createPeople:1"]
FURTHER_REVIVED = [
    "leaving:createPeople:1",
    "before:RecordReturned:1",
    "after:RecordReturned:1",
    "after:RollbackProven:1",
]

_TIMES = "substr(createdAt, 1, 23), substr(updatedAt, 1, 23)"
"""Milliseconds are all that anybody can put back."""


def _moments(few: Sequence[str], further: Sequence[str]) -> list[Any]:
    return [*few, *(pytest.param(moment, marks=pytest.mark.soak) for moment in further)]


@pytest.fixture
def new(tmp_path: Path, small: Template, zygote: Zygote) -> Place:
    """Nothing is done yet."""
    return Place(tmp_path / "place", small, zygote, "leave")


@pytest.fixture
def loaded(tmp_path: Path, states: Mapping[str, Place], zygote: Zygote) -> Place:
    """Everything is loaded."""
    return Place(tmp_path / "place", states["new"].template, zygote, "leave").copied(states["loaded"])


@pytest.mark.parametrize("moment", _moments(GOING, FURTHER_GOING))
def test_a_load_killed_where_somebody_makes_way(new: Place, moment: str) -> None:
    """She went once, with an outcome on record; taken back, she is there with all that hung on her."""
    with new.twenty():
        before = _hers(new)
        _killed_and_gone_on(new, moment, *DISPLACING)
        assert new.asked("SELECT count(*) FROM event WHERE type = 'RecordDisplaced'") == [(1,)]
        assert len(new.emails()) == 3
        _ended(new, *BACK)
        assert _there(new) == before


@pytest.mark.parametrize("moment", _moments(["answered:destroyPeople:1"], ["after:DisplacementIntended:1"]))
def test_a_load_killed_where_somebody_makes_way_is_taken_back(new: Place, moment: str) -> None:
    """A rollback in its place finds out whether she went, and leaves her as she was."""
    with new.twenty():
        before = _hers(new)
        assert new.told_by(*DISPLACING, point=moment).code == KILLED
        _ended(new, *BACK)
        assert _there(new) == before


@pytest.mark.parametrize("moment", _moments(COMING_BACK, FURTHER_COMING_BACK))
def test_a_rollback_killed_where_somebody_comes_back(new: Place, moment: str) -> None:
    """`resume` brings back the rest of it, and nothing twice."""
    with new.twenty():
        before = _hers(new)
        _ended(new, *DISPLACING)
        _killed_and_gone_on(new, moment, *BACK)
        assert _there(new) == before
        _ended(new, "verify")


@pytest.mark.parametrize("moment", _moments(REVIVED, FURTHER_REVIVED))
def test_a_rollback_killed_where_ours_is_made_again(loaded: Place, tmp_path: Path, moment: str) -> None:
    """Whom a delta took out is there once, and goes with a rollback of everything."""
    export(tmp_path, "less", (ANN, CYD))
    with loaded.twenty():
        emails, since = loaded.emails(), str(loaded.asked("SELECT max(position) FROM event")[0][0])
        gone = ("--complete", "contacts", "--gone", "delete", "--automations", "leave")
        _ended(loaded, "delta", str(tmp_path / "less"), *gone)
        assert len(loaded.emails()) == 2
        _killed_and_gone_on(loaded, moment, *BACK, "--since", since)
        assert loaded.emails() == emails
        _ended(loaded, "reconcile")
        _ended(loaded, *BACK)
        assert loaded.emails() == []
        _ended(loaded, "verify")


def _killed_and_gone_on(place: Place, moment: str, *words: str) -> None:
    assert place.told_by(*words, point=moment).code == KILLED, f"it never came to {moment}"
    _ended(place, "resume")


def _ended(place: Place, *words: str) -> None:
    ended = place.told_by(*words)
    assert ended.code == DONE, ended.out + ended.err


def _hers(place: Place) -> list[list[tuple[Any, ...]]]:
    """Somebody makes an Ann of her own, a note of hers and a deal with her, and puts her into the bin."""
    ann = _made(place, "Person", {"emails": {"primaryEmail": ANN["email"]}, "jobTitle": "Baker"})
    note = _made(place, "Note", {"title": "Hers"})
    _made(place, "NoteTarget", {"noteId": note, "targetPersonId": ann})
    _made(place, "Opportunity", {"name": "Her deal", "pointOfContactId": ann})
    _sent(place, f'mutation {{ deletePerson(id: "{ann}") {{ id }} }}', {})
    return _there(place)


def _made(place: Place, kind: str, data: Mapping[str, Any]) -> str:
    document = f"mutation M($data: {kind}CreateInput!) {{ create{kind}(data: $data) {{ id }} }}"
    return str(_sent(place, document, {"data": data})[f"create{kind}"]["id"])


def _sent(place: Place, document: str, variables: Mapping[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {KEY}"}
    body = {"query": document, "variables": variables}
    return httpx.post(f"{place.url}/graphql", json=body, headers=headers).json()["data"]


def _there(place: Place) -> list[list[tuple[Any, ...]]]:
    return [
        place.told(f"SELECT id, emailsPrimaryEmail, jobTitle, {_TIMES}, substr(deletedAt, 1, 23) FROM person"),
        place.told(f"SELECT id, noteId, targetPersonId, {_TIMES} FROM noteTarget"),
        place.told(f"SELECT id, name, pointOfContactId, {_TIMES} FROM opportunity"),
    ]
