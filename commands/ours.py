"""What of ours a record holds: what it was made with, and on top of it what each change put there that stands.

It is what a rollback leaves behind as written, so the drift check, a delta's base and a reconciliation all begin with
it. Values are looked at part by part: a composite's parts go by dotted paths, a relation by what it leads to.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from commands.storable import as_stored
from ledger.hashing import Envelope
from ledger.projections.changes import Past

Bodies = Mapping[str, Envelope]
Parts = Mapping[str, Any]
"""Paths → values; a relation's column → object and stream of what it leads to, as a tuple."""

_ABSENT = object()


def bodies_of(history: Sequence[Past]) -> list[str]:
    """The bodies that it takes to tell what of ours a record holds."""
    named = [
        hash_ for one in _life(history) for hash_ in (one.base_hash, one.payload_hash, one.sent_hash, *one.returned)
    ]
    return [hash_ for hash_ in named if hash_]


def meant(history: Sequence[Past], bodies: Bodies) -> dict[str, Any]:
    """What it should hold by what stands of its changes (all of them, oldest first), in the form of a payload.

    A field in which Twenty kept its own value by policy is among it: what was decided once stays decided.
    """
    changes = _life(history)
    found = dict(_begun(changes, bodies))
    for one in changes:
        _lay(found, _asked(one, bodies), one, bodies)
    links = {name: value for name, value in found.items() if isinstance(value, tuple)}
    return {
        "fields": _nested({path: value for path, value in found.items() if path not in links}),
        "links": {name: {"object": lead[0], "source_key": lead[1]} for name, lead in links.items()},
    }


def held(history: Sequence[Past], bodies: Bodies) -> dict[str, Any]:
    """What was put into it by us and stands: field → value, column → id, or what it leads to where none was sent.

    Of an adopted record that is only what was sent; a field that kept Twenty's value is not ours.
    """
    changes = _life(history)
    adopted = changes[0].kind == "adopted"
    found = dict(_begun(changes, bodies))
    for one in changes:
        asked = _asked(one, bodies)
        _lay(found, {path: asked[path] for path in asked if not adopted or path in found}, one, bodies)
        _lay(found, _sent(one, bodies), one, bodies)
    return _nested(found)


def as_held(value: Mapping[str, Any]) -> dict[str, Any]:
    """A payload as `held` has it."""
    return _nested(_parts(value))


def returned(change: Past, bodies: Bodies) -> set[str]:
    """The paths of what of a change came back while it stands."""
    return {path for hash_ in change.returned for path in _flat(bodies[hash_].value["fields"])}


def _life(history: Sequence[Past]) -> Sequence[Past]:
    """The changes since it became ours: of one that was adopted, the adoption and what came after."""
    return history[max((at for at, one in enumerate(history) if one.kind == "adopted"), default=0) :]


def _begun(changes: Sequence[Past], bodies: Bodies) -> Parts:
    first = changes[0].base_hash
    return _parts(bodies[first].value) if first else {}


def _lay(found: dict[str, Any], over: Parts, change: Past, bodies: Bodies) -> None:
    """Lay what a change put there over what was there, save what of it was undone."""
    if change.undone:
        return
    gone = returned(change, bodies)
    for path, value in over.items():
        if path in gone:
            continue
        if value is _ABSENT:
            found.pop(path, None)
        else:
            found[path] = value


def _asked(change: Past, bodies: Bodies) -> Parts:
    """Where what it should hold became another than before."""
    was = _parts(bodies[change.base_hash].value) if change.base_hash else {}
    now = _parts(bodies[change.payload_hash].value)
    paths = [path for path in {**was, **now} if was.get(path, _ABSENT) != now.get(path, _ABSENT)]
    return {path: now.get(path, _ABSENT) for path in paths}


def _sent(change: Past, bodies: Bodies) -> Parts:
    return dict(_flat(bodies[change.sent_hash].value["fields"])) if change.sent_hash else {}


def _parts(value: Mapping[str, Any]) -> Parts:
    links = {name: (link["object"], link["source_key"]) for name, link in value["links"].items()}
    return {**_flat(value["fields"]), **links}


def _flat(fields: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_pairs(as_stored(fields)))


def _pairs(fields: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, dict) and value:
            yield from ((f"{name}.{part}", one) for part, one in value.items())
        else:
            yield name, value


def _nested(found: Parts) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for path, value in found.items():
        name, _, part = path.partition(".")
        if part:
            nested.setdefault(name, {})[part] = value
        else:
            nested[name] = value
    return nested
