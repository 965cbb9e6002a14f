"""What changes of a record found there and what they sent: pure, from their bodies."""

from collections.abc import Sequence
from typing import Any

from commands.ours import Bodies, returned
from commands.storable import as_stored
from ledger.projections.changes import Past


def images(group: Sequence[Past], bodies: Bodies) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the oldest change of each part found there, and what the newest sent."""
    before: dict[str, Any] = {}
    sent: dict[str, Any] = {}
    for one in group:
        was = _fields(bodies, one.before_hash)
        for name, value in _fields(bodies, one.sent_hash).items():
            before[name] = over(was.get(name), before[name]) if name in before else was.get(name)
            sent[name] = over(sent.get(name), value)
    return before, sent


def _fields(bodies: Bodies, hash_: str | None) -> dict[str, Any]:
    body = bodies.get(hash_ or "")
    fields: dict[str, Any] = as_stored(body.value["fields"]) if body else {}
    return fields


def over(below: Any, above: Any) -> Any:
    """A value laid over another: of composites, part by part."""
    return {**below, **above} if isinstance(below, dict) and isinstance(above, dict) else above


def standing(changes: Sequence[Past], bodies: Bodies) -> dict[str, Any]:
    """What changes sent, save what of it came back while they stand."""
    sent: dict[str, Any] = {}
    for one in changes:
        gone = returned(one, bodies)
        for name, value in _fields(bodies, one.sent_hash).items():
            if isinstance(value, dict):
                sent[name] = over(sent.get(name), {part: value[part] for part in value if f"{name}.{part}" not in gone})
            elif name not in gone:
                sent[name] = value
    return sent
