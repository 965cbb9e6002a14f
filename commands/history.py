"""history: the story of one record, or a filtered log: every event, in order."""

import csv
import sys
from collections.abc import Sequence
from typing import Any

import msgspec
import rich_click as click

from adapters.mapping import normalise_email
from adapters.mapping.values import Refusal
from adapters.reports.sheets import inert
from commands import reporting
from commands.errors import WrongUse
from commands.options import Options, general
from commands.reading import reading
from commands.running import look
from ledger import work
from ledger.events import EVENTS, split
from ledger.projections import identities, runs
from ledger.reader import Reader, Recorded


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: of a person, a Twenty record, a source row, a run, a type; all of them where nothing is said."""

    email: str | None = None
    twenty_id: str | None = None
    source: str | None = None
    run: str | None = None
    type: str | None = None


async def history(options: Options, asked: Asked) -> list[dict[str, Any]]:
    """The events asked for, as flat rows."""
    async with reading(options) as reader:
        where, params = await _condition(reader, asked)
        return [_row(one) async for one in reader.read(0, where, **params)]


async def _condition(reader: Reader, asked: Asked) -> tuple[str, dict[str, str]]:
    parts: list[str] = []
    params: dict[str, str] = {}
    if asked.email is not None:
        stream = await _stream_of(reader, asked.email)
        # What somebody bought and booked is her story too: every stream whose record points at her.
        streams = [stream, *await work.streams_pointing_at(reader, "person", stream)]
        params["streams"] = msgspec.json.encode(streams).decode()
        streams_said = "source_key IN (SELECT value FROM json_each(:streams))"
        parts.append(_ABOUT.format(condition=streams_said, stream=streams_said))
    if asked.twenty_id is not None:
        params["twenty_id"] = await _twenty_id(reader, asked.twenty_id)
        stream = "(SELECT source_key FROM record WHERE twenty_id = :twenty_id)"
        past = "(SELECT source_key FROM event WHERE twenty_id = :twenty_id AND source_key IS NOT NULL LIMIT 1)"
        own = f"source_key = coalesce({past}, {stream})"
        parts.append(_ABOUT.format(condition=f"twenty_id = :twenty_id OR {own}", stream=own))
    if asked.source is not None:
        params["ref"] = await _source_ref(reader, asked.source)
        stream = "(SELECT source_key FROM event WHERE source_ref = :ref AND source_key IS NOT NULL LIMIT 1)"
        own = f"source_key = {stream}"
        parts.append(_ABOUT.format(condition=f"source_ref = :ref OR {own}", stream=own))
    if asked.run is not None:
        params["run"] = await _run_id(reader, asked.run)
        parts.append("run_id = :run")
    if asked.type is not None:
        params["type"] = _known_type(asked.type)
        parts.append("type = :type")
    return " AND ".join(f"({part})" for part in parts) or "TRUE", params


# The intents of a record's calls name it among others: they belong to its story too.
_ABOUT = """position IN (SELECT position FROM event WHERE {condition}
  UNION SELECT cause FROM event WHERE {condition}
  UNION SELECT position FROM intent WHERE {stream})"""


async def _stream_of(reader: Reader, email: str) -> str:
    normal = normalise_email(email)
    if isinstance(normal, Refusal):
        raise WrongUse(f"{reporting.printable(email)} is not an e-mail address")
    alias = f"contact:~{await reader.digest(normal)}"
    found = await identities.streams(reader, [alias])
    if alias not in found:
        raise WrongUse("the ledger knows nobody by this e-mail")
    return found[alias]


async def _source_ref(reader: Reader, source: str) -> str:
    name, _, line = source.rpartition(":")
    if not name or not line.isdigit():
        raise WrongUse("--source wants FILE:LINE, the header being line 1")
    statement = """SELECT file, min(exported_at) AS exported_at,
        EXISTS (SELECT 1 FROM event WHERE source_ref = file || ':' || :line) AS has
      FROM export WHERE name = :name OR file = :name GROUP BY file ORDER BY min(position)"""
    files = await reader.rows(statement, name=name, line=int(line))
    if not files:
        raise WrongUse(f"the ledger has read no file called {name}")
    found = [row for row in files if row["has"]]
    if not found:
        raise WrongUse(f"no row of {name} that the ledger holds begins at line {int(line)}; the header is line 1")
    if len(found) > 1:
        named = ", ".join(f"{row['file']}:{int(line)} (exported {row['exported_at'][:10]})" for row in found)
        raise WrongUse(f"{len(found)} files called {name} have a row at line {int(line)}; say which: {named}")
    return f"{found[0]['file']}:{int(line)}"


async def _twenty_id(reader: Reader, said: str) -> str:
    known = "SELECT 1 FROM event WHERE twenty_id = :id UNION ALL SELECT 1 FROM record WHERE twenty_id = :id"
    if await reader.scalar(f"SELECT EXISTS ({known})", id=said.lower()):
        return said.lower()
    raise WrongUse(f"the ledger knows no record {reporting.printable(said)} of Twenty's")


async def _run_id(reader: Reader, said: str) -> str:
    found = [one.run_id for one in await runs.all_runs(reader) if said and one.run_id.endswith(said)]
    if len(found) != 1:
        many = f"{len(found)} runs have" if found else "no run has"
        raise WrongUse(f"{many} an id that ends in {reporting.printable(said)!r}; `status` lists them")
    return found[0]


def _known_type(name: str) -> str:
    found = {known.lower(): known for known in EVENTS}.get(name.lower())
    if found is None:
        raise WrongUse(f"there is no event type {name}; types are {', '.join(sorted(EVENTS))}")
    return found


def _row(one: Recorded) -> dict[str, Any]:
    columns, own = split(one.event)
    return {
        "position": one.position,
        "recorded_at": one.recorded_at,
        "type": type(one.event).__name__,
        "actor": one.actor,
        "run_id": one.run_id,
        "cause": one.cause,
        **columns,
        "data": own,
        "hash": one.hash,
    }


@click.command("history")
@click.option("--email", help="The story of the person with this e-mail, and of what is hers.")
@click.option("--twenty-id", help="The story of this Twenty record.")
@click.option("--source", help="The story of this source row: FILE:LINE.")
@click.option("--run", "run_id", help="What one run did (its id, or the end of it).")
@click.option("--type", "type_name", help="Events of one type.")
@click.option("--format", "shape", type=click.Choice(["table", "jsonl", "csv"]), default="table", show_default=True)
@general
@click.pass_obj
def command(
    options: Options,
    email: str | None,
    twenty_id: str | None,
    source: str | None,
    run_id: str | None,
    type_name: str | None,
    shape: str,
) -> None:
    """The story of one record, or a filtered log.

    Example:  kartra-to-twenty history --type RunStarted
    """
    asked = Asked(email=email, twenty_id=twenty_id, source=source, run=run_id, type=type_name)
    rows = look(options, lambda: history(options, asked))
    if options.as_json:
        reporting.document({"events": rows})
    elif shape == "jsonl":
        for row in rows:
            reporting.json_line(row)
    elif shape == "csv":
        _csv(rows)
    else:
        _table(rows)


def _table(rows: Sequence[dict[str, Any]]) -> None:
    shown = [(row["position"], row["recorded_at"][:19], row["type"], row["object"] or "", _about(row)) for row in rows]
    reporting.table(["position", "time (UTC)", "event", "object", "about"], shown, right=frozenset({0}))


def _about(row: dict[str, Any]) -> str:
    if row["type"].startswith("Run"):
        return " ".join(filter(None, (row["data"].get("command"), row["data"].get("code"), row["run_id"][-12:])))
    named = (row["source_ref"], row["data"].get("name"), row["data"].get("reason"), row["data"].get("code"))
    return " ".join(str(one) for one in named if one) or (row["twenty_id"] or "")


def _csv(rows: Sequence[dict[str, Any]]) -> None:
    writer = csv.writer(sys.stdout)
    if not rows:
        return
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([_inert(row[name]) for name in rows[0]])


def _inert(cell: object) -> object:
    """A cell no spreadsheet takes for a formula."""
    text = msgspec.json.encode(cell).decode() if isinstance(cell, dict) else cell
    return inert(text) if isinstance(text, str) else text
