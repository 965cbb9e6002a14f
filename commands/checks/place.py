"""The workspace: whose it is, what it holds, and what in it would act on created records."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from adapters.twenty import (
    Automation,
    Count,
    Object,
    counts,
    marked,
    read_applications,
    webhooks,
    workflow_triggers,
)
from commands.checks.report import Check, Firing, Stored, ok, refused, warning
from commands.errors import WRONG_USE
from commands.estimating import CURRENT
from commands.session import Twenty
from ledger.reader import Reader

_STANDARD = "Standard"


class Contents(NamedTuple):
    """What the workspace holds of each object, and the check that says so."""

    stored: dict[str, Stored]
    check: Check


class Automations(NamedTuple):
    """What would act on created records, and the checks that say so."""

    found: tuple[Firing, ...]
    checks: tuple[Check, ...]


async def workspace_check(reader: Reader | None, twenty: Twenty) -> Check:
    """Whether the workspace is this ledger's, or nobody's yet; no call is made."""
    there = f"{twenty.workspace.display_name or 'without a name'} ({twenty.workspace.id})"
    bound = await reader.workspace() if reader else None
    if bound is None:
        return ok("workspace", f"{there}; the ledger is bound to none yet, a load binds it to this one")
    if bound == twenty.workspace.id:
        return ok("workspace", f"{there}, as the ledger says")
    return refused(
        "workspace",
        f"the key opens {there}, the ledger belongs to {bound}",
        why="a ledger belongs to one workspace",
        then="use that workspace's key, or another --ledger",
        exit_code=WRONG_USE,
    )


async def ledgers_check(reader: Reader | None, twenty: Twenty, names: Sequence[str], *, beside: bool) -> Check:
    """Whether another ledger writes there: one call, made only for a ledger that is bound to no workspace yet."""
    if reader is not None and await reader.workspace() is not None:
        return ok("ledgers", "not looked for: the workspace is this ledger's")
    found = await marked(twenty.client, _objects(twenty, names), first=1)
    total = sum(marks.total for marks in found.values())
    if total and not beside:
        return refused(
            "ledgers",
            f"the workspace holds {total} records of another ledger",
            why="two ledgers take each other's records for strangers'",
            then="use that ledger, or say --beside",
            exit_code=WRONG_USE,
        )
    return ok("ledgers", f"{total} records of another ledger")


async def twenty_check(twenty: Twenty) -> Check:
    """What Twenty shows of its version and limits, which is next to nothing (GRAPHQL section 9)."""
    versions = {one.name: one.version for one in await read_applications(twenty.client)}
    days = twenty.workspace.trash_days
    return ok(
        "twenty",
        f"version not visible (application {_STANDARD} {versions.get(_STANDARD) or 'not visible'}, data model"
        f" {twenty.workspace.metadata_version}); limits not visible: {CURRENT.calls} calls in {CURRENT.window_s} s are"
        f" assumed until a refusal names others; the bin is kept for {'an unknown number of' if days is None else days}"
        " days",
    )


async def contents(twenty: Twenty, names: Sequence[str]) -> Contents:
    """Count what is there, the bin included (two calls); objects still to be made hold nothing."""
    found = await counts(twenty.client, _objects(twenty, names))
    stored = {name: _stored(found.get(name)) for name in names}
    told = [f"{name} {one.live}{_in_bin(one)}" for name, one in stored.items() if one.live or one.deleted]
    return Contents(stored, ok("contents", ", ".join(told) or "none of the objects to be written holds a record"))


async def automations(twenty: Twenty, names: Sequence[str]) -> Automations:
    """List active workflows and webhooks that fire on creates of these objects (one call on records)."""
    workflows = await workflow_triggers(twenty.client, names)
    hooks = await webhooks(twenty.client, names)
    found = tuple(Firing(name=one.name, kind=one.kind) for one in (*workflows, *hooks))
    return Automations(found, (_workflows(workflows), _hooks(hooks)))


def _workflows(found: Sequence[Automation]) -> Check:
    if not found:
        return ok("workflows", "no active workflow fires on what is created")
    return warning(
        "workflows",
        f"would run on records that are created: {_listed(found)}",
        why="workflows may make records of their own, and change ours",
        then="load with --automations pause, or leave",
    )


def _hooks(found: Sequence[Automation]) -> Check:
    if not found:
        return ok("webhooks", "no webhook is called on what is created")
    return warning(
        "webhooks",
        f"would be called on records that are created: {_listed(found)}",
        why="a load cannot pause webhooks",
        then="switch them off in Twenty for as long as the load takes, or let them be called",
    )


def _listed(found: Iterable[Automation]) -> str:
    return ", ".join(dict.fromkeys(one.name or "(without a name)" for one in found))


def _stored(count: Count | None) -> Stored:
    return Stored(live=count.live, deleted=count.deleted or 0) if count else Stored(live=0, deleted=0)


def _in_bin(stored: Stored) -> str:
    return f" (and {stored.deleted} in the bin)" if stored.deleted else ""


def _objects(twenty: Twenty, names: Sequence[str]) -> list[Object]:
    return [twenty.model.objects[name] for name in names if name in twenty.model.objects]
