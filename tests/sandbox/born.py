"""Workspaces that are born as copies of one another, which takes a tenth of the time."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from adapters.sandbox.settings import SandboxSettings
from adapters.sandbox.workspace import Workspace

_born = Workspace._create


@contextmanager
def as_copies() -> Iterator[None]:
    """Give new workspaces all that the first one was born with, but an id of their own."""
    first: dict[bool, Workspace] = {}

    def copied(workspace: Workspace) -> None:
        active = workspace.settings.workflow_active
        if active not in first:
            with as_they_are():
                first[active] = Workspace(SandboxSettings(workflow_active=active))
        first[active].connection.backup(workspace.connection)
        workspace.connection.execute("UPDATE core_workspace SET id = ?", (str(uuid4()),))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "_create", copied)
        yield
    for workspace in first.values():
        workspace.close()


@contextmanager
def as_they_are() -> Iterator[None]:
    """Let each workspace be born anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Workspace, "_create", _born)
        yield
