"""How an error ends the process: one line, in `--json` a document too, and its exit code."""

import sys
import traceback
from typing import NoReturn

import click

from commands import reporting
from commands.errors import error_code, exit_code, is_ours
from commands.options import Options
from commands.pipes import let_go


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
        let_go(sys.stderr)


def _tell_traceback(error: BaseException) -> None:
    for text in traceback.format_exception(error):
        for line in text.splitlines():
            click.echo(reporting.printable(line), err=True)
