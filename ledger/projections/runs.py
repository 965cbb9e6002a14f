"""Runs, and the Kartra files each of them read."""

from collections.abc import Mapping, Sequence

import msgspec

from ledger.errors import INTERRUPTED
from ledger.events import Event, ExportRead, ExportRegistered, RunCompleted, RunFailed, RunResumed, RunStarted
from ledger.lock import Holder
from ledger.reader import Reader

FOLDS: Mapping[type[Event], tuple[str, ...]] = {
    RunStarted: (
        """INSERT INTO run (run_id, command, actor, state, position, started_at, resumed, undone,
                            settings, policies, mapping_hash, files)
           VALUES (:run_id, :command, :actor, 'running', :position, :recorded_at, 0, 0,
                   :settings, :policies, :mapping_hash, :files)""",
    ),
    RunResumed: (
        """UPDATE run SET state = 'running', resumed = resumed + 1, ended_at = NULL, code = NULL, undone = 0
           WHERE run_id = :run_id""",
    ),
    RunCompleted: (
        "UPDATE run SET state = 'completed', ended_at = :recorded_at, undone = :undone WHERE run_id = :run_id",
    ),
    RunFailed: ("UPDATE run SET state = 'failed', ended_at = :recorded_at, code = :code WHERE run_id = :run_id",),
    ExportRegistered: (
        """INSERT INTO export (run_id, file, kind, name, size, sha256, exported_at, position, delta, complete,
                               payload_hash)
           VALUES (:run_id, :file, :kind, :name, :size, :sha256, :exported_at, :position, :delta, :complete,
                   :payload_hash)""",
    ),
    ExportRead: (
        """UPDATE export SET rows = :rows, extracted = :extracted, held = :held, set_aside = :set_aside,
                             unchanged = :unchanged, unrecorded = :unrecorded
           WHERE run_id = :run_id AND file = :file""",
    ),
}


class FileInRun(msgspec.Struct, frozen=True):
    """A file a run was started with."""

    file: str
    path: str
    kind: str
    size: int
    sha256: str


class Run(msgspec.Struct, frozen=True):
    """A run as the ledger tells it."""

    run_id: str
    command: str
    actor: str
    state: str
    position: int
    started_at: str
    ended_at: str | None
    resumed: int
    undone: int
    code: str | None
    settings: dict[str, str | int | bool | None]
    policies: dict[str, str]
    mapping_hash: str | None
    files: list[FileInRun]


def state_now(one: Run, *, held: bool) -> str:
    """How a run stands: running, interrupted, failed or completed; `held` says whether a process is at work.

    A run without an end and without a holder of the lock was interrupted, as was one that could still say so.
    """
    cut_short = (one.state == "running" and not held) or (one.state == "failed" and one.code == INTERRUPTED)
    return INTERRUPTED if cut_short else one.state


async def at_work(reader: Reader, holder: Holder | None) -> str | None:
    """The run that the holder of the lock is at: the one of the newest event, where it has no end and is the holder's.

    Whoever holds the lock for something else leaves a run that was interrupted as it is.
    """
    if holder is None:
        return None
    statement = """SELECT run_id, command FROM run WHERE state = 'running'
      AND run_id = (SELECT run_id FROM event ORDER BY position DESC LIMIT 1)"""
    rows = await reader.rows(statement)
    return str(rows[0]["run_id"]) if rows and holder.command in (rows[0]["command"], "resume") else None


class Export(msgspec.Struct, frozen=True):
    """A file and what became of its rows, as counted when its end was read."""

    run_id: str
    file: str
    kind: str
    name: str
    exported_at: str
    rows: int | None
    extracted: int | None
    held: int | None
    set_aside: int | None
    unchanged: int | None
    unrecorded: int | None
    delta: int
    complete: int


async def all_runs(reader: Reader) -> list[Run]:
    """Every run, oldest first."""
    return [_run(row) for row in await reader.rows("SELECT * FROM run ORDER BY position")]


async def newest_runs(reader: Reader, before: int | None, limit: int) -> list[Run]:
    """The runs that began before a position, or all, newest first."""
    statement = """SELECT * FROM run WHERE :before IS NULL OR position < :before ORDER BY position DESC LIMIT :limit"""
    return [_run(row) for row in await reader.rows(statement, before=before, limit=limit)]


