"""What all crash tests share: exports to load, a new workspace, and the process that starts the others."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.kartra.sample import write_sample
from adapters.sandbox.engine import Sandbox
from adapters.sandbox.settings import SandboxSettings
from tests.crash.processes import Zygote
from tests.crash.stage import Stage
from tests.crash.world import Template

pytest.register_assert_rewrite("tests.crash.checks")

CONTACTS = 60


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Exports of 60 contacts, awkward rows among them, what must come of them, and a workspace as it is born."""
    folder = tmp_path_factory.mktemp("template")
    return Template(
        exports=folder / "exports", truth=_exports(folder / "exports"), database=_workspace(folder / "sandbox.db")
    )


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """The process that starts all commands of these tests."""
    with Zygote() as running:
        yield running


@pytest.fixture
def stage(tmp_path: Path, template: Template, zygote: Zygote) -> Stage:
    """Where migrations are played, several side by side."""
    return Stage(tmp_path, template, zygote)


def _exports(folder: Path) -> dict[str, object]:
    write_sample(folder, CONTACTS, 7)
    truth = folder / "truth.json"
    told: dict[str, object] = json.loads(truth.read_text("utf-8"))
    truth.unlink()
    return told


def _workspace(path: Path) -> Path:
    Sandbox(SandboxSettings(db=str(path))).close()
    return path
