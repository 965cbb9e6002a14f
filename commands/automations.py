"""automations: what Twenty would do by itself with our records; paused with the operator's word, put back."""

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import anyio
import rich_click as click

from adapters.twenty import Automation, NotFound, OutcomeUnknown, TransientError, TwentyError, firing, pause, put_back
from commands import reporting
from commands.errors import AutomationsWouldFire, Interrupted
from commands.objects import STANDARD
from commands.options import Options, destination
from commands.reporting import Reporter
from commands.running import run
from commands.session import Twenty, Working, check_workspace, reach_twenty, run_of, writing
from ledger import work
from ledger.errors import LedgerError
from ledger.events import AutomationIntended, AutomationLost, AutomationPaused, AutomationResumed, RunStarted
from ledger.hashing import seal
from ledger.projections.automations import PausedAutomation, not_active
from ledger.store import Draft, Ledger

HOW = click.Choice(["pause", "leave"])
_LOST_ANSWERS = 5
_TRASH_DAYS = 14
"""Twenty's own default (FACTS section 7), where the workspace does not say."""


@asynccontextmanager
async def quiet(working: Working, object_names: Sequence[str], how: str | None) -> AsyncIterator[None]:
    """Work while automations are as the operator wants them; what is paused is put back at any end.

    Raises:
        AutomationsWouldFire: some would, and nobody said what to do.
    """
    async with put_back_after(working):
        await _settle_how(working, object_names, how)
        yield


@asynccontextmanager
async def put_back_after(working: Working) -> AsyncIterator[None]:
    """Put back whatever is paused by us when the work ends, however it ends."""
    try:
        yield
    except BaseException as error:
        # Also after Ctrl-C: a pause that stays would be made final by Twenty's trash.
        with anyio.CancelScope(shield=True):
            await _put_back_if_reachable(working, error)
        raise
    else:
        await restore(working.ledger, working.twenty, working.reporter)


async def _put_back_if_reachable(working: Working, error: BaseException) -> None:
    """Put back after a failure. A second failure is told and does not take the first one's place."""
    try:
        if isinstance(error, TransientError | OutcomeUnknown) and await not_active(working.ledger.reader):
            working.reporter.say(
                "Twenty is out of reach: what is paused stays so until `automations restore` or `resume`"
            )
        else:
            await restore(working.ledger, working.twenty, working.reporter)
    except (TwentyError, LedgerError) as second:
        working.reporter.say(f"automations could not be put back ({second}); `automations restore`")


async def _settle_how(working: Working, object_names: Sequence[str], how: str | None) -> None:
    await _finish_putting_back(working)
    reader = working.ledger.reader
    if not any([await work.count_in_state(reader, name, "pending", "intended") for name in object_names]):
        return
    found = await firing(working.twenty.client, object_names)
    if not found:
        return
    names = [f"{one.name} ({one.kind})" for one in found]
    decided = how or await _ask(names)
    working.reporter.say(f"automations that fire on what is created: {', '.join(names)}: {decided}")
    if decided == "pause":
        await pause_all(working, found)


async def _ask(names: list[str]) -> str:
    """Ask at the terminal. The event loop waits for the line: a signal just before a read that blocks would be lost."""
    if not sys.stdin.isatty():
        raise AutomationsWouldFire(names)
    click.echo(f"Twenty would act on the records created: {', '.join(names)}", err=True)
    while True:
        click.echo(f"pause them for this run, or leave them? ({', '.join(HOW.choices)}): ", nl=False, err=True)
        await anyio.wait_readable(sys.stdin)
        line = sys.stdin.readline()
        if not line:
            raise Interrupted
        if (answer := line.strip()) in HOW.choices:
            return answer


async def pause_all(working: Working, found: Sequence[Automation]) -> None:
    """Pause what can be paused; what cannot (webhooks) is named."""
    for one in found:
        if one.kind != "workflow":
            working.reporter.say(f"cannot be paused and will be called: {one.name} ({one.kind})")
            continue
        await _pause(working.ledger, working.twenty, one)


