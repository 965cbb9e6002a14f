"""Policies: what the mapping says, what the command line says otherwise, and what a run recorded of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec
import rich_click as click

from adapters.mapping import MappingConfig, objects_named
from adapters.mapping.policies import ALL, WAYS
from commands.errors import WrongUse

F = TypeVar("F", bound=Callable[..., Any])


class Policies(msgspec.Struct, frozen=True):
    """Every policy that was said: `object.policy` → its way. A run records them as they are."""

    said: Mapping[str, str] = {}

    def of(self, object_name: str, policy: str) -> str:
        """The way of an object: its own, that of all, or the cautious one."""
        own = self.said.get(f"{object_name}.{policy}")
        return own or self.said.get(f"{ALL}.{policy}") or WAYS[policy][0]


def policies_of(config: MappingConfig, said: Mapping[str, Iterable[str]]) -> Policies:
    """The mapping's policies, and over them what the command line says (`policy` → `[OBJECT=]WAY` …).

    Raises:
        WrongUse: there is no such way, or no such object.
    """
    known = objects_named(config)
    found = {
        f"{name}.{policy}": str(way)
        for name, ways in config.policies.items()
        for policy, way in msgspec.structs.asdict(ways).items()
        if way is not None
    }
    for policy, texts in said.items():
        for text in texts:
            name, _, way = text.rpartition("=")
            if way not in WAYS[policy]:
                raise WrongUse(f"--{policy} {text}: there is no way {way!r}; say {', '.join(WAYS[policy])}")
            if name and name not in (ALL, *known):
                raise WrongUse(f"--{policy} {text}: no object {name!r} is written; say {', '.join(known)}")
            if not name:
                # Said for all, it is meant for all: what the mapping says of single objects gives way.
                found = {key: one for key, one in found.items() if not key.endswith(f".{policy}")}
            found[f"{name or ALL}.{policy}"] = way
    return Policies(found)


_HELP = {
    "existing": "What Twenty has already",
    "adoption": "What an adopted record gets: only what is empty there, or all",
    "deleted": "What lies in Twenty's bin",
    "conflict": "Fields that Kartra and a person both changed",
    "gone": "What Kartra does not have any more",
}


def policy_options(*names: str) -> Callable[[F], F]:
    """Add an option a policy to a command; each may be said for all objects, or for one: `--existing person=adopt`."""

    def decorate(function: F) -> F:
        for name in reversed(names):
            words = f"{_HELP[name]}: {', '.join(WAYS[name])}.  [default: as the mapping says]"
            function = click.option(f"--{name}", metavar="[OBJECT=]WAY", multiple=True, help=words)(function)
        return function

    return decorate
