"""What all crash tests share: exports to load, a new workspace, and the process that starts the others."""

import json
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from adapters.kartra.sample import write_sample
from adapters.sandbox.engine import Sandbox
from adapters.sandbox.settings import SandboxSettings
from tests.crash.processes import Zygote, shared
from tests.crash.stage import Stage
from tests.crash.world import UNDONE, Migration, Template

pytest.register_assert_rewrite("tests.crash.checks")


class Loaded(NamedTuple):
    """What a loaded migration leaves to begin with, and what was done with automations."""

    how: str
    template: Template


@pytest.fixture(scope="session")
def contacts(request: pytest.FixtureRequest) -> int:
    """How many contacts the exports hold; a test may ask for more."""
    return int(getattr(request, "param", 45))


@pytest.fixture(scope="session")
def everything(request: pytest.FixtureRequest) -> bool:
    """Whether the exports hold also what people bought and booked; a test may ask for it."""
    return bool(getattr(request, "param", False))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, contacts: int, everything: bool) -> Template:
    """Exports of some contacts, awkward rows among them, what must come of them, and a workspace as it is born."""
    folder = tmp_path_factory.mktemp("template")
    born = _workspace(folder / "sandbox.db")
    truth = _exports(folder / "exports", contacts, everything=everything)
    return Template(exports=folder / "exports", truth=truth, born=born, database=born)


@pytest.fixture(scope="session")
def zygote() -> Zygote:
    """The process that starts all commands of these tests."""
    return shared()


@pytest.fixture
def stage(tmp_path: Path, template: Template, zygote: Zygote) -> Stage:
    """Where migrations are played, several side by side."""
    return Stage(tmp_path, template, zygote)


@pytest.fixture(scope="session", params=["pause", "leave"])
def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, template: Template, zygote: Zygote
) -> Loaded:
    """A migration that was loaded without a hitch, with automations paused or left, for others to begin as."""
    migration = Migration(tmp_path_factory.mktemp("loaded") / request.param, template, zygote, request.param)
    with migration.twenty():
        assert migration.wait(migration.load()).code == UNDONE
    migration.dump()
    begun = msgspec.structs.replace(template, database=migration.database, ledger=migration.ledger)
    return Loaded(request.param, begun)


@pytest.fixture
def loaded_stage(tmp_path: Path, loaded: Loaded, zygote: Zygote) -> Stage:
    """Where migrations that were loaded already are played."""
    return Stage(tmp_path, loaded.template, zygote, loaded.how)


def _exports(folder: Path, contacts: int, *, everything: bool) -> dict[str, object]:
    write_sample(folder, contacts, 7, everything=everything)
    truth = folder / "truth.json"
    told: dict[str, object] = json.loads(truth.read_text("utf-8"))
    truth.unlink()
    return told


def _workspace(path: Path) -> Path:
    Sandbox(SandboxSettings(db=str(path))).close()
    return path
