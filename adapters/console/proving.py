"""The process that recomputes a ledger: `python -m adapters.console.proving LEDGER [POSITION:HASH]`, a step a line."""

import os
import sys
from pathlib import Path

import anyio
import msgspec

from adapters.console.proof import Step
from ledger.errors import LedgerError, VerificationFailed
from ledger.reader import Head
from ledger.verifying import Step as Part
from ledger.verifying import verify

_NICER = 10
_EVERY = 4_000
"""How many events lie between two steps that are told."""


def _tell(step: Step) -> None:
    sys.stdout.write(msgspec.json.encode(step).decode() + "\n")
    sys.stdout.flush()


def _progress(step: Part, position: int) -> None:
    if position % _EVERY == 0:
        _tell(Step(part=step, position=position))


async def _prove(path: Path, expect: Head | None) -> Step:
    try:
        found = await verify(path, expect, progress=_progress)
    except VerificationFailed as failure:
        return Step(position=failure.position, code=failure.code, message=str(failure))
    except LedgerError as failure:
        return Step(code=failure.code, message=str(failure))
    return Step(
        events=found.events,
        payloads=found.payloads,
        erased=found.erased,
        unerased=found.unerased,
        head=str(found.head),
    )


def _main(path: str, *expect: str) -> None:
    os.nice(_NICER)
    head = None
    if expect:
        position, _, hash_ = expect[0].partition(":")
        head = Head(int(position), hash_)
    _tell(anyio.run(_prove, Path(path), head))


if __name__ == "__main__":
    _main(*sys.argv[1:])
