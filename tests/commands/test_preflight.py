"""preflight: what stands in the way of a load, what has to be decided, and that nothing is written by looking."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from adapters.sandbox.settings import ListedKey, Role, Webhook
from commands import preflight as face
from commands.checks.report import Report
from commands.preflight import preflight
from tests.commands.preflighting import Ground
from tests.journey.world import create_person, soft_deleted

pytestmark = pytest.mark.anyio

NAMES = ["workspace", "key", "role", "permissions", "expiry", "ledgers", "twenty", "workflows", "webhooks", "contents"]
PREFILLED = "Create company when adding a new person"
HOOK = Webhook("https://user:pw@hooks.example.com/T0K3N?key=s3cr3t", ("person.created",), "sync", "s3cr3t")


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A ledger that is not there yet, and a new workspace."""
    return Ground(tmp_path, monkeypatch)


def in_time(**span: float) -> str:
    """A moment that far from now, as Twenty writes it."""
    return (datetime.now(UTC) + timedelta(**span)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def statuses(report: Report) -> dict[str, str]:
    """What each check came to."""
    return {one.name: one.status for one in report.checks}


def found(report: Report, name: str) -> str:
    """All that the checks of a name say."""
    return " ".join(f"{one.what} | {one.why} | {one.next}" for one in report.checks if one.name == name)


async def test_a_quiet_workspace_and_a_good_key_need_no_decision(ground: Ground) -> None:
    """Every check is made and fine: exit 0. The version and the limits are said not to be visible."""
    ground.settings["workflow_active"] = False
    report = await preflight(ground.options, None)
    assert [one.name for one in report.checks] == NAMES
    assert set(statuses(report).values()) == {"ok"}
    assert report.exit_code == 0
    assert found(report, "twenty").count("not visible") == 2
    assert "Admin" in found(report, "role")


async def test_looking_leaves_no_trace(ground: Ground) -> None:
    """Neither a ledger nor anything in Twenty is made or changed by a preflight, with exports or without."""
    exports = ground.sample(50)
    await preflight(ground.options, None)
    before = await ground.settled_dump()
    await preflight(ground.options, exports)
    assert await ground.settled_dump() == before
    assert not ground.options.ledger.exists()


async def test_what_would_fire_is_named(ground: Ground) -> None:
    """The prefilled workflow by its name, webhooks by the host they call and no more: exit 3, somebody decides."""
    ground.settings["webhooks"] = (HOOK, Webhook("https://quiet.example.com", ("person.deleted",)))
    report = await preflight(ground.options, None)
    assert (statuses(report)["workflows"], statuses(report)["webhooks"], report.exit_code) == ("warning", "warning", 3)
    assert [(one.name, one.kind) for one in report.automations] == [
        (PREFILLED, "workflow"),
        ("hooks.example.com", "webhook"),
    ]
    assert PREFILLED in found(report, "workflows")
    assert "--automations pause" in found(report, "workflows")
    assert not any(secret in repr(report) for secret in ("s3cr3t", "T0K3N", "pw@", "quiet"))


@pytest.mark.parametrize("operations", [("note.created",), ("task.*",), ("kartraAffiliate.created",), ("*.*",)])
async def test_webhooks_on_any_object_to_be_written_count(ground: Ground, operations: tuple[str, ...]) -> None:
    """Notes, tasks and custom objects that are still to be made are created by a load too."""
    ground.settings["webhooks"] = (Webhook("https://hooks.example.com/x", operations),)
    assert statuses(await preflight(ground.options, None))["webhooks"] == "warning"


@pytest.mark.parametrize(
    ("settings", "check", "says"),
    [
        ({"role": Role("Keeper", may_destroy=False)}, "permissions", "Keeper may not destroy"),
        ({"role": Role("Reader", may_update=False, may_destroy=False)}, "permissions", "may not change or destroy"),
        ({"role": Role("Blind", may_read=False)}, "permissions", "may not read company, person"),
        ({"key_expires_at": in_time(minutes=50)}, "expiry", "the key expires on"),
    ],
    ids=["destroy", "update", "read", "expiry"],
)
async def test_a_missing_permission_refuses(ground: Ground, settings: dict[str, Any], check: str, says: str) -> None:
    """What a load or its rollback needs and the key does not give is named, and what to do next: exit 4."""
    ground.settings |= settings
    report = await preflight(ground.options, None)
    assert says in found(report, check)
    assert all(one.next and one.why for one in report.refused)
    assert ({one.name for one in report.refused}, report.exit_code) == ({check}, 4)


async def test_a_restricted_key_is_refused_with_everything_it_lacks(ground: Ground) -> None:
    """A role that sees neither keys nor workflows nor webhooks (as recorded): each is named."""
    ground.as_key("read-only")
    report = await preflight(ground.options, None)
    told = " ".join(one.what for one in report.refused)
    assert report.exit_code == 4
    assert "may not read workflow" in told
    assert "may not see webhooks" in told
    assert statuses(report)["role"] == "warning"


@pytest.mark.parametrize("state", ["revoked", "expired"])
async def test_a_key_that_is_not_taken_is_a_check_like_others(ground: Ground, state: Any) -> None:
    """A revoked or ended key gives a report, exit 4, and not the key."""
    ground.as_key(state)
    report = await preflight(ground.options, None)
    assert (statuses(report), report.exit_code) == ({"key": "refused"}, 4)
    assert "embedded" not in repr(report)


async def test_a_key_that_ends_soon_is_to_be_decided(ground: Ground) -> None:
    """Long enough for the load, too short for what comes after it: a warning."""
    ground.settings |= {"workflow_active": False, "key_expires_at": in_time(days=3)}
    report = await preflight(ground.options, None)
    assert (statuses(report)["expiry"], report.exit_code) == ("warning", 3)


async def test_of_several_keys_none_is_guessed(ground: Ground) -> None:
    """Where the token does not say which key it is, a short-lived one among them is a warning, never a refusal."""
    short = ListedKey("11111111-1111-4111-8111-111111111111", "other", in_time(minutes=10), "Member")
    ground.settings |= {"workflow_active": False, "listed_keys": (short,)}
    report = await preflight(ground.options, None)
    assert (statuses(report)["expiry"], statuses(report)["role"], report.exit_code) == ("warning", "warning", 3)


async def test_the_time_the_exports_take_counts(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that outlasts the margin, but not the load of these exports and the margin, is refused."""
    ground.settings |= {"workflow_active": False, "key_expires_at": in_time(minutes=90)}
    exports = ground.sample(20)
    assert "expiry" not in {one.name for one in (await preflight(ground.options, exports)).refused}

    async def many(_exports: Any, _config: Any) -> dict[str, int]:
        return {"person": 1_000_000}

    monkeypatch.setattr(face, "records_in", many)
    report = await preflight(ground.options, exports)
    assert [one.name for one in report.refused] == ["expiry"]
    assert report.exit_code == 4


async def test_another_workspace_is_refused_before_any_record_is_read(ground: Ground) -> None:
    """The ledger belongs to one workspace: exit 2, and nothing of the other one is looked at."""
    await ground.load(ground.sample(10))
    ground.options.sandbox_path.unlink()
    report = await preflight(ground.options, None)
    assert (statuses(report), report.exit_code) == ({"workspace": "refused"}, 2)


async def test_another_ledger_s_records_are_refused_unless_said(ground: Ground) -> None:
    """A ledger bound to no workspace yet sees another's marks: exit 2, or `--beside`."""
    await ground.load(ground.sample(10))
    ground.options.ledger = ground.options.ledger.with_name("second.db")
    report = await preflight(ground.options, None)
    assert ([one.name for one in report.refused], report.exit_code) == (["ledgers"], 2)
    assert not (await preflight(ground.options, None, beside=True)).refused


async def test_a_bound_ledger_knows_its_workspace(ground: Ground) -> None:
    """After a load the workspace is this ledger's, and its own people collide with nothing."""
    exports = ground.sample(30)
    await ground.load(exports)
    report = await preflight(ground.options, exports)
    assert statuses(report)["workspace"] == "ok"
    assert (report.collisions, statuses(report)["collisions"]) == ((), "ok")
    assert report.counts["person"].live > 0


async def test_taken_e_mails_are_found_in_the_bin_too(ground: Ground) -> None:
    """Each row whose e-mail somebody holds is named by file, line and that record; the e-mail itself is not told."""
    exports = ground.export("some", [{"id": str(at), "email": f"Person{at}@Example.com"} for at in range(1, 6)])
    async with ground.twenty() as twenty:
        live = await create_person(twenty.client, data={"emails": {"primaryEmail": "person2@example.com"}})
        binned = await create_person(twenty.client, data={"emails": {"primaryEmail": "person4@example.com"}})
        await create_person(twenty.client, data={"emails": {"primaryEmail": "stranger@example.com"}})
        await soft_deleted(twenty, "person", binned)
    report = await preflight(ground.options, exports)
    assert [(one.line, one.holder, one.in_bin) for one in sorted(report.collisions, key=lambda one: one.line)] == [
        (3, live, False),
        (5, binned, True),
    ]
    assert "2 of 5 e-mails are taken, 1 of them" in found(report, "collisions")
    assert (report.counts["person"].live, report.counts["person"].deleted, report.exit_code) == (2, 1, 3)
    assert "example.com" not in repr(report).lower()


async def test_an_empty_workspace_is_asked_for_no_e_mails(ground: Ground) -> None:
    """Where there are no people nobody can hold an e-mail; the estimate is told."""
    report = await preflight(ground.options, ground.sample(20))
    assert report.collisions == ()
    assert report.estimate is not None
    assert report.estimate.current.other == ground.other_calls
    assert "calls" in found(report, "estimate")


def told(ground: Ground, *words: str) -> Any:
    """Run the command as an operator does."""
    return CliRunner().invoke(face.command, ["--sandbox", "--ledger", str(ground.options.ledger), *words])


def test_the_document_is_pinned(ground: Ground) -> None:
    """With --json: one document whose keys are a promise, and the exit code the process ends with."""
    done = told(ground, str(ground.sample(20)), "--json")
    document = json.loads(done.stdout)
    assert (done.exit_code, document["exit_code"]) == (3, 3)
    assert set(document) == {"checks", "counts", "automations", "collisions", "estimate", "exit_code"}
    assert set(document["checks"][0]) == {"name", "status", "what", "why", "next", "exit_code"}
    assert set(document["estimate"]) == {"records", "costs"}
    assert set(document["estimate"]["costs"][0]) == {
        "limits", "creates", "other", "calls", "seconds", "rollback_calls", "rollback_seconds",
    }  # fmt: skip


def test_the_table_fits_a_terminal(ground: Ground) -> None:
    """Every check is a row of at most 80 columns; what Twenty's names hold cannot steer the terminal."""
    ground.settings["webhooks"] = (Webhook("https://\x1b[2Jevil/\u202e", ("*.*",)),)
    done = told(ground, str(ground.sample(20)))
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert all(name in done.stdout for name in [*NAMES, "collisions", "estimate"])
    assert "\x1b" not in done.stdout
