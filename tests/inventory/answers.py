"""Answers of Kartra about made-up contacts, as lines of a file and as rows of a ledger."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from commands.options import Options
from ledger.events import Event, ExportRegistered, RowExtracted, RowHeld
from ledger.hashing import Payload, seal
from ledger.store import Ledger

Lead = Mapping[str, Any]


def lead(
    number: int,
    *sequences: tuple[str, str, str],
    tags: Sequence[str] = (),
    lists: Sequence[str] = (),
    memberships: Sequence[tuple[str, str, str]] = (),
) -> dict[str, Any]:
    """One contact: (name, step, status) of its sequences, (name, level, active) of its memberships."""
    return {
        "id": str(number),
        "email": f"lead{number}@x.org",
        "tags": [{"tag_name": name} for name in tags],
        "lists": [{"list_name": name, "active": "1"} for name in lists],
        "sequences": [{"sequence_name": name, "step": step, "status": status} for name, step, status in sequences],
        "memberships": [{"membership_name": n, "level_name": level, "active": on} for n, level, on in memberships],
    }


def write_lines(path: Path, leads: Sequence[Lead]) -> None:
    """The answers as a file of JSON lines."""
    path.parent.mkdir(exist_ok=True)
    lines = (json.dumps({"status": "Success", "lead_details": dict(one)}) for one in leads)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def options_in(folder: Path) -> Options:
    """Options with a ledger in a folder."""
    options = Options()
    options.ledger = folder / "ledger.db"
    return options


async def tell(options: Options, leads: Sequence[Lead], file: str, exported_at: str, *, held: int = 0) -> None:
    """The answers as rows of a ledger: a file of its own, and `held` answers about nobody."""
    header = seal(f"export:{file}", {"header": []})
    registered = ExportRegistered(
        file=file, kind="lead_details", name=f"{file}.jsonl", size=1, sha256=file, exported_at=exported_at,
        payload_hash=header.hash,
    )  # fmt: skip
    bodies = [(one, seal(f"contact:{one['id']}", {"cells": cells(one)})) for one in leads]
    rows: list[Event] = [
        RowExtracted(source_key=f"contact:{one['id']}", source_ref=f"{file}:{line}", payload_hash=body.hash)
        for line, (one, body) in enumerate(bodies, 1)
    ]
    waiting = [
        RowHeld(object="person", source_ref=f"{file}:{900 + line}", reason="email_missing", stage="extract")
        for line in range(held)
    ]
    payloads: list[Payload] = [header, *{body.hash: body for _, body in bodies}.values()]
    async with Ledger.open(options.ledger, command="story", actor="tester@host") as ledger:
        await ledger.append([registered, *rows, *waiting], payloads)


def cells(one: Lead) -> dict[str, str]:
    """The relations of an answer as the reader writes them into a row."""
    related = {
        "tags": [tag["tag_name"] for tag in one["tags"]],
        "lists": [entry["list_name"] for entry in one["lists"]],
        "sequences": [
            {"name": entry["sequence_name"], "step": entry["step"], "status": entry["status"]}
            for entry in one["sequences"]
        ],
        "memberships": [
            {"name": entry["membership_name"], "level": entry["level_name"], "active": entry["active"]}
            for entry in one["memberships"]
        ],
    }
    return {"id": one["id"], "email": one["email"], **{name: json.dumps(value) for name, value in related.items()}}
