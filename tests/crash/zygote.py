"""Starts the real command line again and again, each time in a process of its own, without loading it anew.

Run as `python zygote.py`, it has the whole program loaded and forks a process for each command asked for. It is told
JSON lines and answers each with one: `Start` with the new process's id, a process's id with how that process ended.
"""

import os
import resource
import signal
import sys
from importlib import import_module

import msgspec


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """A command to start: its arguments and environment, and the file its words go to (`.err` for the others).

    `point` names where it kills itself, `small` makes it work in small portions, `largest_file` is the size in bytes
    beyond which the disk is full for it.
    """

    args: list[str]
    env: dict[str, str]
    output: str
    point: str | None = None
    small: bool = True
    largest_file: int | None = None


def main() -> None:
    """Answer until there is no more input; what still runs then is killed."""
    _load()
    answers = os.dup(1)
    running: set[int] = set()
    for line in sys.stdin.buffer:
        asked = msgspec.json.decode(line, type=Start | int)
        if isinstance(asked, int):
            _, status = os.waitpid(asked, 0)
            running.discard(asked)
            _answer(answers, os.waitstatus_to_exitcode(status))
            continue
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            return _become(asked)
        running.add(pid)
        _answer(answers, pid)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return None


def _load() -> None:
    from commands.main import COMMANDS

    for name in COMMANDS:
        import_module(f"commands.{name}")
    import_module("adapters.sandbox.serve")
    import_module("tests.crash.points")


def _answer(descriptor: int, number: int) -> None:
    os.write(descriptor, b"%d\n" % number)


def _become(start: Start) -> None:
    """Be the command line, in a process that has just been forked."""
    from commands.main import main as command_line
    from tests.crash import points

    private = os.O_CREAT | os.O_WRONLY | os.O_TRUNC
    for number, path in enumerate((start.output, f"{start.output}.err"), start=1):
        os.dup2(os.open(path, private, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(start.env)
    if start.small:
        points.make_small()
    points.install(points.trap(start.point or "never::1"))
    if start.largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (start.largest_file, resource.RLIM_INFINITY))
    sys.argv = ["kartra-to-twenty", *start.args]
    command_line()


if __name__ == "__main__":
    main()
