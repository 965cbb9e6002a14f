"""verify: recompute the chain, every body's hash, and the projections; compare with a head kept elsewhere."""

from contextlib import ExitStack
from typing import Self

import anyio
import msgspec
import rich_click as click

from commands import reporting
from commands.options import Options, general
from commands.reporting import Reporter
from commands.running import run
from commands.session import run_of, writing
from ledger.errors import LedgerMissing
from ledger.events import RunStarted, VerificationMade
from ledger.reader import Head
from ledger.verifying import Step, Verified
from ledger.verifying import verify as verify_ledger


async def verify(options: Options, expect: Head | None, *, record: bool) -> Verified:
    """Recompute everything the ledger claims about itself.

    Raises:
        VerificationFailed: naming the first position that does not add up.
    """
    if not await anyio.Path(options.ledger).exists():
        raise LedgerMissing(options.ledger)
    with _Bars() as bars:
        found = await verify_ledger(options.ledger, expect, progress=bars.tell)
    if record:
        async with writing(options, "verify") as ledger, run_of(ledger, RunStarted(command="verify")):
            await ledger.append([VerificationMade(upto=found.head.position, head=found.head.hash)])
    return found


class _Bars:
    """A progress bar for each step of a verification; the last position of one is how far the others go."""

    def __init__(self) -> None:
        self._reporter = Reporter()
        self._bar = ExitStack()
        self._step: Step | None = None
        self._position = 0
        self._total: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def tell(self, step: Step, position: int) -> None:
        """Show how far a step is."""
        if step != self._step:
            self._bar.close()
            self._total = self._position or None
            self._step, self._position = step, 0
            self._advance = self._bar.enter_context(self._reporter.phase(step, self._total))
        self._advance(position - self._position)
        self._position = position


class HeadType(click.ParamType[Head]):
    """A head on the command line: POSITION:HASH, as `head` prints it."""

    name = "POSITION:HASH"

    def convert(self, value: str | Head, _param: click.Parameter | None, _context: click.Context | None) -> Head:
        """Read a head."""
        if isinstance(value, Head):
            return value
        position, _, hash_ = value.partition(":")
        if not position.isdigit() or len(hash_) != 64:
            self.fail("a head is POSITION:HASH, as `head` prints it")
        return Head(int(position), hash_)


@click.command("verify")
@click.option("--expect", type=HeadType(), help="A head kept elsewhere, as `head` printed it.")
@click.option("--record", is_flag=True, help="Append that the ledger was verified.")
@general
@click.pass_obj
def command(options: Options, expect: Head | None, record: bool) -> None:
    """Recompute chain, bodies and projections.

    Any change made outside this program is found.

    Example:  kartra-to-twenty verify
    """
    found = run(options, lambda: verify(options, expect, record=record))
    if options.as_json:
        reporting.document({**msgspec.to_builtins(found), "head": str(found.head)})
    else:
        reporting.line(
            f"verified: {found.events} events, {found.payloads} bodies, {found.erased} erased, head {found.head}"
        )
        if found.unerased:
            reporting.line(
                f"erased by the events and still in the file: {found.unerased} bodies; `resume`, or erase again"
            )
