"""From a click face to its use case and back: signals, errors in one line, exit codes."""

import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import anyio
import rich_click as click

from commands import reporting
from commands.errors import Interrupted, error_code, exit_code, is_ours
from commands.options import Options

T = TypeVar("T")


def run(options: Options, use_case: Callable[[], Awaitable[T]]) -> T:
    """Run a use case to its end; an error ends the process with its line and its exit code."""
    reporting.configure_logging(options.verbosity)
    try:
        return anyio.run(_interruptible, use_case)
    # The last stop before the operator: told, not hidden. A group that holds Ctrl-C is no Exception.
    except (Exception, KeyboardInterrupt, BaseExceptionGroup) as error:  # noqa: BLE001
        fail(options, _plain(error))


def fail(options: Options, error: BaseException) -> NoReturn:
    """Tell an error in one line (in `--json` as a document too) and leave."""
    defect = f"a defect ({type(error).__name__}); run again with -v and report it"
    message = reporting.printable(error if is_ours(error) else defect)
    if options.as_json:
        told = {"code": error_code(error), "message": message, "exit_code": exit_code(error)}
        reporting.document({"error": told})
    tell_error(message)
    if options.verbosity:
        _tell_traceback(error)
    sys.exit(exit_code(error))


def tell_error(message: str) -> None:
    """Say on stderr, in one line, what is wrong."""
    try:
        click.echo(f"error: {message}", err=True)
    except BrokenPipeError:
        reporting.let_go(sys.stderr)


def _tell_traceback(error: BaseException) -> None:
    for text in traceback.format_exception(error):
        for line in text.splitlines():
            click.echo(reporting.printable(line), err=True)


async def _interruptible(use_case: Callable[[], Awaitable[T]]) -> T:
    """Run until done or until the first SIGINT or SIGTERM, which lets what is in the air be recorded first."""
    results: list[T] = []
    interrupted = False

    async def work() -> None:
        results.append(await use_case())
        scope.cancel()

    async with anyio.create_task_group() as group:
        scope = group.cancel_scope
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            group.start_soon(work)
            async for _signal in signals:
                interrupted = True
                scope.cancel()
                break
            await anyio.sleep_forever()
    if interrupted and not results:
        raise Interrupted
    return results[0]


def _plain(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    if isinstance(error, BaseExceptionGroup) and error.subgroup(KeyboardInterrupt):
        return Interrupted()
    # A closed pipe is a terminal that is gone: as good as Ctrl-C, and no defect.
    return Interrupted() if isinstance(error, KeyboardInterrupt | BrokenPipeError) else error
