"""From a click face to its use case and back: signals, errors in one line, exit codes."""

import gc
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from commands.errors import Interrupted
from commands.failing import fail
from commands.options import Options

T = TypeVar("T")

_NEW = 5_000
"""Objects that hold others, made and not let go, after which Python looks for cycles among them."""


def run(options: Options, use_case: Callable[[], Awaitable[T]]) -> T:
    """Run a use case to its end; an error ends the process with its line and its exit code."""
    # Who only looks logs nothing, and does not wait for what writes logs.
    from commands import logs

    logs.configure(options.verbosity)
    collect_seldom()
    return look(options, use_case)


def collect_seldom() -> None:
    """Have Python look for cycles seldom, and not in what was imported.

    What is made of rows has none, and is let go as soon as nobody needs it: to look through it every few hundred
    objects is a tenth of the time that making records takes. Calls leave cycles that hold bodies, so it is not never.
    """
    gc.freeze()
    gc.set_threshold(_NEW)


def look(options: Options, use_case: Callable[[], Awaitable[T]]) -> T:
    """The same for a use case that only looks into the ledger, so that nothing is logged."""
    try:
        return anyio.run(_interruptible, use_case)
    # The last stop before the operator: told, not hidden. A group that holds Ctrl-C is no Exception.
    except (Exception, KeyboardInterrupt, BaseExceptionGroup) as error:  # noqa: BLE001
        fail(options, _plain(error))


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
