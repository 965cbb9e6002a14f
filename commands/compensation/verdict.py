"""What a proof comes to, in a sentence, and every reason why it is not more."""

from collections.abc import Iterator, Sequence

from commands.compensation.proof import Proof

_MORE = "that nobody is seen to have made since: by a workflow or an application, or imported with an older date"
_FEWER = "; Twenty keeps no trace of who destroyed them: this program destroys by id, and only what the ledger names"

_LISTED = 20


def verdict(proof: Proof) -> str:
    """The sentence. Only where all was to be taken back are counts compared, and may it say `as before`."""
    if proof.exact and (proof.binned or proof.schema_binned):
        return "in the bin, as asked"
    if proof.everything:
        return "exactly as before" if proof.exact else "not exactly as before"
    return "nothing of the scope is left" if proof.exact else "not all of the scope is taken back"


def reasons(proof: Proof) -> list[str]:
    """Why a proof is not exact, save for what could land yet; records that are kept are listed beside."""
    return [*_records(proof), *_model(proof), *_counts(proof)]


def _records(proof: Proof) -> Iterator[str]:
    kept = {one.id for one in proof.kept}
    for name, ids in proof.answered.items():
        if left := [one for one in ids if one not in kept]:
            yield f"still there, and not kept: {name} {_some(left)}"
    for name, ids in proof.unequal.items():
        if ids:
            yield f"not as it was put back: {name} {_some(ids)}"
    for one in proof.not_back:
        yield f"cannot be put back as it was: {one.words}"
    for name, count in proof.marked.items():
        if count:
            yield f"with our mark: {count} {name}"


def _model(proof: Proof) -> Iterator[str]:
    if proof.schema_left:
        yield f"left of the data model: {', '.join(proof.schema_left)}"


def _counts(proof: Proof) -> Iterator[str]:
    for name, beyond in proof.unexplained.items():
        more = f"{beyond} {name} more than before that are not ours, {_MORE}"
        yield more if beyond > 0 else f"{-beyond} {name} fewer than before that are not ours{_FEWER}"


def _some(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
    return ", ".join(ids[:_LISTED]) + more
