"""The tree of commands, as click has it."""

import shlex
from collections.abc import Iterator, Sequence

import click

from commands.main import COMMANDS, NAME, cli

Path = tuple[str, ...]


def commands() -> dict[Path, click.Command]:
    """Every command but the root, by its words."""
    return dict(_walk(cli, ()))


def _walk(group: click.Command, path: Path) -> Iterator[tuple[Path, click.Command]]:
    if not isinstance(group, click.Group):
        return
    for name in COMMANDS if not path else group.commands:
        inner = group.get_command(click.Context(group), name)
        assert inner is not None
        yield (*path, name), inner
        yield from _walk(inner, (*path, name))


def examples_of(command: click.Command) -> list[str]:
    """The example lines of a command's help."""
    lines = (line.strip() for line in (command.help or "").splitlines())
    return [line.removeprefix("Example:").strip() for line in lines if line.startswith("Example:")]


def parse(line: str) -> click.Context:
    """Parse a whole command line as the program would, running nothing.

    Raises click.UsageError where it cannot be parsed.
    """
    program, *words = shlex.split(line)
    assert program == NAME
    return _parse(cli, NAME, words, None)


def _parse(command: click.Command, name: str, words: Sequence[str], parent: click.Context | None) -> click.Context:
    context = command.make_context(name, list(words), parent=parent)
    rest = [*context._protected_args, *context.args]
    if not isinstance(command, click.Group) or not rest:
        return context
    inner_name, inner, left = command.resolve_command(context, rest)
    assert inner is not None
    return _parse(inner, str(inner_name), left, context)
