"""Starts the real command line again and again, each time in a process of its own, without loading it anew.

Run as `python -m tests.crash.zygote`, it loads the whole program, all that is loaded lazily too, and forks a process
for each command asked for. It is told JSON lines and answers each with a line: `Start` with the new process's id, a
process's id with how that process ended, or null while it runs.
"""

import gc
import os
import resource
import signal
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from io import StringIO
from pathlib import Path

import msgspec

from adapters.kartra.sample import write_sample
from commands.main import COMMANDS
from commands.main import main as command_line
from tests.crash import points


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """A command to start: its arguments and environment, and the file its words go to (`.err` for the others).

    `point` names where it sends itself the signal `strikes`, `small` makes it work in small portions, `largest_file` is
    the size in bytes beyond which the disk is full for it.
    """

    args: list[str]
    env: dict[str, str]
    output: str
    point: str | None = None
    strikes: int = signal.SIGKILL
    small: bool = True
    largest_file: int | None = None


def main() -> None:
    """Answer until there is no more input; what still runs then is killed."""
    _warm_up()
    answers = os.dup(1)
    running: set[int] = set()
    for line in sys.stdin.buffer:
        asked = msgspec.json.decode(line, type=Start | int)
        if isinstance(asked, int):
            answer = _end(asked)
            running -= {asked} if answer is not None else set()
        elif answer := os.fork():
            running.add(answer)
        else:
            os.close(answers)
            return _become(asked)
        os.write(answers, msgspec.json.encode(answer) + b"\n")
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return None


def _end(pid: int) -> int | None:
    """How a process ended: its exit code, or the number of its signal, negative; None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _warm_up() -> None:
    """Load every module, by doing once what tests do: that takes longer than all they do afterwards."""
    for name in COMMANDS:
        import_module(f"commands.{name}")
    import_module("adapters.sandbox.serve")
    with tempfile.TemporaryDirectory() as folder:
        write_sample(Path(folder, "exports"), 60, 7, everything=True)
        load = ["load", f"{folder}/exports", "--accept-defaults", "--automations", "pause"]
        for args in (load, ["status"], ["verify"]):
            sys.argv = ["kartra-to-twenty", "--sandbox", "--ledger", f"{folder}/ledger.db", *args]
            with suppress(SystemExit), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                command_line()
    gc.freeze()


def _become(start: Start) -> None:
    """Be the command line, in a process that has just been forked."""
    private = os.O_CREAT | os.O_WRONLY | os.O_TRUNC
    for number, path in enumerate((start.output, f"{start.output}.err"), start=1):
        os.dup2(os.open(path, private, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(start.env)
    if start.small:
        points.make_small()
    points.install(points.trap(start.point or "never::1", start.strikes))
    if start.largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (start.largest_file, resource.RLIM_INFINITY))
    sys.argv = ["kartra-to-twenty", *start.args]
    try:
        command_line()
    except SystemExit as ended:
        code = 0 if ended.code is None else ended.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    # Taking the whole interpreter down would take longer than most commands.
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    main()
