"""Whether what is missing from later exports may be taken for gone: only of kinds that were said to be complete."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from adapters.kartra import Export
from adapters.mapping import KINDS, MappingConfig, targets
from adapters.mapping.policies import ALL
from adapters.mapping.targets import TARGETS
from commands.errors import WrongUse
from commands.policies import Policies

_CONTACTS = "contacts"


def refuse_unsure(config: MappingConfig, policies: Policies, complete: AbstractSet[str]) -> None:
    """Refuse to delete what is missing from a part of the account: it is not gone.

    Raises:
        WrongUse: what is gone is to be deleted, and the files that would tell are not complete.
    """
    deleted = [name.rpartition(".")[0] for name, way in policies.said.items() if _deletes(name, way)]
    if deleted and not complete:
        raise WrongUse("gone = delete needs --complete KIND: what a part of the account does not have is not gone")
    for name in deleted:
        kinds = _kinds_of(config, name)
        if name != ALL and not kinds & complete:
            what = f"needs --complete {' or '.join(sorted(kinds))}" if kinds else "is not possible: no export tells"
            raise WrongUse(f"{name}.gone = delete {what}; what a part of the account does not have is not gone")


def refuse_absent(exports: Sequence[Export], complete: AbstractSet[str]) -> None:
    """Refuse the word that a kind is complete where there is no file of it.

    Raises:
        WrongUse: there is none.
    """
    absent = complete - {KINDS.get(export.kind, export.kind) for export in exports}
    if absent:
        raise WrongUse(f"--complete {min(absent)}: the folder has no export of {min(absent)}")


def _deletes(name: str, way: str) -> bool:
    return name.endswith(".gone") and way == "delete"


def _kinds_of(config: MappingConfig, object_name: str) -> set[str]:
    """The kinds of files whose rows become records of an object, or what ties these to people."""
    tied = {tie: made for made, tie in TARGETS.items()}
    junctions = {names.junction.object.name for names in config.names}
    found = {target.kind for target in targets(config) if target.object == tied.get(object_name, object_name)}
    return found | ({_CONTACTS} if object_name in junctions else set())
