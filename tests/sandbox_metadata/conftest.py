"""A workspace on disk, and the calls these tests make."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.metadata import answer
from adapters.sandbox.protocol import Answer, Call
from adapters.sandbox.settings import KeyState, SandboxSettings
from adapters.sandbox.workspace import Workspace
from tests.sandbox.conftest import births

__all__ = ["births"]

CREATE_FIELD = "mutation($i:CreateOneFieldMetadataInput!){createOneField(input:$i){id name type options settings}}"
UPDATE_FIELD = "mutation($i:UpdateOneFieldMetadataInput!){updateOneField(input:$i){id label isUnique options}}"
DELETE_FIELD = "mutation($i:DeleteOneFieldInput!){deleteOneField(input:$i){id}}"
CREATE_OBJECT = "mutation($i:CreateOneObjectInput!){createOneObject(input:$i){id fieldsList{name}}}"
DELETE_OBJECT = "mutation($i:DeleteOneObjectInput!){deleteOneObject(input:$i){id}}"


class Model:
    """What these tests do to a workspace's model; a refusal is an AssertionError."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def ask(self, query: str, variables: Any = None, key_state: KeyState | None = "active") -> Answer:
        """Any call, as it is answered."""
        return answer(self.workspace, Call(query, variables or {}), key_state)

    def change(self, query: str, sent: Any) -> Any:
        """A mutation that must succeed; what its root answers."""
        answered = self.ask(query, {"i": sent})
        assert "errors" not in answered.body, answered.body
        return next(iter(answered.body["data"].values()))

    def refused(self, query: str, sent: Any) -> dict[str, Any]:
        """A mutation that must be refused; its one error."""
        errors: list[dict[str, Any]] = self.ask(query, {"i": sent}).body["errors"]
        assert len(errors) == 1
        return errors[0]

    def field(self, owner: str = "person", **sent: Any) -> Any:
        """Make a field labelled as it is named."""
        object_id = self.workspace.model.by_singular[owner].id
        return self.change(CREATE_FIELD, {"field": {"objectMetadataId": object_id, "label": sent["name"], **sent}})

    def object(self, singular: str) -> Any:
        """Make an object."""
        names = {"nameSingular": singular, "namePlural": f"{singular}s"}
        labels = {"labelSingular": singular.title(), "labelPlural": f"{singular.title()}s"}
        return self.change(CREATE_OBJECT, {"object": names | labels})

    def add_person(self, person_id: str, **columns: Any) -> None:
        """Store a person with some columns."""
        names = ", ".join(f'"{name}"' for name in ("id", *columns))
        marks = ", ".join("?" * (1 + len(columns)))
        self.workspace.connection.execute(
            f"INSERT INTO person ({names}) VALUES ({marks})", (person_id, *columns.values())
        )

    def column(self, name: str) -> list[Any]:
        """A column of all people, in id order."""
        return [row[0] for row in self.workspace.connection.execute(f'SELECT "{name}" FROM person ORDER BY id')]

    def dump(self) -> str:
        """The whole database as text."""
        return "\n".join(self.workspace.connection.iterdump())


@pytest.fixture
def open_workspace(tmp_path: Path) -> Iterator[Callable[[], Workspace]]:
    """Open the workspace's file, as often as wanted; every one is closed at the end."""
    opened: list[Workspace] = []

    def open_again() -> Workspace:
        opened.append(Workspace(SandboxSettings(db=str(tmp_path / "twenty.db"))))
        return opened[-1]

    yield open_again
    for workspace in opened:
        workspace.close()


@pytest.fixture
def model(open_workspace: Callable[[], Workspace]) -> Model:
    """A new workspace's model."""
    return Model(open_workspace())
