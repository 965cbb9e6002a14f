"""The proof of a rollback as a file to keep: Markdown, or JSON."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from adapters.reports.files import refuse_unwritable, write_text
from adapters.reports.sheets import markdown_table
from adapters.reports.text import markdown
from commands.compensation.outcome import RolledBack
from commands.compensation.telling import document, others
from commands.compensation.verdict import reasons, verdict
from commands.errors import WrongUse


def refuse_report(path: Path) -> None:
    """Before anything is done, make sure that the proof can be written there.

    Raises:
        WrongUse: the name ends in neither `.md` nor `.json`, or the place cannot be written.
    """
    if path.suffix not in (".json", ".md"):
        raise WrongUse(f"--report {path}: name a file that ends in .md or .json")
    try:
        refuse_unwritable(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_report(path: Path, done: RolledBack) -> None:
    """Write the proof of a rollback, as Markdown or JSON by the file's name.

    Raises:
        WrongUse: the place cannot be written.
    """
    try:
        write_text(path, _json(done) if path.suffix == ".json" else _markdown(done))
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> WrongUse:
    return WrongUse(f"--report {path} cannot be written ({error.strerror}); name another place")


def _json(done: RolledBack) -> str:
    told = document(done)
    # The proof's own parts stand at the top, as they always have.
    told |= msgspec.to_builtins(told.pop("proof"))
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"


def _markdown(done: RolledBack) -> str:
    proof = done.proof
    sentence = f"Twenty: {verdict(proof)}. Scope: {markdown(proof.scope)}. Ledger head: `{done.head}`."
    parts = [f"# Proof of rollback {done.run}", sentence]
    for title, block in _blocks(done):
        parts += [f"## {title}", block]
    return "\n\n".join(parts) + "\n"


def _blocks(done: RolledBack) -> list[tuple[str, str]]:
    proof = done.proof
    return [
        ("Why it is not exact", _list([*reasons(proof), *filter(None, [proof.could_land])])),
        ("Records", _counts(done)),
        ("Taken back", _taken(done)),
        ("Put back", markdown_table(
            ("object", "before-images compared", "not equal"),
            [(name, count, len(proof.unequal.get(name, ()))) for name, count in proof.compared.items()],
        )),
        ("Kept", markdown_table(
            ("object", "id", "why", "in detail"),
            [(one.object, one.id, one.why, "; ".join(one.detail)) for one in proof.kept],
        )),
        ("Taken out with --force", _list(f"{one.name}: {one.why}, {others(one.records)}" for one in done.forced)),
        ("Taken with more than was ours in it, kept in the ledger", markdown_table(
            ("object", "id", "why", "records that pointed at it"),
            [(one.object, one.id, one.why, one.pointing) for one in proof.lost],
        )),
        ("In the bin", _list(f"{name} {one}" for name, ids in proof.binned.items() for one in ids)),
        ("Data model left", _list(proof.schema_left)),
        ("Data model that records in the bin hold values in", _list(proof.schema_binned)),
        ("May still come", _list([*filter(None, [proof.could_land]), *proof.may_still_come])),
        ("Cannot be put back by anybody", _list(proof.not_restorable)),
        ("Cannot be seen by anybody", _list(proof.not_visible)),
    ]  # fmt: skip


def _counts(done: RolledBack) -> str:
    proof = done.proof
    counts = [
        (
            name, proof.asked.get(name, 0), len(proof.answered.get(name, ())), proof.marked.get(name, 0),
            proof.baseline.get(name, 0), proof.now.get(name, 0), proof.unexplained.get(name, 0),
        )
        for name in sorted({*proof.asked, *proof.baseline})
    ]  # fmt: skip
    headings = ("object", "ids asked for", "answered", "with our mark", "others before", "others now", "unexplained")
    return markdown_table(headings, counts)


def _taken(done: RolledBack) -> str:
    rows: Sequence[tuple[str, int]] = [
        *((f"{name}, taken out", count) for name, count in done.destroyed.items()),
        *((f"{name}, gone already", count) for name, count in done.already_gone.items()),
        *((f"{name}, put back", count) for name, count in done.restored.items()),
        *((f"{name}, put back in part", count) for name, count in done.restored_in_part.items()),
        *((f"{name} of others, brought back", count) for name, count in done.returned.items()),
        *((f"{name}, made again", count) for name, count in done.remade.items()),
        ("traces removed: timeline rows", done.traces["timeline"]),
        ("traces removed: workflow runs", done.traces["runs"]),
    ]
    return markdown_table(("what", "count"), rows)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {markdown(line)}" for line in lines) or "Nothing."
