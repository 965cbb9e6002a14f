"""The books made up again from the bare tables, row by row and in the plainest way: what the queries must come to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ledger.books import STATES
from tests.ledger.plain import query

Line = Mapping[str, Any]
_ARRIVALS = ("RecordCreated", "RecordAdopted", "RecordReturned")


def _table(path: Path, name: str, *columns: str) -> list[Line]:
    rows = query(path, f"SELECT {', '.join(columns)} FROM {name}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def files(path: Path) -> list[dict[str, Any]]:
    """What became of the rows of each file, in the order they were read first."""
    told = ("file", "name", "kind", "exported_at", "position", "rows", "unrecorded")
    readings: dict[str, list[Line]] = defaultdict(list)
    for one in sorted(_table(path, "export", *told), key=lambda line: line["position"]):
        readings[one["file"]].append(one)
    found = {file: _file(some) for file, some in readings.items()}
    for file, became in _fates(path, readings):
        found[file][became] += 1
        found[file]["there"] += 1
    for file, one in found.items():
        _complete(one, readings[file])
    return list(found.values())


def _file(readings: Sequence[Line]) -> dict[str, Any]:
    counts = ("held", "set_aside", "merged", "transformed", "waiting", "unknown", "there")
    return {name: readings[0][name] for name in ("file", "name", "kind")} | dict.fromkeys(counts, 0)


def _complete(one: dict[str, Any], readings: Sequence[Line]) -> None:
    """How many rows were read, and how many of them say what was said before and have no row here."""
    there = one.pop("there")
    del one["unknown"]
    rows = max((each["rows"] for each in readings if each["rows"] is not None), default=None)
    left = min((each["unrecorded"] for each in readings if each["unrecorded"] is not None), default=0)
    one["read"] = there if rows is None else rows
    if readings[-1]["rows"] is None:
        left = 0 if rows is None else min(left, max(rows - there, 0))
    one["unchanged"] = left


def _fates(path: Path, readings: Mapping[str, Sequence[Line]]) -> Iterator[tuple[str, str]]:
    """Each row's file, and what became of it; of the placed rows of a stream only the oldest is its record's."""
    records = {key for (key,) in query(path, "SELECT source_key FROM record")}
    seen: set[str] = set()
    rows = [one for one in _table(path, "source_row", "file", "line", "source_key", "state") if one["file"] in readings]

    def age(one: Line) -> tuple[Any, ...]:
        first = readings[one["file"]][0]
        return first["exported_at"], first["name"], one["line"], one["file"]

    for one in sorted(rows, key=age):
        key, state = one["source_key"], one["state"]
        if state != "extracted" or key is None:
            plain = {"held": "held", "set_aside": "set_aside", "abandoned": "set_aside", "replaced": "merged"}
            yield one["file"], plain.get(state, "unknown")
        elif not any(record == key or record.startswith(f"{key}/") for record in records):
            yield one["file"], "waiting"
        else:
            yield one["file"], "merged" if key in seen else "transformed"
            seen.add(key)


def records(path: Path) -> list[dict[str, Any]]:
    """The records of each object by what became of them."""
    found: dict[str, dict[str, Any]] = {}
    for one in _table(path, "record", "object", "state", "origin", "unlinked"):
        if one["state"] == "withdrawn":
            continue
        counts = found.setdefault(one["object"], dict.fromkeys(("transformed", *STATES, "unlinked"), 0))
        counts["transformed"] += 1
        counts["unlinked"] += one["unlinked"] is not None
        is_written, origins = one["state"] == "written", ("created", "adopted")
        became = one["origin"] if is_written else one["state"]
        if became in STATES and (became in origins) == is_written:
            counts[became] += 1
    return [{"object": name, **found[name]} for name in sorted(found)]


def imbalances(path: Path) -> list[str]:
    """Each sum that does not agree."""
    parts = ("held", "set_aside", "merged", "transformed", "waiting", "unchanged")
    wrong = [
        f"{one['name']}: {one['read']} rows read, {sum(one[part] for part in parts)} accounted for"
        for one in files(path)
        if one["read"] != sum(one[part] for part in parts)
    ]
    stand: dict[str, int] = defaultdict(int)
    for one in _table(path, "record", "object", "written_hash"):
        stand[one["object"]] += one["written_hash"] is not None
    arrived = _arrived(path)
    for counts in records(path):
        name, known = counts["object"], sum(counts[state] for state in STATES)
        if counts["transformed"] != known:
            wrong.append(f"{name}: {counts['transformed']} records, {known} in known states")
        if arrived[name] != stand[name]:
            wrong.append(f"{name}: {arrived[name]} written and not taken back, {stand[name]} stand as written")
    return wrong


def _arrived(path: Path) -> dict[str, int]:
    last: dict[tuple[str, str, str], bool] = {}
    told = _table(path, "event", "position", "type", "object", "source_key", "twenty_id", "data")
    for one in sorted(told, key=lambda line: line["position"]):
        gone = one["type"] == "RecordDeleted" or (
            one["type"] == "RecordRestored" and msgspec.json.decode(one["data"]).get("written_hash") is None
        )
        if gone or one["type"] in _ARRIVALS:
            last[one["object"], one["source_key"], one["twenty_id"]] = not gone
    counts: dict[str, int] = defaultdict(int)
    for (object_name, _, _), here in last.items():
        counts[object_name] += here
    return counts
