"""The command line: assembly only. Each command is a file of this package, loaded when it is asked for."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click
from click.exceptions import NoArgsIsHelpError
from click.shell_completion import CompletionItem

from commands.errors import Interrupted, WrongUse
from commands.options import Options, destination
from commands.pipes import readers_may_leave

NAME = "kartra-to-twenty"

COMMANDS: dict[str, str] = {
    "demo": "The whole story on made-up exports: audit, load, kill, resume, delta, reconcile, roll back.",
    "sample": "Write realistic Kartra exports of every kind, awkward rows included.",
    "audit": "What is in the exports, and what becomes of it; writes a report.",
    "plan": "Propose a mapping for the exports, and what it needs of Twenty's data model.",
    "confirm": "Show the mapping and sign it: no record moves under an unsigned one.",
    "estimate": "Records, calls and time of a load, and of taking it back. Needs no Twenty and no ledger.",
    "preflight": "Key, permissions, workspace, automations; with exports collisions, calls, time. Changes nothing.",
    "schema": "Twenty's data model: make what the mapping needs.",
    "automations": "What would fire in Twenty on the records we make.",
    "load": "Read exports, make records of them, write them to Twenty.",
    "delta": "Move what changed in Kartra since the load.",
    "extract": "Only read exports into the ledger; nothing is sent.",
    "transform": "Only make records of the rows read; nothing is sent.",
    "write": "Only write the records made.",
    "stage": "Write CSV files that Twenty's own import takes; nothing is sent.",
    "inventory": "What must be rebuilt by hand: sequences, memberships and what you list, as forms to fill in.",
    "resume": "Go on with the run that was interrupted or failed: nothing twice, nothing lost.",
    "status": "How the migration stands: runs, books, holds, rate and time left.",
    "holds": "Rows that wait for a person: file, line, column and reason.",
    "reconcile": "Read every record back from Twenty and hold it against what was written.",
    "rollback": "Take out of Twenty what was written; preview unless --yes.",
    "history": "The story of one record, or a filtered log.",
    "show": "One event in full, with its body.",
    "head": "Position and hash of the last event, to keep elsewhere.",
    "verify": "Recompute chain, bodies and projections.",
    "erase": "Take one person out of the ledger, for good; preview unless --yes.",
    "close": "Sign the migration off: who, at which head, compared with what result; preview unless --yes.",
    "export": "Every event, for auditors' own tools: JSON lines or CSV.",
    "ledger": "Care of the ledger file.",
    "sandbox": "The embedded Twenty over HTTP.",
    "serve": "The auditors' console: the history in a browser, read-only.",
}
"""Every command, and its line in the overview (so that the overview loads none of them)."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command runs."""

    def main(self, *args: Any, **settings: Any) -> NoReturn:
        """Run and leave; what click refuses ends as every other error does: in one line, with `--json` a document."""
        given = args[0] if args else settings.get("args")
        options = _said(sys.argv[1:] if given is None else given)
        try:
            code: int | None = super().main(*args, **{**settings, "standalone_mode": False})
        except NoArgsIsHelpError as nothing_said:
            nothing_said.show()
            sys.exit(nothing_said.exit_code)
        except click.ClickException as refusal:
            _fail(options, _wrong_use(refusal))
        except click.Abort:
            _fail(options, Interrupted())
        except Exception as defect:  # noqa: BLE001  # in the face of a command: told like one in its use case
            _fail(options, defect)
        sys.exit(code)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command for as long as somebody reads what it prints."""
        with readers_may_leave():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of a migration."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"commands.{cmd_name}").command
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands, from the table alone, and the options before them."""
        named = [CompletionItem(name, help=about) for name, about in COMMANDS.items() if name.startswith(incomplete)]
        return [*named, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _said(words: Sequence[str]) -> Options:
    """How an error is to be told, of a command line that may not have been parsed."""
    options = Options()
    options.as_json = "--json" in words
    options.verbosity = sum(word in ("-v", "-vv", "--verbose") for word in words)
    return options


def _fail(options: Options, error: BaseException) -> NoReturn:
    from commands.failing import fail  # loaded where something went wrong

    fail(options, error)


def _wrong_use(refusal: click.ClickException) -> WrongUse:
    context = getattr(refusal, "ctx", None)
    said = " ".join(refusal.format_message().split()).rstrip(".?")
    return WrongUse(f"{said}; `{context.command_path if context else NAME} -h` shows how")


@click.group(NAME, cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="kartra-to-twenty")
@destination
def cli() -> None:
    """Move a Kartra account into Twenty CRM: resumable, auditable, exactly reversible.

    \b
    A first run:
      kartra-to-twenty sample --contacts 100 --out exports
      kartra-to-twenty --sandbox load exports --accept-defaults --automations leave
    """


def main() -> None:
    """The entry point of the distribution."""
    cli.main(prog_name=NAME)
