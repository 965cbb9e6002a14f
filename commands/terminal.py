"""A terminal as rich draws on it: tables on stdout, lines on stderr. Loaded where something is drawn."""

import errno
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text


class Terminal(Console):
    """A console that is given printable text, takes nothing in it for markup, and lets whoever knows end a closed pipe.

    Neither brackets nor `:names:` of emoji mean anything in what Kartra or Twenty holds.
    """

    def on_broken_pipe(self) -> None:
        """Raise on; rich itself would leave with exit code 1, a defect."""
        raise BrokenPipeError(errno.EPIPE, "nobody reads on")

    def draw(self, columns: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int]) -> None:
        """Draw a table, in at most the terminal's width."""
        drawn = Table(box=None, pad_edge=False, header_style="bold")
        for index, name in enumerate(columns):
            drawn.add_column(Text(name), justify="right" if index in right else "left", overflow="fold")
        for row in rows:
            drawn.add_row(*map(Text, row))
        self.print(drawn)

    def say(self, line: str) -> None:
        """Print a line."""
        self.print(Text(line), soft_wrap=True)
