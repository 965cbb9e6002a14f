"""holds: rows and records that wait for a person, and what she decides about them."""

from collections.abc import Sequence

import msgspec
import rich_click as click

from commands import reporting
from commands.errors import WrongUse
from commands.holding.decisions import correct, give_up, release
from commands.holding.held import Held, find_held
from commands.options import WORDS, Options, general
from commands.reading import reading
from commands.running import run
from commands.session import writing
from ledger.projections.holds import Hold
from ledger.projections.holds import holds as all_holds

NEXT = "the next `load` of the same files goes on with it (so do `transform` and `write`, and a `delta`)"

GIVEN_UP = "nothing tries them again, unless a later export says something else of them"

_STATES = ("open", "corrected", "released", "abandoned", "erased")


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A hold as it is listed: where the row stands, and the code of the reason."""

    id: int
    file: str
    line: int
    column: str | None
    object: str
    reason: str
    state: str


async def holds(options: Options, state: str | None) -> list[Listed]:
    """Holds in the order they were made."""
    async with reading(options) as reader:
        return [_listed(hold) for hold in await all_holds(reader, state)]


def _listed(hold: Hold) -> Listed:
    shown = {name: getattr(hold, name) for name in Listed.__struct_fields__}
    return Listed(**shown)


@click.group("holds", invoke_without_command=True)
@click.option("--state", type=click.Choice(_STATES), help="Only these.")
@general
@click.pass_context
def command(context: click.Context, state: str | None) -> None:
    """Rows that wait for a person: file, line, column and reason.

    Without a command, lists them.

    Example:  kartra-to-twenty holds --state open
    """
    if context.invoked_subcommand is not None:
        return
    options: Options = context.obj
    listed = run(options, lambda: holds(options, state))
    if options.as_json:
        reporting.document({"holds": listed})
        return
    rows = [(one.id, one.file, one.line, one.column, one.reason, one.state) for one in listed]
    reporting.table(["id", "file", "line", "column", "reason", "state"], rows, right=frozenset({0, 2}))
    reporting.line(f"{len(listed)} holds")


@command.command("show")
@click.argument("hold", type=int)
@general
@click.pass_obj
def show_command(options: Options, hold: int) -> None:
    """One hold with its row, cell by cell, and what is said of it.

    Example:  kartra-to-twenty holds show 12
    """
    held = run(options, lambda: _show(options, hold))
    if options.as_json:
        shown = msgspec.to_builtins(_listed(held.hold))
        reporting.document({**shown, "stage": held.hold.stage, "cells": held.cells, "detail": held.detail})
        return
    one = held.hold
    reporting.line(f"hold {one.id}: {one.reason} ({one.state}), {one.object}, {one.file}:{one.line}")
    for name, value in held.detail.items():
        reporting.line(f"  {name}: {reporting.printable(value)}")
    if held.cells:
        table = [(name, reporting.printable(value)) for name, value in held.cells.items()]
        reporting.table(["column", "cell"], table)


async def _show(options: Options, hold: int) -> Held:
    async with reading(options) as reader:
        return await find_held(reader, hold)


@command.command("set")
@click.argument("hold", type=int)
@click.argument("cells", metavar="COLUMN=VALUE...", nargs=-1, required=True)
@click.option("--why", required=True, type=WORDS, help="Where the value comes from; kept in the ledger.")
@general
@click.pass_obj
def set_command(options: Options, hold: int, cells: tuple[str, ...], why: str) -> None:
    """Correct cells of a held row and let it go on; the row as it was read stays in the ledger.

    Example:  kartra-to-twenty holds set 12 email=ann@acme.example --why "asked her by phone"
    """
    given = _given(cells)

    async def work() -> None:
        async with writing(options, "holds set") as ledger:
            await correct(ledger, hold, given, why)

    run(options, work)
    _tell(options, "corrected", [hold], NEXT)


@command.command("release")
@click.argument("holds", type=int, nargs=-1)
@click.option("--reason", metavar="CODE", help="All that are held for this reason.")
@click.option("--object", "object_name", metavar="OBJECT", help="Only those of this object.")
@general
@click.pass_obj
def release_command(options: Options, holds: tuple[int, ...], reason: str | None, object_name: str | None) -> None:
    """Let rows and records go on as they are: what stood in their way is gone.

    Example:  kartra-to-twenty holds release 14 15
    """

    async def work() -> Sequence[Hold]:
        async with writing(options, "holds release") as ledger:
            return await release(ledger, holds, reason, object_name)

    _tell(options, "released", [one.id for one in run(options, work)], NEXT)


@command.command("give-up")
@click.argument("holds", type=int, nargs=-1)
@click.option("--reason", metavar="CODE", help="All that are held for this reason.")
@click.option("--object", "object_name", metavar="OBJECT", help="Only those of this object.")
@click.option("--why", required=True, type=WORDS, help="Kept in the ledger.")
@general
@click.pass_obj
def give_up_command(
    options: Options, holds: tuple[int, ...], reason: str | None, object_name: str | None, why: str
) -> None:
    """Give rows and records up: they count as set aside, and nothing tries them again unless Kartra changes them.

    Where a conflict was given up, Twenty's value stays, until Kartra changes that field.

    Example:  kartra-to-twenty holds give-up --reason email_missing --why "newsletter leftovers"
    """

    async def work() -> Sequence[Hold]:
        async with writing(options, "holds give-up") as ledger:
            return await give_up(ledger, holds, reason, object_name, why)

    _tell(options, "given up", [one.id for one in run(options, work)], GIVEN_UP)


def _given(cells: Sequence[str]) -> dict[str, str]:
    pairs = [cell.partition("=") for cell in cells]
    for name, sign, _ in pairs:
        if not sign or not name:
            raise WrongUse("say COLUMN=VALUE, one or more; an empty value empties the cell")
    return {name.strip(): value for name, _, value in pairs}


def _tell(options: Options, done: str, ids: Sequence[int], what_next: str) -> None:
    if options.as_json:
        reporting.document({"done": done, "holds": list(ids)})
        return
    reporting.line(f"{done}: {', '.join(map(str, ids)) or 'none'}" + (f"; {what_next}" if ids else ""))