async def _pause(ledger: Ledger, twenty: Twenty, automation: Automation) -> None:
    body = seal(f"automation:{automation.id}", {"name": automation.name, "row": automation.row})
    intended = AutomationIntended(twenty_id=automation.id, action="pause", payload_hash=body.hash)
    with anyio.CancelScope(shield=True):
        [cause] = await ledger.append([intended], [body])
        await _until_answered(lambda: pause(twenty.client, automation.id))
        days = timedelta(days=twenty.workspace.trash_days or _TRASH_DAYS)
        trash_on = (datetime.now(UTC) + days).date().isoformat()
        done = AutomationPaused(twenty_id=automation.id, trash_on=trash_on, payload_hash=body.hash)
        await ledger.append([Draft(done, cause)])


async def _until_answered(call: Callable[[], Awaitable[object]]) -> None:
    """Repeat a call whose answer was lost: pausing what is paused, and putting back what is back, changes nothing."""
    for _lost in range(_LOST_ANSWERS):
        try:
            await call()
        except OutcomeUnknown:
            continue
        else:
            return
    await call()


async def restore(ledger: Ledger, twenty: Twenty, reporter: Reporter) -> list[str]:
    """Put back every automation that is, or may be, paused by us; answers the ids of those that are back."""
    waiting = await not_active(ledger.reader)
    return [one.twenty_id for one in waiting if await _put_back(ledger, twenty, reporter, one)]


async def _finish_putting_back(working: Working) -> None:
    """Finish returns that were cut short: such a trigger is on again under a time that is not its own."""
    for one in await not_active(working.ledger.reader):
        if one.state == "resuming":
            await _put_back(working.ledger, working.twenty, working.reporter, one)


async def _put_back(ledger: Ledger, twenty: Twenty, reporter: Reporter, automation: PausedAutomation) -> bool:
    envelope = await ledger.reader.envelope(automation.payload_hash)
    row = envelope.value["row"] if envelope else {}
    intended = AutomationIntended(twenty_id=automation.twenty_id, action="resume", payload_hash=automation.payload_hash)
    [cause] = await ledger.append([intended])
    try:
        before = str(row.get("updatedAt", ""))
        await _until_answered(lambda: put_back(twenty.client, automation.twenty_id, before))
    except NotFound:
        await ledger.append([Draft(AutomationLost(twenty_id=automation.twenty_id), cause)])
        reporter.say(f"automation {automation.twenty_id} is gone from Twenty for good; make it again by hand")
        return False
    await ledger.append([Draft(AutomationResumed(twenty_id=automation.twenty_id), cause)])
    return True


@click.group("automations", invoke_without_command=True)
@destination
@click.pass_context
def command(context: click.Context) -> None:
    """What would fire in Twenty on the records we make.

    Example:  kartra-to-twenty --sandbox automations
    """
    options: Options = context.obj
    if context.invoked_subcommand is None:
        found = run(options, lambda: _list(options))
        rows = [{"id": one.id, "name": one.name, "kind": one.kind} for one in found]
        if options.as_json:
            reporting.document({"automations": rows})
        else:
            reporting.table(["name", "kind", "id"], [(row["name"], row["kind"], row["id"]) for row in rows])


async def _list(options: Options) -> list[Automation]:
    async with reach_twenty(options) as twenty:
        return await firing(twenty.client, STANDARD)


@command.command("restore")
@destination
@click.pass_obj
def restore_command(options: Options) -> None:
    """Put back what we paused, and nothing else.

    Example:  kartra-to-twenty --sandbox automations restore
    """
    back = run(options, lambda: _restore_alone(options))
    if options.as_json:
        reporting.document({"restored": back})
    else:
        reporting.line(f"put back: {len(back)}")


async def _restore_alone(options: Options) -> list[str]:
    async with writing(options, "automations restore") as ledger, reach_twenty(options) as twenty:
        await check_workspace(ledger.reader, twenty)
        async with run_of(ledger, RunStarted(command="automations restore")) as outcome:
            back = await restore(ledger, twenty, Reporter())
            outcome.counts = {"restored": len(back)}
            return back