async def count_runs(reader: Reader) -> int:
    """How many runs there are."""
    return int(await reader.scalar("SELECT count(*) FROM run"))


async def find_run(reader: Reader, run_id: str) -> Run | None:
    """One run by its id."""
    rows = await reader.rows("SELECT * FROM run WHERE run_id = :run_id", run_id=run_id)
    return _run(rows[0]) if rows else None


async def unfinished(reader: Reader) -> Run | None:
    """The newest run that was interrupted or failed and that no rollback took back since: the one to resume.

    What an erasure or a purge has on record no rollback takes back.
    """
    statement = """SELECT * FROM run
      WHERE state <> 'completed' AND command NOT IN ('verify', 'confirm', 'reconcile')
        AND (command IN ('erase', 'close') OR NOT EXISTS
        (SELECT 1 FROM run AS back WHERE back.command = 'rollback' AND back.state = 'completed'
           AND back.position > run.position
           AND coalesce(json_extract(back.settings, '$.run'), run.run_id) = run.run_id
           AND coalesce(json_extract(back.settings, '$.since'), 0) < run.position
           AND json_extract(back.settings, '$.objects') IS NULL AND json_extract(back.settings, '$.record') IS NULL))
      ORDER BY position DESC LIMIT 1"""
    rows = await reader.rows(statement)
    return _run(rows[0]) if rows else None


async def began_to_write(reader: Reader, run_id: str) -> bool:
    """Whether a run came as far as its first record, and nothing was run or decided by anybody since.

    All that it does before it writes was done to the end then, and would come to the same again.
    """
    statement = """SELECT EXISTS (SELECT 1 FROM event AS baseline
      WHERE type = 'BaselineTaken' AND run_id = :run_id
        AND NOT EXISTS (SELECT 1 FROM run WHERE position > baseline.position)
        AND NOT EXISTS (SELECT 1 FROM event WHERE type IN ('HoldCorrected', 'RowReleased', 'HoldAbandoned')
          AND position > baseline.position AND run_id <> :run_id))"""
    return bool(await reader.scalar(statement, run_id=run_id))


async def that_wrote(reader: Reader) -> list[str]:
    """The runs that came as far as their first record."""
    rows = await reader.rows("SELECT DISTINCT run_id FROM event WHERE type = 'BaselineTaken'")
    return [row["run_id"] for row in rows]


async def mapped_otherwise(reader: Reader, mapping_hash: str) -> bool:
    """Whether any run worked by another mapping than this."""
    statement = "SELECT EXISTS (SELECT 1 FROM run WHERE mapping_hash <> :hash)"
    return bool(await reader.scalar(statement, hash=mapping_hash))


async def kinds_of(reader: Reader, files: Sequence[str]) -> set[str]:
    """The kinds of some files."""
    statement = "SELECT DISTINCT kind FROM export WHERE file IN (SELECT value FROM json_each(:files))"
    rows = await reader.rows(statement, files=msgspec.json.encode(list(files)).decode())
    return {row["kind"] for row in rows}


async def is_read_otherwise(reader: Reader, file: str, run_id: str) -> bool:
    """Whether rows of a file were read by another run than this."""
    statement = "SELECT EXISTS (SELECT 1 FROM source_row WHERE file = :file AND run_id <> :run_id)"
    return bool(await reader.scalar(statement, file=file, run_id=run_id))


async def exports_of(reader: Reader, run_id: str) -> list[Export]:
    """The files of a run, in the order they were registered."""
    return await reader.fetch(Export, "SELECT * FROM export WHERE run_id = :run_id ORDER BY position", run_id=run_id)


async def exports(reader: Reader) -> list[Export]:
    """The files of every run."""
    return await reader.fetch(Export, "SELECT * FROM export ORDER BY position")


def _run(row: Mapping[str, object]) -> Run:
    decoded = {name: msgspec.json.decode(str(row[name])) for name in ("settings", "policies", "files")}
    return msgspec.convert({**row, **decoded}, Run)
