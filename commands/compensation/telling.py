"""A rollback told on the console: its plan, and what it came to."""

import msgspec

from commands import reporting
from commands.compensation.leaving import Stay
from commands.compensation.losing import MADE_BY_AUTOMATION
from commands.compensation.outcome import Foreseen, RolledBack
from commands.compensation.scope import Plan
from commands.compensation.verdict import reasons, verdict
from commands.options import Options

_WHY = {"in_use": "in_use", "in_bin": "in_bin: records in Twenty's bin hold values in it; it stays until they leave it"}

_LATER = "later runs made them anew; they come back when those are taken back"


def tell_plan(options: Options, planned: Plan, foreseen: Foreseen | None) -> None:
    """Print what would be taken back, and what would be kept where Twenty was read."""
    if options.as_json:
        read = {name: getattr(foreseen, name, None) for name in ("kept", "schema", "forced", "not_back")}
        reporting.document({"plan": planned, **read})
        return
    reporting.line(f"would take back {planned.scope}:")
    for name, count in sorted(planned.records.items()):
        reporting.line(f"  {count} {name} records")
    for name, count in sorted(planned.binned.items()):
        reporting.line(f"  {count} {name} records for good, which a rollback put into the bin")
    for name, count in sorted(planned.along.items()):
        reporting.line(f"  {count} {name} records, which tie what goes to what stays")
    for name, count in sorted(planned.changes.items()):
        reporting.line(f"  changes of {count} {name} records, which get back what stood there")
    for name, count in sorted(planned.returning.items()):
        reporting.line(f"  brings back {count} {name} records that made way for ours")
    for name, count in sorted(planned.reviving.items()):
        reporting.line(f"  makes {count} {name} records again that a delta took out")
    for name, count in sorted(planned.superseded.items()):
        reporting.line(f"  does not make {count} {name} records again that a delta took out: {_LATER}")
    reporting.line(f"  {len(planned.objects)} objects, {len(planned.fields)} fields, {len(planned.options)} options")
    if foreseen is not None:
        _tell_foreseen(foreseen)
    reporting.line("nothing was changed; --yes does it" + ("" if foreseen else ", --check reads Twenty first"))


def _tell_foreseen(foreseen: Foreseen) -> None:
    for one in foreseen.kept:
        reporting.line(f"  keeps {one.words}")
    for one in foreseen.not_back:
        reporting.line(f"  cannot bring back {one.words}")
    for stay in foreseen.schema:
        reporting.line(f"  keeps {stay.name}: {_WHY[stay.why]}")
    for lost in foreseen.forced:
        reporting.line(f"  takes {lost['object']} {lost['id']} all the same: {lost['why']}")


def tell_rollback(options: Options, done: RolledBack) -> None:
    """Print what a rollback came to."""
    if options.as_json:
        reporting.document(document(done))
        return
    _tell_taken(done)
    _tell_kept(done)
    proof = done.proof
    for text in filter(None, [proof.could_land, *proof.may_still_come]):
        reporting.line(f"may still come: {text}")
    for reason in reasons(proof):
        reporting.line(f"not exact: {reason}")
    asked, answered = sum(proof.asked.values()), sum(map(len, proof.answered.values()))
    reporting.line(f"proof: {asked} ids asked for, {answered} answered: {verdict(proof)}")
    for text in proof.not_restorable if proof.exact else ():
        reporting.line(f"cannot be put back by anybody: {text}")
    reporting.line(f"run {done.run}, head {done.head}")


def document(done: RolledBack) -> dict[str, object]:
    """What a rollback came to, as JSON has it."""
    said = {"exact": done.proof.exact, "verdict": verdict(done.proof), "reasons": reasons(done.proof)}
    return {**msgspec.to_builtins(done), **said, "undone": done.undone, "head": str(done.head)}


def _tell_what_came_back(done: RolledBack) -> None:
    for name, count in done.restored.items():
        reporting.line(f"put back: {count} {name}, to what stood there before")
    for name, count in done.restored_in_part.items():
        reporting.line(f"put back in part: {count} {name}, save for what is kept")
    for name, count in done.returned.items():
        reporting.line(f"brought back: {count} {name}, which had made way for ours")
    for name, count in done.remade.items():
        reporting.line(f"made again: {count} {name}, which a delta had taken out")
    for name, count in done.superseded.items():
        reporting.line(f"not made again: {count} {name}, which a delta had taken out: {_LATER}")


def _tell_taken(done: RolledBack) -> None:
    for name, count in done.destroyed.items():
        reporting.line(f"taken back: {count} {name}, {done.already_gone.get(name, 0)} were gone already")
    _tell_what_came_back(done)
    reporting.line(f"traces removed: {done.traces['timeline']} timeline rows, {done.traces['runs']} workflow runs")
    for one in done.forced:
        reporting.line(f"took out with --force: {one.name}: {one.why} ({others(one.records)}, kept in the ledger)")
    for lost in done.proof.lost:
        if lost.why == MADE_BY_AUTOMATION:
            reporting.line(f"taken back with ours: {lost.object} {lost.id}, which an automation made for them")
    for name, ids in done.proof.binned.items():
        reporting.line(f"in the bin: {len(ids)} {name}, until Twenty's trash takes them for good")


def _tell_kept(done: RolledBack) -> None:
    for one in done.proof.kept:
        reporting.line(f"kept: {one.words}")
    stays = [Stay(name, "in_use") for name in done.fields_kept] + [Stay(name, "in_bin") for name in done.fields_in_bin]
    for stay in stays:
        reporting.line(f"kept: {stay.name}: {_WHY[stay.why]}")


def others(records: int) -> str:
    """So many records of others, in words."""
    return f"{records} record{'' if records == 1 else 's'} of others"
