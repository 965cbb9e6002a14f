"""ledger: care of the ledger file."""

import textwrap
from pathlib import Path

import msgspec
import rich_click as click

from commands import reporting
from commands.backup import backup
from commands.errors import UNDONE
from commands.options import Options, general
from commands.running import run
from commands.session import writing
from ledger.views import VIEWS


async def rebuild(options: Options) -> int:
    """Empty the projections and fold every event again; answers how many there were."""
    async with writing(options, "ledger rebuild") as ledger:
        return await ledger.rebuild()


@click.group("ledger")
def command() -> None:
    """Care of the ledger file.

    Example:  kartra-to-twenty ledger rebuild
    """


@command.command("rebuild")
@general
@click.pass_obj
def rebuild_command(options: Options) -> None:
    """Fold every event again from zero; the projections come out as they should be.

    Example:  kartra-to-twenty ledger rebuild
    """
    events = run(options, lambda: rebuild(options))
    if options.as_json:
        reporting.document({"events": events})
    else:
        reporting.line(f"folded {events} events")


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Take the place of a file that is there, once the copy is proven.")
@general
@click.pass_obj
@click.pass_context
def backup_command(context: click.Context, options: Options, file: Path, force: bool) -> None:
    """Copy the ledger to FILE, also while a run writes, and verify the copy.

    One file (0600) that any SQLite client opens. The head printed is the copy's: `verify --ledger FILE --expect HEAD`
    proves later that it is still that copy. `cp` of a ledger in use leaves out what stands in its -wal. A copy keeps
    what `erase` takes from the ledger later: throw such copies away. Of a ledger whose erasure was stopped half-way it
    holds what was to go already, and says so (exit 3).

    For a replica at every moment, Litestream (litestream.io) runs beside the migration; the ledger is as it wants it
    (WAL, busy_timeout 5 s), and the two tables it adds harm no `verify`:

    \b
      litestream replicate var/ledger.db s3://BUCKET/ledger     while you work
      litestream restore -o restored.db s3://BUCKET/ledger      on another machine
      kartra-to-twenty verify --ledger restored.db --expect POSITION:HASH

    It sends changes about a second later, so the last ones may be missing: a head kept elsewhere tells. One machine
    replicates to one place. Its replica, and the hidden folder it keeps beside the ledger, hold what was erased for as
    long as it retains old states.

    Example:  kartra-to-twenty ledger backup backups/ledger.db
    """
    found = run(options, lambda: backup(options, file, force=force))
    if options.as_json:
        reporting.document({**msgspec.to_builtins(found), "head": str(found.head), "file": str(file)})
    else:
        reporting.line(
            f"copied to {file} and verified: {found.events} events, {found.payloads} bodies, {found.erased} erased,"
            f" head {found.head}"
        )
        if found.unerased:
            reporting.line(
                f"erased by the events and still in the copy: {found.unerased} bodies; throw it away, end the erasure"
                " (`resume`, or erase again), and copy anew"
            )
    context.exit(UNDONE if found.unerased else 0)


@command.command("views")
@general
@click.pass_obj
def views_command(options: Options) -> None:
    """The SQL views of the ledger file, each with a question it answers.

    Any SQLite client (3.38 or newer) reads them, also while a run writes: `sqlite3 -readonly var/ledger.db`.

    Example:  kartra-to-twenty ledger views
    """
    if options.as_json:
        shown = [{"name": view.name, "about": view.about, "example": view.example} for view in VIEWS]
        reporting.document({"views": shown})
        return
    for view in VIEWS:
        reporting.line(view.name)
        for line in textwrap.wrap(view.about, 76):
            reporting.line(f"  {line}")
        for line in view.example.splitlines():
            reporting.line(f"    {line}")
