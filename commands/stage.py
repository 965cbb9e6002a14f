"""stage: the ledger's records as CSV files that Twenty's own import takes; nothing is sent."""

from pathlib import Path

import anyio
import msgspec
import rich_click as click

from adapters.reports.files import write_text
from commands import reporting
from commands.errors import WrongUse
from commands.objects import written_objects
from commands.options import Options, general
from commands.reading import reading
from commands.reporting import Reporter
from commands.running import run
from commands.staging.columns import MOST_ROWS
from commands.staging.guide import GUIDE, guide
from commands.staging.labels import labels_of
from commands.staging.records import NOT_IMPORTABLE, Passage, ids_of, left_out_of
from commands.staging.sheets import Sheet, Staging, write_object
from ledger.reader import Reader

DEFAULT_FOLDER = Path("var/stage")


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """What was written: the files in the order of their import, and what was left out: object → reason → records.

    `unlinked` counts relations left empty since their record was left out.
    """

    folder: str
    head: str
    files: list[Sheet]
    left_out: dict[str, dict[str, int]]
    unlinked: int


async def stage(options: Options, folder: Path, most: int = MOST_ROWS) -> Staged:
    """Write the sheets of every object, at most `most` records a file, and the guide that goes with them.

    Raises:
        WrongUse: nothing to stage, a folder that is not empty or cannot be written, or a ledger that went on meanwhile.
        MappingError: the mapping of the records cannot be read any more.
    """
    async with reading(options) as reader:
        head = await reader.head()
        names = await written_objects(reader)
        if not names:
            raise WrongUse("the ledger holds no records yet; `transform` makes them of the rows read")
        try:
            await anyio.to_thread.run_sync(_prepare, folder)
            staged = await _write(reader, folder, names, most)
            await anyio.to_thread.run_sync(
                write_text, folder / GUIDE, guide(head.position, staged.files, staged.left_out, staged.unlinked)
            )
        except OSError as refusal:
            raise WrongUse(f"{folder} cannot be written ({refusal.strerror}); name another folder") from refusal
        if await reader.head() != head:
            raise WrongUse(f"a run went on while {folder} was written; wait for its end, and stage into another folder")
        return staged


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise WrongUse(f"{folder} is not empty; name a new folder")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


async def _write(reader: Reader, folder: Path, names: list[str], most: int) -> Staged:
    labels, ids = await labels_of(reader), await ids_of(reader)
    staging = Staging(reader=reader, folder=folder, labels=labels, ids=ids, most=most)
    files: list[Sheet] = []
    left_out: dict[str, dict[str, int]] = {}
    unlinked = 0
    with Reporter().phase("stage", len(names)) as advance:
        for name in (name for name in names if name not in NOT_IMPORTABLE):
            passage = Passage(left_out=await left_out_of(reader, name))
            place = len({sheet.object for sheet in files}) + 1
            files += await write_object(staging, place, name, passage)
            left_out[name] = dict(passage.left_out)
            unlinked += passage.unlinked
            advance(1)
    for name in sorted(NOT_IMPORTABLE.intersection(names)):
        left_out[name] = {"not_importable": await _count(reader, name)}
    return Staged(
        folder=str(folder),
        head=str(await reader.head()),
        files=files,
        left_out={name: reasons for name, reasons in left_out.items() if reasons},
        unlinked=unlinked,
    )


async def _count(reader: Reader, object_name: str) -> int:
    return int(await reader.scalar("SELECT count(*) FROM record WHERE object = :object", object=object_name))


@click.command("stage")
@click.option("--out", type=click.Path(path_type=Path), default=DEFAULT_FOLDER, show_default=True, help="A new folder.")
@general
@click.pass_obj
def command(options: Options, out: Path) -> None:
    """Write CSV files that Twenty's own import takes; nothing is sent.

    One object a file, parents first, under the labels of Twenty's fields; README.md in the folder says how to import
    them, and what that import cannot do. What is held, rejected or taken back is left out.

    Example:  kartra-to-twenty stage --out staged
    """
    done = run(options, lambda: stage(options, out))
    if options.as_json:
        reporting.document(done)
        return
    reporting.table(
        ["file", "object", "records", "columns"],
        [(one.file, one.object, one.rows, one.columns) for one in done.files],
        right=frozenset({2, 3}),
    )
    for name, reasons in done.left_out.items():
        told = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in reasons.items())
        reporting.line(f"left out of {name}: {told}")
    if done.unlinked:
        reporting.line(f"relations left empty, their record being left out: {done.unlinked}")
    reporting.line(f"in {done.folder}; {GUIDE} there says how to import them")
