"""A rollback told: its plan, what it came to, and the proof as a file to keep."""

from pathlib import Path

import msgspec

from adapters.reports.files import write_text
from adapters.reports.sheets import markdown_table
from commands import reporting
from commands.compensation.losing import MADE_BY_AUTOMATION
from commands.compensation.outcome import RolledBack
from commands.compensation.proof import Proof
from commands.compensation.scope import Plan
from commands.errors import WrongUse
from commands.options import Options


def tell_plan(
    options: Options,
    planned: Plan,
    kept: list[dict[str, str]] | None,
    forced: list[dict[str, str]] | None = None,
) -> None:
    """Print what would be taken back, and what would be kept, or taken by force, where Twenty was read."""
    if options.as_json:
        reporting.document({"plan": planned, "kept": kept, "forced": forced})
        return
    reporting.line(f"would take back {planned.scope}:")
    for name, count in sorted(planned.records.items()):
        reporting.line(f"  {count} {name} records")
    for name, count in sorted(planned.along.items()):
        reporting.line(f"  {count} {name} records, which tie what goes to what stays")
    for name, count in sorted(planned.changes.items()):
        reporting.line(f"  changes of {count} {name} records, which get back what stood there")
    reporting.line(f"  {len(planned.objects)} objects, {len(planned.fields)} fields, {len(planned.options)} options")
    for one in kept or ():
        reporting.line(f"  keeps {one['object']} {one['id']}: {one['why']}")
    for one in forced or ():
        reporting.line(f"  takes {one['object']} {one['id']} all the same: {one['why']}")
    reporting.line("nothing was changed; --yes does it" + ("" if kept is not None else ", --check reads Twenty first"))


def tell_rollback(options: Options, done: RolledBack) -> None:
    """Print what a rollback came to."""
    if options.as_json:
        told = msgspec.to_builtins(done)
        reporting.document({**told, "exact": done.proof.exact, "undone": done.undone, "head": str(done.head)})
        return
    for name, count in done.destroyed.items():
        reporting.line(f"taken back: {count} {name}, {done.already_gone.get(name, 0)} were gone already")
    for name, count in done.restored.items():
        reporting.line(f"put back: {count} {name}, to what stood there before")
    reporting.line(f"traces removed: {done.traces['timeline']} timeline rows, {done.traces['runs']} workflow runs")
    for one in done.proof.kept:
        reporting.line(f"kept: {one.object} {one.id}: {one.why}")
    for name in done.fields_kept:
        reporting.line(f"kept: {name}: in_use")
    _tell_losses(done)
    for text in filter(None, [done.proof.could_land, *done.proof.may_still_come]):
        reporting.line(f"may still come: {text}")
    asked = sum(done.proof.asked.values())
    for name, ids in done.proof.binned.items():
        reporting.line(f"in the bin: {len(ids)} {name}, until Twenty's trash takes them for good")
    verdict = "exactly as before" if done.proof.exact else "not exactly as before"
    reporting.line(f"proof: {asked} ids asked for, {sum(map(len, done.proof.answered.values()))} answered: {verdict}")
    for text in done.proof.not_restorable if done.proof.exact else ():
        reporting.line(f"cannot be put back by anybody: {text}")
    reporting.line(f"run {done.run}, head {done.head}")


def _tell_losses(done: RolledBack) -> None:
    """What went with more than we put there; the ledger has it."""
    for one in done.forced:
        reporting.line(f"took out with --force: {one.name}: {one.why} ({_others(one.records)}, kept in the ledger)")
    for lost in done.proof.lost:
        if lost.why == MADE_BY_AUTOMATION:
            reporting.line(f"taken back with ours: {lost.object} {lost.id}, which an automation made for them")


def _others(records: int) -> str:
    return f"{records} record{'' if records == 1 else 's'} of others"


def write_report(path: Path, run_id: str, proof: Proof, head: str) -> None:
    """Write the proof of a rollback, as Markdown or JSON by the file's name.

    Raises:
        WrongUse: the name ends in neither `.md` nor `.json`.
    """
    if path.suffix == ".json":
        told = {"run": run_id, "head": head, "exact": proof.exact, **msgspec.to_builtins(proof)}
        text = msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n"
    elif path.suffix == ".md":
        text = _markdown(run_id, proof, head)
    else:
        raise WrongUse(f"--report {path}: name a file that ends in .md or .json")
    try:
        write_text(path, text)
    except OSError as error:
        raise WrongUse(f"--report {path} cannot be written ({error.strerror}); name another place") from error


def _markdown(run_id: str, proof: Proof, head: str) -> str:
    verdict = "Twenty is exactly as before." if proof.exact else "Twenty is not exactly as before."
    names = sorted({*proof.asked, *proof.baseline})
    counts = [
        (
            name, proof.asked.get(name, 0), len(proof.answered.get(name, ())), proof.marked.get(name, 0),
            proof.baseline.get(name, 0), proof.now.get(name, 0), proof.unexplained.get(name, 0),
        )
        for name in names
    ]  # fmt: skip
    headings = ("object", "ids asked for", "answered", "with our mark", "others before", "others now", "unexplained")
    parts = [
        f"# Proof of rollback {run_id}", f"{verdict} Scope: {proof.scope}. Ledger head: `{head}`.",
        "## Records", markdown_table(headings, counts),
        "## Put back", markdown_table(
            ("object", "before-images compared", "not equal"),
            [(name, count, len(proof.unequal.get(name, ()))) for name, count in proof.compared.items()],
        ),
        "## Kept", markdown_table(("object", "id", "why"), [(one.object, one.id, one.why) for one in proof.kept]),
    ]  # fmt: skip
    lists = {
        "Taken all the same, kept in the ledger": [
            f"{one.object} {one.id}: {one.why}, {_others(one.pointing)} pointed at it" for one in proof.lost
        ],
        "In the bin": [f"{name} {one}" for name, ids in proof.binned.items() for one in ids],
        "Data model left": proof.schema_left,
        "May still come": [*filter(None, [proof.could_land]), *proof.may_still_come],
        "Cannot be put back by anybody": proof.not_restorable,
    }
    for title, lines in lists.items():
        parts += [f"## {title}", "\n".join(f"- {line}" for line in lines) or "Nothing."]
    return "\n\n".join(parts) + "\n"
