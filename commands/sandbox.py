"""sandbox serve: the embedded Twenty over HTTP, with faults on request."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import rich_click as click

from adapters.sandbox.serve import serve
from adapters.sandbox.settings import FaultKind, SandboxSettings
from commands import reporting
from commands.errors import WrongUse
from commands.options import Options, general
from commands.running import run

_KINDS: tuple[str, ...] = get_args(FaultKind)


class FaultType(click.ParamType[tuple[str, float]]):
    """A fault on the command line: KIND=PROBABILITY, or slow=MILLISECONDS."""

    name = "KIND=PROBABILITY"

    def convert(
        self, value: str | tuple[str, float], _param: click.Parameter | None, _context: click.Context | None
    ) -> tuple[str, float]:
        """Read a fault."""
        if isinstance(value, tuple):
            return value
        kind, _, number = value.partition("=")
        if kind not in _KINDS:
            self.fail(f"a fault is one of {', '.join(_KINDS)}")
        try:
            amount = float(number)
        except ValueError:
            self.fail(f"{kind} wants a number: {kind}=0.2")
        if amount < 0 or (kind != "slow" and amount > 1):
            self.fail("a probability is between 0 and 1")
        return kind, amount


class RateType(click.ParamType[tuple[int, float] | None]):
    """A rate limit on the command line: N/SECONDS, or off."""

    name = "N/SECONDS|off"

    def convert(
        self, value: str | tuple[int, float] | None, _param: click.Parameter | None, _context: click.Context | None
    ) -> tuple[int, float] | None:
        """Read a rate limit."""
        if value is None or isinstance(value, tuple):
            return value
        if value == "off":
            return None
        calls, _, seconds = value.partition("/")
        try:
            limit = int(calls), float(seconds)
        except ValueError:
            self.fail("a rate limit is N/SECONDS, as 100/60, or off")
        if min(limit) <= 0:
            self.fail("a rate limit is more than nothing")
        return limit


@click.group("sandbox")
def command() -> None:
    """The embedded Twenty over HTTP.

    Example:  kartra-to-twenty sandbox serve --port 8010
    """


@command.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8010, show_default=True, help="0 takes a free one.")
@click.option("--db", type=click.Path(path_type=Path), default=Path("var/sandbox.db"), show_default=True)
@click.option(
    "--api-key",
    envvar="SANDBOX_API_KEY",
    default="sandbox-key",
    show_default=True,
    help="The key every call must carry; it opens nothing but this sandbox.",
)
@click.option("--rate-limit", type=RateType(), default="100/60", show_default=True)
@click.option("--fault", "faults", type=FaultType(), multiple=True, help=f"One of {', '.join(_KINDS)}.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the faults' random numbers.")
@general
@click.pass_obj
def serve_command(
    options: Options,
    host: str,
    port: int,
    db: Path,
    api_key: str,
    rate_limit: tuple[int, float] | None,
    faults: tuple[tuple[FaultKind, float], ...],
    seed: int,
) -> None:
    """Serve an embedded Twenty: /graphql, /metadata, /healthz.

    Example:  kartra-to-twenty sandbox serve --port 8010 --fault drop-after=0.2
    """  # fmt: skip
    os.umask(0o077)
    settings = SandboxSettings(db=str(db), api_key=api_key, rate_limit=rate_limit, faults=dict(faults), seed=seed)
    run(options, lambda: _serve(settings, host, port, lambda bound: _tell(options, host, bound)))


async def _serve(settings: SandboxSettings, host: str, port: int, on_ready: Callable[[int], None]) -> None:
    try:
        Path(settings.db).parent.mkdir(parents=True, exist_ok=True)
        await serve(settings, host, port, on_ready=on_ready)
    except (OSError, sqlite3.Error) as refusal:
        where = f"{settings.db} cannot be served on {host}:{port}"
        raise WrongUse(f"{where} ({refusal}); name another --db, --host or --port") from refusal


def _tell(options: Options, host: str, port: int) -> None:
    if options.as_json:
        reporting.document({"url": f"http://{host}:{port}", "port": port})
    else:
        reporting.line(f"serving on http://{host}:{port}")
    reporting.flush()
