"""SIGKILL among updates and adoptions: gone on with, each record is changed once; taken back, all is as it was."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.crash.processes import Zygote
from tests.crash.world import DONE, KEY, KILLED
from tests.delta.accounts import ANN
from tests.faults.conftest import Place

_AS_CHANGED_LAST = ("updated", "searchVector", "position")
"""Columns that say who changed a record last, or that Twenty makes itself: nobody can put them back."""

DELTA = ("delta", "LATER", "--automations", "leave")
ADOPTING = ("load", "EXPORTS", "--accept-defaults", "--automations", "leave", "--existing", "person=adopt")
BACK = ("rollback", "--yes")

CHANGING = ["answered:upsert:1", "after:RecordUpdated:1"]
FURTHER_CHANGING = [
    "after:RunStarted:1", "after:RowExtracted:1", "after:RowTransformed:1", "before:BatchIntended:1",
    "after:BatchIntended:1", "leaving:upsert:1", "inside:RecordUpdated:1", "folded:RecordUpdated:1",
    "before:RunCompleted:1", "after:RunCompleted:1",
]  # fmt: skip
CHANGING_BACK = ["answered:upsert:1"]
FURTHER_CHANGING_BACK = [
    "after:RunStarted:1", "after:CompensationIntended:1", "leaving:upsert:1", "inside:RecordRestored:1",
    "after:RecordRestored:1", "before:RollbackProven:1", "after:RollbackProven:1", "before:RunCompleted:1",
]  # fmt: skip
ADOPTED = ["answered:upsert:1"]
FURTHER_ADOPTED = [
    "before:RecordAdopted:1", "inside:RecordAdopted:1", "after:RecordAdopted:1", "leaving:upsert:1",
    "leaving:create:2", "answered:create:2",
]  # fmt: skip
ADOPTED_BACK = ["answered:upsert:1"]
FURTHER_ADOPTED_BACK = [
    "after:CompensationIntended:1", "leaving:upsert:1", "inside:RecordRestored:1", "after:RecordRestored:1",
    "answered:destroy:1", "after:RecordDeleted:1",
]  # fmt: skip


def _moments(few: Sequence[str], further: Sequence[str]) -> list[Any]:
    return [*few, *(pytest.param(moment, marks=pytest.mark.soak) for moment in further)]


@pytest.fixture
def loaded(tmp_path: Path, states: Mapping[str, Place], zygote: Zygote) -> Place:
    """Everything is loaded."""
    return Place(tmp_path / "place", states["new"].template, zygote, "leave").copied(states["loaded"])


@pytest.fixture
def new(tmp_path: Path, states: Mapping[str, Place], zygote: Zygote) -> Place:
    """Nothing is done yet."""
    return Place(tmp_path / "place", states["new"].template, zygote, "leave")


@pytest.mark.parametrize("moment", _moments(CHANGING, FURTHER_CHANGING))
def test_a_delta_killed_among_updates_goes_on(loaded: Place, moment: str) -> None:
    """Everybody is as the later exports say; taken back since the load, as the load left them."""
    since, before = _head(loaded), _people(loaded)
    with loaded.twenty():
        _killed_and_gone_on(loaded, moment, *DELTA)
        assert _scores(loaded) == {"ann@kartra.example": 9, "bob@kartra.example": 1, "cyd@kartra.example": None}
        assert _ended(loaded, "reconcile") == DONE
        assert _ended(loaded, *BACK, "--since", since) == DONE
        assert _ended(loaded, "verify") == DONE
    assert _people(loaded) == before


@pytest.mark.parametrize("moment", _moments(CHANGING_BACK, FURTHER_CHANGING_BACK))
def test_updates_taken_back_by_a_killed_rollback(loaded: Place, moment: str) -> None:
    """`resume` takes back the rest: everybody is as the load left them."""
    since, before = _head(loaded), _people(loaded)
    with loaded.twenty():
        assert _ended(loaded, *DELTA) == DONE
        _killed_and_gone_on(loaded, moment, *BACK, "--since", since)
        assert _ended(loaded, "verify") == DONE
    assert _people(loaded) == before


@pytest.mark.parametrize("moment", _moments(ADOPTED, FURTHER_ADOPTED))
def test_a_load_killed_among_adoptions_goes_on(new: Place, moment: str) -> None:
    """Who was there is filled once and nobody is there twice; taken back, she is as she was and alone."""
    with new.twenty():
        before = _hers(new)
        _killed_and_gone_on(new, moment, *ADOPTING)
        assert (len(_people(new)), _scores(new)[ANN["email"]]) == (3, 5)
        assert _ended(new, "reconcile") == DONE
        assert _ended(new, *BACK) == DONE
        assert _ended(new, "verify") == DONE
    assert _people(new) == before


@pytest.mark.parametrize("moment", _moments(ADOPTED_BACK, FURTHER_ADOPTED_BACK))
def test_adoptions_taken_back_by_a_killed_rollback(new: Place, moment: str) -> None:
    """`resume` takes back the rest: she is as she was and alone."""
    with new.twenty():
        before = _hers(new)
        assert _ended(new, *ADOPTING) == DONE
        _killed_and_gone_on(new, moment, *BACK)
        assert _ended(new, "verify") == DONE
    assert _people(new) == before


def _killed_and_gone_on(place: Place, moment: str, *words: str) -> None:
    assert place.told_by(*words, point=moment).code == KILLED, f"it never came to {moment}"
    ended = place.told_by("resume")
    assert ended.code == DONE, ended.err


def _ended(place: Place, *words: str) -> int:
    ended = place.told_by(*words)
    assert ended.code == DONE, ended.out + ended.err
    return ended.code


def _hers(place: Place) -> list[Mapping[str, Any]]:
    """Somebody makes an Ann of her own, before us; everybody in Twenty then."""
    made = "mutation M($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
    data = {"name": {"firstName": "Annie"}, "emails": {"primaryEmail": ANN["email"]}, "jobTitle": "Baker"}
    answer = httpx.post(
        f"{place.url}/graphql",
        json={"query": made, "variables": {"data": data}},
        headers={"Authorization": f"Bearer {KEY}"},
    )
    assert answer.json()["data"]["createPerson"]["id"]
    return _people(place)


def _people(place: Place) -> list[Mapping[str, Any]]:
    names = [name for _, name, *_ in place.told("PRAGMA table_info(person)") if not name.startswith(_AS_CHANGED_LAST)]
    columns = ", ".join(f'"{name}"' for name in names if not name.startswith("kartra") or name == "kartraScore")
    rows = place.told(f"SELECT {columns} FROM person ORDER BY emailsPrimaryEmail")
    return [dict(zip(columns.split(", "), row, strict=True)) for row in rows]


def _scores(place: Place) -> dict[str, int | None]:
    return dict(place.told("SELECT emailsPrimaryEmail, kartraScore FROM person"))


def _head(place: Place) -> str:
    return str(place.asked("SELECT max(position) FROM event")[0][0])
