"""export: every event for auditors' own tools, as JSON lines or CSV; read page by page, however many there are."""

import csv
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Literal, TextIO

import msgspec
import rich_click as click

from adapters.reports.files import whole_file
from adapters.reports.sheets import inert
from commands import reporting
from commands.errors import WrongUse
from commands.options import Options, general
from commands.pipes import readers_may_leave
from commands.reading import reading
from commands.reporting import Reporter
from commands.running import run
from commands.targets import refuse_taken
from ledger.events import bodies, split
from ledger.reader import Head, Reader, Recorded

Shape = Literal["jsonl", "csv"]

_AT_ONCE = 500
"""How many events and bodies are held at a time, or a single event's bodies if those are more."""

_LAST = 2**63 - 1
"""The highest position SQLite can count to."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What to export: events behind the position `since`, in which shape, with their bodies or without."""

    shape: Shape = "jsonl"
    since: int = 0
    with_bodies: bool = False


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """What was exported: so many events behind `since`, up to this head."""

    events: int
    since: int
    head: Head


async def export(options: Options, asked: Asked, file: TextIO) -> Exported:
    """Write the events to a file, oldest first, as the ledger stands when this begins.

    Raises:
        WrongUse: there is no event at the position `since`: these are other events than were exported before.
    """
    async with reading(options) as reader:
        head = await reader.head()
        if asked.since > head.position:
            raise WrongUse(f"there is no event {asked.since}; the last one is {head.position}, is this the ledger?")
        write = _writer(asked, file)
        events = 0
        async for row in _rows(reader, asked, head):
            write(row)
            events += 1
    return Exported(events=events, since=asked.since, head=head)


async def export_to_file(options: Options, asked: Asked, out: Path, *, force: bool) -> Exported:
    """Write the events to a new file (0600) that is there whole or not at all.

    Raises:
        WrongUse: as `export`; or the place is taken, or cannot be written.
    """
    refuse_taken(options, out, force=force)
    try:
        with whole_file(out) as file:
            return await export(options, asked, file)
    except OSError as refusal:
        raise WrongUse(f"{out} cannot be written ({refusal.strerror}); name another file with --out") from refusal


async def _rows(reader: Reader, asked: Asked, head: Head) -> AsyncIterator[dict[str, Any]]:
    few: list[tuple[dict[str, Any], list[str]]] = []
    size = 0
    async for one in reader.read(asked.since, "position <= :head", head=head.position):
        named = bodies(one.event) if asked.with_bodies else []
        few.append((_row(one), named))
        size += 1 + len(named)
        if size >= _AT_ONCE:
            for row in await _finished(reader, asked, few):
                yield row
            few, size = [], 0
    for row in await _finished(reader, asked, few):
        yield row


async def _finished(reader: Reader, asked: Asked, few: list[tuple[dict[str, Any], list[str]]]) -> list[dict[str, Any]]:
    if not asked.with_bodies:
        return [row for row, _ in few]
    kept = await reader.envelopes([name for _, named in few for name in named])
    return [{**row, "bodies": {name: kept.get(name) for name in named}} for row, named in few]


def _row(one: Recorded) -> dict[str, Any]:
    columns, own = split(one.event)
    return {
        "position": one.position,
        "type": type(one.event).__name__,
        "run_id": one.run_id,
        "cause": one.cause,
        "recorded_at": one.recorded_at,
        "actor": one.actor,
        **columns,
        "data": own,
        "prev_hash": one.prev_hash,
        "hash": one.hash,
    }


def _writer(asked: Asked, file: TextIO) -> Callable[[dict[str, Any]], object]:
    if asked.shape == "jsonl":
        return lambda row: file.write(reporting.as_json_line(row))
    sheet = csv.writer(file, lineterminator="\r\n")
    sheet.writerow([*_COLUMNS, *(["bodies"] if asked.with_bodies else [])])
    return lambda row: sheet.writerow([_cell(value) for value in row.values()])


_COLUMNS = (
    "position", "type", "run_id", "cause", "recorded_at", "actor", "object", "source_key", "source_ref", "twenty_id",
    "payload_hash", "data", "prev_hash", "hash",
)  # fmt: skip


def _cell(value: object) -> object:
    """A cell no spreadsheet takes for a formula."""
    text = msgspec.json.encode(value, order="sorted").decode() if isinstance(value, dict) else value
    return inert(text) if isinstance(text, str) else text


@click.command("export")
@click.option("--format", "shape", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), help="The file to write.  [default: what is printed]")
@click.option("--since", type=click.IntRange(0, _LAST), default=0, help="Only events behind this position.")
@click.option("--with-bodies", is_flag=True, help="The bodies too: rows, payloads, texts; personal data.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@general
@click.pass_obj
def command(options: Options, shape: Shape, out: Path | None, since: int, with_bodies: bool, force: bool) -> None:
    """Every event, for auditors' own tools: JSON lines or CSV.

    An event's hash is the SHA-256 of prev_hash and of all other columns but these two, as JSON in UTF-8 with sorted
    keys and no blanks, `data` in it as the text of such JSON. In CSV, cells that a spreadsheet would take for a formula
    have an apostrophe in front. Without --with-bodies nothing personal is in it, unless a file is named after somebody;
    an erased body is null.

    How many events there are, and the head they lead to, is said on stderr.

    Example:  kartra-to-twenty export --format csv --out events.csv
    """
    asked = Asked(shape=shape, since=since, with_bodies=with_bodies)
    if options.as_json and out is None:
        raise click.UsageError("events are many documents and --json prints one: name a file with --out")
    if out is None:
        told = run(options, lambda: _print(options, asked))
    else:
        told = run(options, lambda: export_to_file(options, asked, out, force=force))
    if told is not None:
        _tell(options, told, out)


async def _print(options: Options, asked: Asked) -> Exported | None:
    with readers_may_leave():
        return await export(options, asked, sys.stdout)
    return None


def _tell(options: Options, told: Exported, out: Path | None) -> None:
    behind = f" behind position {told.since}" if told.since else ""
    Reporter().say(f"exported {told.events} events{behind}, head {told.head}")
    if options.as_json:
        reporting.document({**msgspec.to_builtins(told), "head": str(told.head), "file": str(out)})
