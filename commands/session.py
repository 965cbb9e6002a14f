"""What a working command holds: the ledger open for writing, a run, and Twenty, bound to one workspace."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from typing import TYPE_CHECKING, Any

import anyio
import msgspec

from commands.errors import Interrupted, OtherWorkspace, Purged, UnfinishedRun, WrongUse, error_code, exit_code
from commands.logs import log
from commands.options import Options
from commands.reading import warn_of_paused
from commands.reporting import Reporter
from ledger.errors import LedgerError
from ledger.events import Event, RunCompleted, RunFailed, RunResumed, RunStarted, WorkspaceBound
from ledger.hashing import Payload, seal
from ledger.projections import runs
from ledger.reader import Reader, check_header
from ledger.signoff import is_purged
from ledger.store import Ledger

if TYPE_CHECKING:
    from adapters.sandbox.app import SandboxApp
    from adapters.twenty import Call, Model, TwentyClient, Workspace

SANDBOX_KEY = "embedded"
SANDBOX_URL = "http://sandbox.invalid"
_MAKING = frozenset({"confirm", "extract", "load", "schema apply"})
"""What begins a migration. To all else a ledger that is not there is a slip of the pen, and no empty one."""

_WITHOUT_BODIES = frozenset(
    {"automations restore", "close", "erase", "ledger rebuild", "resume", "rollback", "rollback --check", "verify"}
)
"""What can still be done when every body was given up (`resume`: a rollback, or the purge itself)."""


class Twenty(msgspec.Struct):
    """An open way to the workspace. `model` is read again after the data model was changed."""

    client: "TwentyClient"
    workspace: "Workspace"
    model: "Model"

    async def refresh(self) -> None:
        """Read the data model again."""
        from adapters.twenty import read_model

        self.model = await read_model(self.client)


class Working(msgspec.Struct):
    """A run at work: its ledger, its Twenty, and who is told about it."""

    ledger: Ledger
    twenty: Twenty
    reporter: Reporter


@asynccontextmanager
async def writing(options: Options, command: str) -> AsyncIterator[Ledger]:
    """The ledger, for writing.

    Raises:
        LedgerMissing: there is none, and the command is none that begins one.
        Purged: its bodies were given up, and the command cannot do without.
    """
    if command not in _MAKING:
        check_header(options.ledger)
    async with Ledger.open(options.ledger, command=command, actor=options.actor) as ledger:
        if command not in _WITHOUT_BODIES and await is_purged(ledger.reader):
            raise Purged(command)
        await warn_of_paused(ledger.reader)
        yield ledger


@asynccontextmanager
async def reach_twenty(options: Options) -> AsyncIterator[Twenty]:
    """Twenty as the options name it: an address and a key, or the embedded one."""
    # Who only reads files and the ledger calls nobody, and does not wait for what calls.
    from adapters.twenty import TwentyClient, read_model, read_workspace

    with ExitStack() as embedded:
        app = embedded.enter_context(closing(_embedded(options))) if options.sandbox else None
        url, key = (SANDBOX_URL, SANDBOX_KEY) if app else (_address(options), options.api_key())
        async with TwentyClient.open(url, key, app=app, on_call=_log_call, **_patience(options)) as client:
            workspace = await read_workspace(client)
            yield Twenty(client, workspace, await read_model(client))


def _patience(options: Options) -> dict[str, Any]:
    """How long a call may take, and how long it is repeated; the client's own defaults where nobody said."""
    said: dict[str, Any] = {}
    if options.timeout_s is not None:
        said["timeout_s"] = options.timeout_s
    if options.retry_for_s is not None:
        from adapters.twenty import Pacer

        said |= {"patience_s": options.retry_for_s, "pacer": Pacer(patience_s=options.retry_for_s)}
    return said


def _address(options: Options) -> str:
    if not options.twenty_url:
        raise WrongUse("no destination: name --twenty-url (or TWENTY_URL), or --sandbox for the embedded Twenty")
    return options.twenty_url


def _embedded(options: Options) -> "SandboxApp":
    # Loaded only here: nobody who writes to a real Twenty pays for the embedded one.
    from adapters.sandbox.app import create_app
    from adapters.sandbox.settings import SandboxSettings

    path = options.sandbox_path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return create_app(SandboxSettings(db=str(path), api_key=SANDBOX_KEY))
    except (OSError, sqlite3.Error) as refusal:
        raise WrongUse(f"{path} cannot be the embedded Twenty's database ({refusal}); move it away") from refusal


def _log_call(call: "Call") -> None:
    log.debug("call", kind=call.kind, endpoint=call.endpoint, ms=round(call.seconds * 1000), error=call.error)


async def check_workspace(reader: Reader, twenty: Twenty) -> None:
    """Refuse a workspace that is not the ledger's, before any record call.

    Raises:
        OtherWorkspace: the ledger is bound to another one.
    """
    bound = await reader.workspace()
    if bound is not None and bound != twenty.workspace.id:
        raise OtherWorkspace(bound, twenty.workspace.id)


async def bind_workspace(ledger: Ledger, twenty: Twenty) -> None:
    """Bind the ledger to the workspace, once and for ever."""
    await check_workspace(ledger.reader, twenty)
    if await ledger.reader.workspace() is None:
        await ledger.append([WorkspaceBound(workspace=twenty.workspace.id)])


async def refuse_unfinished(reader: Reader) -> None:
    """Refuse to begin a run while another one waits to be resumed or rolled back.

    Raises:
        UnfinishedRun: naming it.
    """
    run = await runs.unfinished(reader)
    if run is not None:
        raise UnfinishedRun(run.run_id, run.command)


@asynccontextmanager
async def run_of(
    ledger: Ledger,
    started: RunStarted | None,
    payloads: tuple[Payload, ...] = (),
    resumes: str | None = None,
    signature: Sequence[Event] = (),
) -> AsyncIterator["Outcome"]:
    """Begin a run, or go on with one, and record how it ends.

    `signature` is recorded together with the beginning: no run can be there without it. The caller fills in the
    outcome; an error is recorded as RunFailed (its text as a body) and raised on.
    """
    if resumes is not None:
        ledger.run_id = resumes
    begun: Event = RunResumed() if started is None else started
    await ledger.append([begun, *signature], payloads)
    outcome = Outcome()
    try:
        yield outcome
    except BaseException as error:
        with anyio.CancelScope(shield=True):
            await _record_failure(ledger, error)
        raise
    await ledger.append([RunCompleted(counts=outcome.counts, undone=outcome.undone)])


class Outcome(msgspec.Struct):
    """What a run comes to: counts by name, and how many rows or records it had to leave."""

    counts: dict[str, int] = {}
    undone: int = 0


async def _record_failure(ledger: Ledger, error: BaseException) -> None:
    try:
        await ledger.append(*_failure(ledger.run_id, error))
    except LedgerError as unrecorded:
        # A ledger that cannot be written holds a run without an end: interrupted, and as resumable as a failed one.
        log.warning("the failure could not be recorded", error=error_code(error), why=unrecorded.code)


def _failure(run_id: str, error: BaseException) -> tuple[list[Event], list[Payload]]:
    if isinstance(error, anyio.get_cancelled_exc_class() | KeyboardInterrupt):
        return [RunFailed(code=Interrupted.code, exit_code=Interrupted.exit_code)], []
    text = seal(f"run:{run_id}", {"error": str(error), "said": getattr(error, "said", None)})
    return [RunFailed(code=error_code(error), exit_code=exit_code(error), payload_hash=text.hash)], [text]
