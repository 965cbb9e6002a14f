"""inventory: what cannot be moved and must be rebuilt by hand: sequences first, as forms to fill in."""

from pathlib import Path

import anyio
import msgspec
import rich_click as click

from adapters.reports.files import write_text
from commands import reporting
from commands.errors import WrongUse
from commands.options import Options, general
from commands.reading import reading
from commands.rebuilding.document import Inventory, inventory_of
from commands.rebuilding.form import FORM, form
from commands.rebuilding.listed import listed_in
from commands.rebuilding.sheets import OTHERS, SEQUENCES, STEPS, guess, write_sheets
from commands.rebuilding.sources import Answers, answers_in_folder, answers_in_ledger
from commands.running import run

DEFAULT_FOLDER = Path("var/inventory")
FILES = (FORM, SEQUENCES, STEPS, OTHERS)


async def inventory(options: Options, folder: Path | None, out: Path, also: Path | None) -> Inventory:
    """Count what is to be rebuilt, from a folder's files or else the ledger's rows, and write the forms.

    Raises:
        KartraError: the folder, or a file of it, cannot be read.
        WrongUse: there is nothing to tell, a list cannot be read, or forms are there already or cannot be written.
    """
    listed = await anyio.to_thread.run_sync(listed_in, also) if also else []
    counted = inventory_of(await _answers(options, folder), listed)
    _refuse_nothing(counted, folder)
    try:
        await anyio.to_thread.run_sync(_write, out, counted)
    except OSError as refusal:
        raise WrongUse(f"{out} cannot be written ({refusal.strerror}); name another folder") from refusal
    return counted


async def _answers(options: Options, folder: Path | None) -> Answers:
    if folder is not None:
        return await anyio.to_thread.run_sync(answers_in_folder, folder)
    async with reading(options) as reader:
        return await answers_in_ledger(reader)


def _refuse_nothing(counted: Inventory, folder: Path | None) -> None:
    if counted.answers or counted.sequences or counted.listed:
        return
    where = "the ledger" if folder is None else folder
    raise WrongUse(f"{where} holds no answers of Kartra's lead_details; name a folder that does, or a list with --also")


def _write(out: Path, counted: Inventory) -> None:
    there = next((name for name in FILES if (out / name).exists()), None)
    if there is not None:
        raise WrongUse(f"{out / there} is there already, and may be filled in; name another folder with --out")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_sheets(out, counted)
    write_text(out / FORM, form(counted))


_PATH = click.Path(path_type=Path)


@click.command("inventory")
@click.argument("folder", type=_PATH, required=False)
@click.option("--out", type=_PATH, default=DEFAULT_FOLDER, show_default=True, help="Where the forms go.")
@click.option("--also", type=_PATH, help="A list of forms, pages, automations: kind,name,remarks a line.")
@general
@click.pass_obj
def command(options: Options, folder: Path | None, out: Path, also: Path | None) -> None:
    """What must be rebuilt by hand: sequences, memberships and what you list, as forms to fill in.

    Counted from the rows in the ledger, or from the exports of FOLDER: Kartra's answers about single contacts
    (lead_details, JSON lines) say who is in which sequence, and account_sequences names them all.

    Example:  kartra-to-twenty inventory exports --out rebuild
    """
    counted = run(options, lambda: inventory(options, folder, out, also))
    if options.as_json:
        reporting.document({**msgspec.to_builtins(counted), "folder": str(out), "files": FILES})
        return
    _show(counted)
    reporting.line(f"in {out}: {', '.join(FILES)}")


def _show(counted: Inventory) -> None:
    rows = [
        (one.name, one.active, one.unsubscribed, one.highest_step, guess(one.hints[:1])) for one in counted.sequences
    ]
    heads = ["sequence", "active", "left", "highest step", "may start it (a guess)"]
    reporting.table(heads, rows, right=frozenset({1, 2, 3}))
    reporting.line(
        f"{len(counted.sequences)} sequences of {counted.contacts} contacts,"
        f" {len(counted.memberships)} levels of memberships, {len(counted.listed)} listed by hand"
    )
    if counted.left_out or counted.unreadable:
        reporting.line(f"not counted: {counted.left_out} answers about nobody known, {counted.unreadable} unreadable")
    reporting.line("not known: what steps say, delays, conditions, triggers; copy them from Kartra")
