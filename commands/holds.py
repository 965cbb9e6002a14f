"""holds: rows and records that wait for a person, and why."""

import msgspec
import rich_click as click

from commands import reporting
from commands.options import Options, general
from commands.running import run
from commands.session import reading
from ledger.projections.holds import Hold
from ledger.projections.holds import holds as all_holds


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


@click.command("holds")
@click.option("--state", type=click.Choice(["open", "corrected", "released", "abandoned"]), help="Only these.")
@general
@click.pass_obj
def command(options: Options, state: str | None) -> None:
    """Rows that wait for a person: file, line, column and reason.

    Example:  kartra-to-twenty holds --state open
    """
    listed = run(options, lambda: holds(options, state))
    if options.as_json:
        reporting.document({"holds": listed})
        return
    rows = [(one.id, one.file, one.line, one.column, one.reason, one.state) for one in listed]
    reporting.table(["id", "file", "line", "column", "reason", "state"], rows, right=frozenset({0, 2}))
    reporting.line(f"{len(listed)} holds")
