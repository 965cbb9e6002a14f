"""What a person sees while a command works: progress on stderr, log lines, results on stdout."""

import errno
import json
import os
import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

import msgspec
import structlog
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text
from stamina.instrumentation import RetryDetails, set_on_retry_hooks

log: structlog.stdlib.BoundLogger = structlog.get_logger()


class _Rate(ProgressColumn):
    """Records a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="dim")


class _Console(Console):
    """A console that leaves a closed pipe to the one place that knows what it means."""

    def on_broken_pipe(self) -> None:
        """Raise on; rich itself would leave with exit code 1, a defect."""
        raise BrokenPipeError(errno.EPIPE, "nobody reads on")


class Reporter:
    """Tells a person what happens: progress bars where stderr is a terminal, log lines elsewhere."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or _Console(stderr=True)

    @contextmanager
    def phase(self, name: str, total: int | None) -> Iterator[Callable[[int], None]]:
        """A piece of work of `total` steps; yields the function that counts steps done."""
        log.info("phase", phase=name, total=total)
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=self.console, disable=not self.console.is_terminal) as progress:
            task = progress.add_task(name, total=total)
            yield lambda steps: progress.advance(task, steps)

    def say(self, line: str) -> None:
        """A line for the operator."""
        self.console.print(escape(printable(line)), highlight=False, soft_wrap=True)


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
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for index, name in enumerate(columns):
        drawn.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(escape(printable("" if cell is None else cell)) for cell in row))
    _Console(highlight=False).print(drawn)


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


def configure_logging(verbosity: int) -> None:
    """Log lines go to stderr: for people on a terminal, JSON elsewhere; warnings only, unless asked for more."""
    set_on_retry_hooks([_log_retry])
    level = {0: 30, 1: 20}.get(verbosity, 10)
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def _log_retry(details: RetryDetails) -> None:
    # Only errors of ours are tried again, and their texts quote no value.
    log.warning("trying again", why=str(details.caused_by), wait_s=round(details.wait_for, 1))


def flush() -> None:
    """Let what was printed be read at once, also through a pipe."""
    sys.stdout.flush()


@contextmanager
def readers_may_leave() -> Iterator[None]:
    """Print for as long as somebody reads: `history | head` is no error."""
    try:
        yield
    except BrokenPipeError:
        let_go(sys.stdout)
    finally:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            let_go(sys.stdout)


def let_go(stream: TextIO) -> None:
    """Send what is still to be written where nobody reads, so that closing the stream is no error either."""
    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, stream.fileno())
    os.close(descriptor)
