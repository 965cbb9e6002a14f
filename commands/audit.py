"""audit: look through a folder of exports before anything is moved, and write down what is there."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import anyio
import anyio.from_thread
import msgspec
import rich_click as click

from adapters.kartra import Scan, scan
from adapters.mapping import MappingConfig, load_mapping
from adapters.reports.figures import amount, count
from adapters.reports.files import write_text
from adapters.reports.markdown import markdown
from adapters.reports.pages import page
from adapters.reports.sheets import write_sheet
from commands import reporting
from commands.discovery.document import Audit
from commands.discovery.reading import Tick
from commands.discovery.survey import Surveyed, survey
from commands.discovery.telling import figures, told
from commands.discovery.telling.people import REASONS
from commands.errors import WrongUse
from commands.extract import refuse_nothing
from commands.options import Options, general
from commands.reporting import Reporter
from commands.running import run

DEFAULT_OUT = Path("var/audit")

_LISTED = 8


def day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A day as `YYYY-MM-DD`, or nothing."""
    try:
        return value if value is None else date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no day; write it as 2024-12-31") from error


async def audit(folder: Path, out: Path, mapping: Path | None, stale_before: str | None, reporter: Reporter) -> Audit:
    """Read the exports of a folder and write the audit into `out` as Markdown, HTML, JSON and a sheet of rows.

    `mapping` (the shipped one if None) says how cells are read and where columns go; it need not be confirmed.

    Raises:
        KartraError: the folder, or a file of it, cannot be read.
        MappingError: the mapping cannot be used.
        WrongUse: there is nothing to read, or `out` cannot be written.
    """
    config = load_mapping(mapping)
    found = await anyio.to_thread.run_sync(scan, folder)
    refuse_nothing(found, folder)
    with reporter.phase("audit", None) as advance:
        surveyed = await anyio.to_thread.run_sync(_survey, found, config, str(folder), stale_before, advance)
    try:
        await anyio.to_thread.run_sync(_write, surveyed, out)
    except OSError as refusal:
        raise WrongUse(f"{out} cannot be written ({refusal.strerror}); name another folder with --out") from refusal
    return surveyed.audit


def _survey(found: Scan, config: MappingConfig, folder: str, stale_before: str | None, advance: Tick) -> Surveyed:
    """In a thread: the survey itself, which Ctrl-C stops between two rows."""

    def tick(rows: int) -> None:
        anyio.from_thread.check_cancelled()
        advance(rows)

    return survey(found, config, folder, stale_before, tick)


def _write(surveyed: Surveyed, out: Path) -> None:
    report = told(surveyed.audit)
    write_text(out / "audit.html", page(report))
    write_text(out / "audit.md", markdown(report))
    # In ASCII: what would steer a terminal is an escape of JSON's, whoever shows the file.
    write_text(out / "audit.json", json.dumps(msgspec.to_builtins(surveyed.audit), indent=2) + "\n")
    write_sheet(out / "audit-rows.csv", ("File", "Line", "Kind", "Reason"), surveyed.rows)


@click.command("audit")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=DEFAULT_OUT, show_default=True, help="Where to write.")
@click.option(
    "--stale-before", metavar="DAY", callback=day, help="As 2024-12-31.  [default: two years before the newest export]"
)
@general
@click.pass_obj
def command(options: Options, folder: Path, out: Path, stale_before: str | None) -> None:
    """What is in the exports, and what becomes of it; writes a report.

    Writes audit.html, audit.md, audit.json and audit-rows.csv; reads nothing but the folder.

    Example:  kartra-to-twenty audit exports
    """
    found = run(options, lambda: audit(folder, out, options.mapping_path, stale_before, Reporter()))
    if options.as_json:
        reporting.document(found)
        return
    _summarise(found)
    reporting.line(f"{out / 'audit.html'} has it all; audit.md, audit.json and audit-rows.csv are beside it")


def _summarise(found: Audit) -> None:
    """The terminal's page: what matters, in 80 columns."""
    shown = figures(found).figures
    reporting.table(["", "", ""], [(each.label, each.value, each.note) for each in shown], right=frozenset({1}))
    for title, header, rows, right in _tables(found):
        if rows:
            reporting.line("")
            reporting.line(title)
            reporting.table(header, rows, right=right)
    reporting.line("")


def _tables(found: Audit) -> Iterator[tuple[str, list[str], Sequence[Sequence[str]], frozenset[int]]]:
    problems = [(REASONS.get(each.reason, each.reason), each.kind, count(each.count)) for each in found.problems]
    yield "Rows that will be held", ["reason", "kind", "rows"], problems, frozenset({2})
    sums = [(each.name, count(each.count), amount(each.micros), each.currency) for each in found.transactions.by_type]
    yield "Transactions", ["type", "count", "amount", ""], sums, frozenset({1, 2})
    acts = [(each.family, count(each.contacts)) for each in found.behaviour[:_LISTED]]
    yield "Only tags tell of it; the rest is absent for good", ["kind of act", "contacts"], acts, frozenset({1})
    left = [(each.name, each.reason) for each in found.left]
    yield "Files left", ["file", "why"], left, frozenset()
