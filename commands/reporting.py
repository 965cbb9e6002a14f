"""What a person sees while a command works: progress on stderr, log lines, results on stdout."""

import json
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from commands.terminal import Terminal


class Reporter:
    """Tells a person what happens: progress bars where stderr is a terminal, log lines elsewhere."""

    @contextmanager
    def phase(self, name: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """A piece of work of `total` steps; yields the function that counts steps done."""
        from commands import progress  # loaded where there is work to follow

        with progress.phase(self._terminal, name, total) as advance:
            yield advance

    def say(self, line: str) -> None:
        """A line for the operator."""
        self._terminal.say(printable(line))

    @cached_property
    def _terminal(self) -> "Terminal":
        # One for both, so that what is said stands above the bar.
        from commands.terminal import Terminal  # loaded where something is said

        return Terminal(stderr=True)


def printable(text: object) -> str:
    """Text of Kartra's or Twenty's, made safe for a terminal: what would steer it is shown, not obeyed."""
    return _escaped(str(text), lambda char: char.encode("unicode_escape").decode("ascii"))


def _escaped(text: str, escape_char: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    return "".join(char if _is_harmless(char) else escape_char(char) for char in text)


def _is_harmless(char: str) -> bool:
    # Blanks other than the ASCII one (Japanese has its own) are not "printable" to Python, yet steer nothing.
    return char.isprintable() or unicodedata.category(char) == "Zs"


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: frozenset[int] = frozenset()) -> None:
    """Print a table to stdout, in at most the terminal's width (80 where there is none)."""
    from commands.terminal import Terminal  # loaded where something is drawn

    cells = [[printable("" if cell is None else cell) for cell in row] for row in rows]
    Terminal(highlight=False).draw(columns, cells, right)


def line(text: str) -> None:
    """Print one line to stdout."""
    sys.stdout.write(printable(text) + "\n")


def document(value: Any) -> None:
    """Print one JSON document to stdout."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    sys.stdout.write("\n".join(map(_safe_json, text.split("\n"))) + "\n")


def json_line(value: Any) -> None:
    """Print a JSON document to stdout, as one line."""
    sys.stdout.write(as_json_line(value))


def as_json_line(value: Any) -> str:
    """A JSON document as one line that steers no terminal."""
    return _safe_json(msgspec.json.encode(value).decode()) + "\n"


def _safe_json(text: str) -> str:
    """The same JSON; what would steer a terminal (a bidirectional override, say) is escaped as JSON has it."""
    return _escaped(text, lambda char: json.dumps(char)[1:-1])


def flush() -> None:
    """Let what was printed be read at once, also through a pipe."""
    sys.stdout.flush()
