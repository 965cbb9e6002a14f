"""The public names of the package, and its errors."""

import adapters.kartra as package
from adapters.kartra import KartraError, KartraTerminalError, KartraTransientError


def test_public_names_are_listed_and_sorted() -> None:
    """`__all__` names exactly what can be imported, sorted the way ruff sorts it."""
    assert set(package.__all__) <= set(dir(package))
    assert len(set(package.__all__)) == len(package.__all__)
    exported = [name for name in dir(package) if getattr(package, name).__class__ is type and not name.startswith("_")]
    assert set(exported) <= set(package.__all__)


def test_every_error_has_a_code_of_its_own() -> None:
    """Each class of the tree has a stable code, and is transient or terminal."""
    tree = _below(KartraError)
    assert len({error.code for error in tree}) == len(tree)
    assert all(issubclass(error, KartraTransientError | KartraTerminalError) for error in tree)


def _below(error: type[KartraError]) -> list[type[KartraError]]:
    return [below for child in error.__subclasses__() for below in (child, *_below(child))]
