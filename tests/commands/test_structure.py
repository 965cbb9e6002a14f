"""The project's own shape: sizes, names, and who may import what."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ledger", "adapters", "commands")
TOP = {"README.md", "adapters", "commands", "ledger", "pyproject.toml", "tests", "uv.lock", "var"}
LONGEST_MODULE = 400
LONGEST_README = 150


def _modules(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (ROOT / folder).rglob("*.py")


def _imported(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_module_is_too_long() -> None:
    """A module has one reason to exist; over 400 lines it has two."""
    lengths = {module: len(module.read_text("utf-8").splitlines()) for module in _modules(*PACKAGES, "tests")}
    assert {str(module): length for module, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_the_readme_is_short() -> None:
    """The README is read to its end."""
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) < LONGEST_README


def test_one_module_of_each_neighbour_speaks_http() -> None:
    """httpx is imported in Twenty's client and in the assistant's; everything else works through them."""
    speaking = {module.relative_to(ROOT).as_posix() for module in _modules(*PACKAGES) if "httpx" in _imported(module)}
    assert speaking == {"adapters/twenty/client.py", "adapters/assist/client.py"}


def test_every_module_and_package_says_what_it_is() -> None:
    """The first thing in a module is what it is for."""
    silent = [
        str(module) for module in _modules(*PACKAGES) if not ast.get_docstring(ast.parse(module.read_text("utf-8")))
    ]
    assert silent == []


def test_the_top_level_holds_the_agreed_names() -> None:
    """What is tracked at the top is what the design names, and dot-files."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files"], capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.fail("this test asks git what is tracked")
    names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert {name for name in names if not name.startswith(".")} <= TOP
    assert {line for line in listed.stdout.splitlines() if line.startswith("var/")} == {"var/.gitkeep"}
