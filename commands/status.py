"""status: what a migration has come to: runs, books, holds, pending work, rate and time left."""

import time
from datetime import UTC, datetime

import anyio
import click
import msgspec

from commands import reporting
from commands.faces import Looking
from commands.options import Options, general
from commands.reading import reading
from commands.running import look
from commands.tallies import tell_records, tell_rows
from ledger.books import Books, books
from ledger.erasing import not_carried_out
from ledger.lock import holder_of
from ledger.projections import automations, holds, runs
from ledger.projections.runs import Run, state_now
from ledger.reader import Head, Reader
from ledger.signoff import SignOff, signed_off

_RECENT_S = 30
_WATCH_S = 2


class RunStatus(msgspec.Struct, frozen=True, kw_only=True):
    """A run and how it stands: running, interrupted, failed or completed."""

    run: str
    command: str
    state: str
    started_at: str
    ended_at: str | None
    resumed: int
    undone: int
    code: str | None


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Everything `status` shows; `rate` is records written a second of late, `seconds_left` at that rate.

    `unfinished` is the run that `resume` would go on with; `not_erased` counts bodies that are there although their
    erasure is on record.
    """

    head: Head
    workspace: str | None
    runs: list[RunStatus]
    unfinished: str | None
    books: Books
    open_holds: int
    paused_automations: list[str]
    rate: float | None
    seconds_left: int | None
    closed: SignOff | None
    not_erased: int


async def status(options: Options) -> Status:
    """Read everything that says how a migration stands."""
    async with reading(options) as reader:
        every = await runs.all_runs(reader)
        working = await runs.at_work(reader, await anyio.to_thread.run_sync(holder_of, options.ledger))
        counted = await books(reader)
        rate = await _rate(reader)
        unfinished = await runs.unfinished(reader)
        closed = await signed_off(reader)
        left = 0 if closed else sum(one.pending + one.intended for one in counted.records)
        return Status(
            head=await reader.head(),
            workspace=await reader.workspace(),
            runs=[_run_status(one, held=one.run_id == working) for one in every],
            unfinished=unfinished.run_id if unfinished and unfinished.run_id != working else None,
            books=counted,
            open_holds=await holds.open_count(reader),
            paused_automations=[one.twenty_id for one in await automations.not_active(reader)],
            rate=rate,
            seconds_left=round(left / rate) if rate and left else None,
            closed=closed,
            not_erased=await not_carried_out(reader),
        )


def _run_status(one: Run, *, held: bool) -> RunStatus:
    return RunStatus(
        run=one.run_id,
        command=one.command,
        state=state_now(one, held=held),
        started_at=one.started_at,
        ended_at=one.ended_at,
        resumed=one.resumed,
        undone=one.undone,
        code=one.code,
    )


async def _rate(reader: Reader) -> float | None:
    """Records written a second, over the last half minute of writing."""
    last = await reader.rows(
        "SELECT position, recorded_at FROM event WHERE type = 'RecordCreated' ORDER BY position DESC LIMIT 1"
    )
    if not last:
        return None
    until = datetime.fromisoformat(last[0]["recorded_at"])
    since = datetime.fromtimestamp(until.timestamp() - _RECENT_S, UTC).isoformat(timespec="microseconds")
    [row] = await reader.rows(
        """SELECT count(*) AS n, min(recorded_at) AS first FROM (SELECT recorded_at FROM event
             WHERE type = 'RecordCreated' ORDER BY position DESC LIMIT 20000) WHERE recorded_at >= :since""",
        since=since.replace("+00:00", "Z"),
    )
    seconds = until.timestamp() - datetime.fromisoformat(row["first"]).timestamp()
    return round(row["n"] / seconds, 1) if seconds > 0 else None


@click.command("status", cls=Looking)
@click.option("--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C.")
@general
@click.pass_obj
def command(options: Options, watch: bool) -> None:
    """How the migration stands: runs, books, holds, rate and time left.

    Example:  kartra-to-twenty status --watch
    """
    if watch and options.as_json:
        raise click.UsageError("--watch is for people; ask for --json once, or as often as you like")
    _show(options, look(options, lambda: status(options)))
    try:
        while watch:
            time.sleep(_WATCH_S)
            click.clear()
            _show(options, look(options, lambda: status(options)))
    except KeyboardInterrupt:
        return


def _show(options: Options, now: Status) -> None:
    if options.as_json:
        reporting.document({**msgspec.to_builtins(now), "head": str(now.head)})
        return
    runs_shown = [
        (one.run[-12:], one.command, one.state, one.started_at[:19], one.undone if one.state == "completed" else "")
        for one in now.runs
    ]
    reporting.table(["run", "command", "state", "started (UTC)", "undone"], runs_shown, right=frozenset({4}))
    reporting.line("")
    tell_rows(now.books.rows)
    tell_records(now.books.records)
    for wrong in now.books.imbalances:
        reporting.line(f"DOES NOT BALANCE: {wrong}")
    if now.seconds_left is not None:
        reporting.line(f"{now.rate} records a second, about {now.seconds_left} s left")
    if now.unfinished is not None:
        reporting.line(f"run {now.unfinished[-12:]} waits: `resume` goes on with it")
    for one in now.paused_automations:
        reporting.line(f"automation {one} is paused: `automations restore` puts it back")
    if now.not_erased:
        reporting.line(f"{now.not_erased} erasures are on record and not carried out: `resume` takes the bodies away")
    if now.closed is not None:
        purged = ", bodies purged" if now.closed.purged else ""
        reporting.line(f"closed by {now.closed.actor} on {now.closed.recorded_at[:10]}, at {now.closed.head}{purged}")
    reporting.line(f"open holds: {now.open_holds}; head {now.head}")
