"""Pages about a migration as a whole: the overview, its runs, reports, mappings, and the rollback that is foreseen."""

from typing import Any

from litestar import Response, get
from litestar.params import FromQuery
from litestar.response import Redirect

from adapters.console import asked
from adapters.console.answers import Plain, seen, shelf_of
from adapters.console.api import ledgers_shown
from adapters.console.errors import NotCounted, Refused
from adapters.console.pages.rendering import page
from adapters.console.resources.integrity import tell_integrity
from adapters.console.resources.mappings import list_mappings, tell_mapping
from adapters.console.resources.overview import overview
from adapters.console.resources.plan import PlanTold, planned, tell_plan
from adapters.console.resources.reports import list_reports, tell_report
from adapters.console.resources.runs import CHOICES, RunListed, list_runs, tell_run
from adapters.console.settings import PlanWanted
from ledger.listings.records import recorded_objects


@get("/", include_in_schema=False)
async def index(request: Plain) -> Response[Any]:
    """The ledgers that are shown; the one, where it is one."""
    if len(shelf_of(request).ledgers) == 1:
        return Redirect(f"/ledgers/{next(iter(shelf_of(request).ledgers))}")
    return page(request, "ledgers.html", None, None, shown=await ledgers_shown(request))


@get("/ledgers/{ledger:str}", include_in_schema=False)
async def overview_page(request: Plain, ledger: asked.Ledger) -> Response[str]:
    """How the migration stands."""
    found, at = await seen(request, ledger, overview)
    return page(request, "overview.html", ledger, at, overview=found)


@get("/ledgers/{ledger:str}/runs", include_in_schema=False)
async def runs_page(
    request: Plain, ledger: asked.Ledger, cursor: asked.Cursor = None, limit: asked.Limit = 100
) -> Response[str]:
    """Runs."""
    found, at = await seen(
        request, ledger, lambda opened, reader, at: list_runs(opened, reader, at, cursor or None, limit)
    )
    return page(request, "runs.html", ledger, at, runs=found.items, next=found.next)


@get("/ledgers/{ledger:str}/runs/{run:str}", include_in_schema=False)
async def run_page(request: Plain, ledger: asked.Ledger, run: asked.Run) -> Response[str]:
    """One run."""
    found, at = await seen(request, ledger, lambda opened, reader, at: tell_run(opened, reader, at, run))
    return page(request, "run.html", ledger, at, run=found)


@get("/ledgers/{ledger:str}/reports", include_in_schema=False)
async def reports_page(
    request: Plain, ledger: asked.Ledger, cursor: asked.Cursor = None, limit: asked.Limit = 50
) -> Response[str]:
    """Reports on record."""
    found, at = await seen(request, ledger, lambda _, reader, __: list_reports(reader, cursor or None, limit))
    return page(request, "reports.html", ledger, at, reports=found.items, next=found.next)


@get("/ledgers/{ledger:str}/reports/{position:int}", include_in_schema=False)
async def report_page(request: Plain, ledger: asked.Ledger, position: asked.Position) -> Response[str]:
    """One report."""
    found, at = await seen(request, ledger, lambda _, reader, __: tell_report(reader, position))
    return page(request, "report.html", ledger, at, report=found)


@get("/ledgers/{ledger:str}/mappings", include_in_schema=False)
async def mappings_page(
    request: Plain, ledger: asked.Ledger, cursor: asked.Cursor = None, limit: asked.Limit = 50
) -> Response[str]:
    """Mappings on record."""
    found, at = await seen(request, ledger, lambda _, reader, __: list_mappings(reader, cursor or None, limit))
    return page(request, "mappings.html", ledger, at, mappings=found.items, next=found.next)


@get("/ledgers/{ledger:str}/mappings/{position:int}", include_in_schema=False)
async def mapping_page(request: Plain, ledger: asked.Ledger, position: asked.Position) -> Response[str]:
    """One mapping."""
    found, at = await seen(request, ledger, lambda _, reader, __: tell_mapping(reader, position))
    return page(request, "mapping.html", ledger, at, mapping=found)


@get("/ledgers/{ledger:str}/rollback-plan", include_in_schema=False)
async def plan_page(
    request: Plain,
    ledger: asked.Ledger,
    run: asked.PlanRun = None,
    since: FromQuery[str | None] = None,
    objects: asked.Objects = None,
    records: asked.Records = None,
    force: asked.Force = False,
    soft: asked.Soft = False,
) -> Response[str]:
    """What a rollback would do, by the ledger alone."""
    wanted = planned(run, _position(since), objects, records, force=force, soft=soft)
    given = shelf_of(request).settings.given

    async def read(opened: Any, reader: Any, at: Any) -> tuple[list[RunListed], list[str], PlanTold | None, str | None]:
        choices = (await list_runs(opened, reader, at, None, CHOICES)).items, await recorded_objects(reader)
        try:
            return *choices, await tell_plan(opened, at, wanted, given), None
        except NotCounted:
            return *choices, None, None
        except Refused as refusal:
            return *choices, None, str(refusal)

    (runs, objects_shown, plan, refusal), at = await seen(request, ledger, read)
    return page(
        request, "plan.html", ledger, at,
        wanted=wanted, plan=plan, refusal=refusal, runs=runs, objects=objects_shown, command=_command(wanted),
    )  # fmt: skip


def _position(text: str | None) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Refused(f"a position is a whole number, and {text[:40]!r} is none")
    return int(text)


def _command(wanted: PlanWanted) -> str:
    """What would do it, on the command line."""
    parts = [
        f"--run {wanted.run}" if wanted.run else "",
        f"--since {wanted.since}" if wanted.since is not None else "",
        *(f"--object {one}" for one in wanted.objects),
        *(f"--record {one}" for one in wanted.records),
        "--force" if wanted.force else "",
        "--soft" if wanted.soft else "",
    ]
    return " ".join(["kartra-to-twenty rollback", *filter(None, parts)])


@get("/ledgers/{ledger:str}/verify", include_in_schema=False)
async def verify_page(request: Plain, ledger: asked.Ledger) -> Response[str]:
    """The head to compare, and the way to have the chain recomputed."""
    found, at = await seen(request, ledger, lambda _, reader, at: tell_integrity(reader, at))
    last = shelf_of(request).find(ledger).proof.last
    return page(request, "verify.html", ledger, at, integrity=found, last=last, running=None)


HANDLERS = [
    index, overview_page, runs_page, run_page, reports_page, report_page, mappings_page, mapping_page, plan_page,
    verify_page,
]  # fmt: skip
