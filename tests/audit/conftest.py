"""A small account written by hand, with one of everything, and the audit of it."""

from pathlib import Path

import pytest

from adapters.kartra import scan
from adapters.mapping import load_mapping
from commands.discovery.document import Audit
from commands.discovery.survey import Surveyed, survey
from tests.audit.account import write_account


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of exports; tests only read it."""
    return write_account(tmp_path_factory.mktemp("account"))


@pytest.fixture(scope="session")
def surveyed(account: Path) -> Surveyed:
    """What the survey makes of it."""
    return survey(scan(account), load_mapping(), "exports", "2024-06-01", lambda _rows: None)


@pytest.fixture(scope="session")
def audit(surveyed: Surveyed) -> Audit:
    """The document."""
    return surveyed.audit
