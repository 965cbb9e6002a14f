"""The process that recomputes a ledger: `python -m adapters.console.proving`, asked on stdin, a step a line.

It ends when its stdin does: then the console is gone.
"""

import os
import threading
from pathlib import Path

import anyio
import msgspec

from adapters.console.proof import Asked, Step
from ledger.errors import LedgerError, VerificationFailed
from ledger.reader import Head
from ledger.verifying import Progress, verify
from ledger.verifying import Step as Part

_NICER = 10
_EVERY = 4_000
"""How many events lie at least between two positions that are told."""

_IN, _OUT = 0, 1


def _tell(step: Step) -> None:
    os.write(_OUT, msgspec.json.encode(step) + b"\n")


def _progress() -> Progress:
    told: dict[Part, int] = {}

    def progress(step: Part, position: int) -> None:
        if position >= told.get(step, 0) + _EVERY:
            told[step] = position
            _tell(Step(part=step, position=position))

    return progress


async def _prove(path: Path, expect: Head | None) -> Step:
    try:
        found = await verify(path, expect, progress=_progress())
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


def _asked() -> Asked:
    said = b""
    while not said.endswith(b"\n"):
        some = os.read(_IN, 65536)
        if not some:
            os._exit(1)
        said += some
    return msgspec.json.decode(said, type=Asked)


def _end_with_the_console() -> None:
    while os.read(_IN, 65536):
        pass
    os._exit(1)


def _main() -> None:
    os.nice(_NICER)
    asked = _asked()
    threading.Thread(target=_end_with_the_console, daemon=True).start()
    _tell(anyio.run(_prove, Path(asked.ledger), asked.expect))


if __name__ == "__main__":
    _main()
