"""preflight: everything that can be known before a load, and what has to be decided; nothing is written."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import anyio
import msgspec
import rich_click as click

from adapters.mapping import MappingConfig, load_mapping, object_plans
from adapters.twenty import KeyRevoked, KnownKey, NoToken, PermissionDenied, Unauthenticated
from commands import reporting
from commands.checks.key import expiry, key_checks
from commands.checks.people import Source, collisions, emails_in
from commands.checks.place import automations, contents, ledgers_check, twenty_check, workspace_check
from commands.checks.report import Check, Report, ok, refused
from commands.counting import records_in
from commands.estimating import Estimate, estimate, estimate_document, words_of
from commands.extract import exports_in
from commands.objects import STANDARD, in_order
from commands.options import Options, destination
from commands.reading import reading
from commands.reporting import Reporter
from commands.running import run
from commands.session import Twenty, reach_twenty
from ledger.errors import LedgerMissing
from ledger.reader import Reader, check_header

_PERSON = "person"
_SHOWN = 10
"""Collisions that are listed for a person; --json has all."""


class Exports(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder of exports comes to: where each e-mail stands, and how many records of each object."""

    emails: dict[str, Source]
    records: dict[str, int]


async def preflight(options: Options, folder: Path | None, *, beside: bool = False) -> Report:
    """Look at the key, the workspace and, with a folder, at what its exports would meet and cost.

    Raises:
        KartraError, MappingError: the folder or the mapping cannot be used.
        TwentyError: Twenty cannot be reached. A key it does not take is a check of the report.
    """
    config = load_mapping(options.mapping_path)
    names = in_order([*STANDARD, *(one.name for one in object_plans(config))])
    exports = await _read(config, folder) if folder else None
    try:
        async with _known_ledger(options) as reader, reach_twenty(options) as twenty:
            return await _look(_Place(reader, twenty, names), exports, beside=beside)
    except (Unauthenticated, KeyRevoked, NoToken, PermissionDenied) as refusal:
        return Report(checks=(_key_refused(refusal),))


async def _read(config: MappingConfig, folder: Path) -> Exports:
    found = (await anyio.to_thread.run_sync(exports_in, folder, Reporter())).exports
    emails = await anyio.to_thread.run_sync(emails_in, found)
    return Exports(emails=emails, records=await records_in(found, config))


@asynccontextmanager
async def _known_ledger(options: Options) -> AsyncIterator[Reader | None]:
    """The ledger where there is one: a preflight comes before it, too."""
    try:
        check_header(options.ledger)
    except LedgerMissing:
        yield None
        return
    async with reading(options) as reader:
        yield reader


class _Place(NamedTuple):
    """Where to look: the ledger, if there is one, the workspace, and the objects a load may write."""

    reader: Reader | None
    twenty: Twenty
    names: Sequence[str]


async def _look(place: _Place, exports: Exports | None, *, beside: bool) -> Report:
    """Check after check, up to the first that refuses: what comes after it could not be read, or is another's."""
    report = Report(checks=(await workspace_check(place.reader, place.twenty),))
    if report.refused:
        return report
    access = await key_checks(place.twenty, place.names)
    report = _with(report, *access.checks)
    if report.refused:
        return report
    report = _with(report, await ledgers_check(place.reader, place.twenty, place.names, beside=beside))
    if report.refused:
        return report
    report = await _look_around(place, report)
    return report if exports is None else await _meet(place, report, exports, access.key)


async def _look_around(place: _Place, report: Report) -> Report:
    stored, counted = await contents(place.twenty, place.names)
    firing, acting = await automations(place.twenty, place.names)
    report = _with(report, await twenty_check(place.twenty), *acting, counted)
    return msgspec.structs.replace(report, counts=stored, automations=firing)


async def _meet(place: _Place, report: Report, exports: Exports, key: KnownKey) -> Report:
    """What the exports would meet, and what they cost; the key is held against that time."""
    populated = [name for name, one in report.counts.items() if one.live or one.deleted]
    taken, met = await collisions(place.reader, place.twenty, exports.emails, empty=_PERSON not in populated)
    paused = sum(one.kind == "workflow" for one in report.automations)
    cost = estimate(exports.records, automations=paused, populated=populated)
    lasting = expiry(key, cost.current.seconds)
    checks = [lasting if one.name == lasting.name else one for one in report.checks]
    return msgspec.structs.replace(report, checks=(*checks, met, _costs(cost)), collisions=taken, estimate=cost)


def _with(report: Report, *more: Check) -> Report:
    return msgspec.structs.replace(report, checks=(*report.checks, *more))


def _key_refused(refusal: Exception) -> Check:
    return refused(
        "key",
        "Twenty does not take the key",
        why=str(refusal),
        then="make a key with the Admin role (Settings, API & Webhooks) and put it into TWENTY_API_KEY",
    )


def _costs(cost: Estimate) -> Check:
    now = cost.current
    what = (
        f"{sum(cost.records.values())} records at most, {now.calls} calls, {words_of(now.seconds)};"
        f" taking all of it back at most {now.rollback_calls} calls, {words_of(now.rollback_seconds)}"
    )
    return ok("estimate", what)


@click.command("preflight")
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--beside", is_flag=True, help="Another ledger's records may be there.")
@destination
@click.pass_context
def command(context: click.Context, folder: Path | None, beside: bool) -> None:
    """Key, permissions, workspace, automations; with exports collisions, calls, time. Changes nothing.

    FOLDER holds Kartra's exports. Ends with 0 where all is well, 3 where something has to be decided, 4 where the key
    or a permission is refused, 2 where the workspace is not for this ledger.

    Example:  kartra-to-twenty --sandbox preflight exports
    """
    options: Options = context.obj
    report = run(options, lambda: preflight(options, folder, beside=beside))
    if options.as_json:
        reporting.document(_document(report))
    else:
        _tell(report)
    context.exit(report.exit_code)


def _document(report: Report) -> dict[str, object]:
    told = msgspec.to_builtins(report)
    cost = estimate_document(report.estimate) if report.estimate else None
    return {**told, "estimate": cost, "exit_code": report.exit_code}


def _tell(report: Report) -> None:
    reporting.table(["check", "is", "found"], [row for one in report.checks for row in _rows(one)])
    for taken in report.collisions[:_SHOWN]:
        where = "in the bin" if taken.in_bin else "live"
        reporting.line(f"{taken.file}:{taken.line} {taken.column}: {taken.object} {taken.holder}, {where}")
    if (more := len(report.collisions) - _SHOWN) > 0:
        reporting.line(f"and {more} more; --json lists all")


def _rows(check: Check) -> Iterator[tuple[str, str, str]]:
    yield check.name, check.status, check.what
    if check.why:
        yield "", "", f"why: {check.why}"
    if check.next:
        yield "", "", f"next: {check.next}"
