"""sample: write realistic Kartra exports, awkward rows included, and truth.json, what must come of them."""

from pathlib import Path

import anyio
import msgspec
import rich_click as click

from adapters.kartra.sample import SampleSummary, write_sample
from commands import reporting
from commands.errors import WrongUse
from commands.options import Options, general
from commands.running import run

_RECORDS = ("people", "companies", "opportunities", "subscriptions", "affiliates", "tasks", "notes")


async def sample(
    out: Path, contacts: int, seed: int, *, clean: bool, companies: int | None, contacts_only: bool = False
) -> SampleSummary:
    """Write made-up exports into a folder, the same for the same arguments.

    Raises:
        WrongUse: the folder holds other files already or cannot be written, or the counts cannot be.
    """
    try:
        if await anyio.Path(out).exists() and any(path.name != "truth.json" for path in out.iterdir()):
            raise WrongUse(f"{out} is not empty; name a new folder")
        return await anyio.to_thread.run_sync(
            lambda: write_sample(
                out, contacts, seed, dirty=not clean, companies=companies, everything=not contacts_only
            )
        )
    except ValueError as error:
        raise WrongUse(str(error)) from error
    except OSError as refusal:
        raise WrongUse(f"{out} cannot be written ({refusal.strerror}); name another folder") from refusal


@click.command("sample")
@click.option("--contacts", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder.")
@click.option("--contacts-only", is_flag=True, help="Contacts exports and nothing else.")
@click.option("--clean", is_flag=True, help="One export of a kind, a row a record, nothing awkward.")
@click.option("--companies", type=click.IntRange(0), help="How many companies.  [default: a tenth of the contacts]")
@general
@click.pass_obj
def command(
    options: Options, contacts: int, seed: int, out: Path, contacts_only: bool, clean: bool, companies: int | None
) -> None:
    """Write realistic Kartra exports of every kind, awkward rows included.

    Example:  kartra-to-twenty sample --contacts 100 --out exports
    """
    written = run(
        options,
        lambda: sample(out, contacts, seed, clean=clean, companies=companies, contacts_only=contacts_only),
    )
    if options.as_json:
        reporting.document({**msgspec.structs.asdict(written), "folder": str(out)})
        return
    files = [(written.kinds[name], name, rows) for name, rows in written.files]
    reporting.table(["kind", "file", "rows"], files, right=frozenset({2}))
    counts = ((name, getattr(written, name)) for name in _RECORDS)
    reporting.line(f"What must come of it is in {out / 'truth.json'}:")
    reporting.line(", ".join(f"{count} {name}" for name, count in counts if count))
    reporting.line(f"rows to be held: {written.held}, to be set aside: {written.set_aside}")
