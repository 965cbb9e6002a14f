"""Ids: how ours are derived, and the list of ids that can never be empty.

`destroyPeople(filter: {})` and `filter: {and: []}` destroy every record of an object (GRAPHQL section 0). So the calls
that destroy, delete or restore take `Ids` and nothing else as their filter, and an `Ids` of nothing cannot be made.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID, uuid5

_NIL = UUID(int=0)
_MARK = re.compile(r"[0-9A-Za-z-]{8,}")


def record_id(namespace: UUID, name: str, source_key: str, generation: int) -> UUID:
    """Derive the id a record gets in Twenty: UUIDv5 of the ledger's namespace, object `name`, stream and generation.

    The parts are joined by a character no object name holds, with the free text last, so two different streams never
    meet. The same arguments always give the same id: that is what makes asking "did it land?" a read by id.
    """
    if generation < 0:
        raise ValueError(f"generation must not be negative: {generation}")
    return uuid5(namespace, f"{name}\n{generation}\n{source_key}")


class Ids:
    """One or more record ids, each once, in the order given. There is no empty one: its constructor refuses.

    Raises ValueError for nothing at all, for what is no UUID, and for the all-zero UUID (Twenty refuses it).
    """

    __slots__ = ("_known",)

    def __init__(self, ids: Iterable[str | UUID]) -> None:
        if isinstance(ids, str):
            raise TypeError("Ids takes a collection of ids, not one text")
        self._known = dict.fromkeys(_canonical(one) for one in ids)
        if not self._known:
            raise ValueError("Ids cannot be empty: an empty filter would mean every record")

    @property
    def values(self) -> tuple[str, ...]:
        """The ids as lower-case text."""
        return tuple(self._known)

    def chunks(self, size: int) -> "Iterator[Ids]":
        """Cut into several, none over `size`."""
        values = self.values
        for start in range(0, len(values), size):
            yield Ids(values[start : start + size])

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, one: object) -> bool:
        return isinstance(one, str) and one in self._known

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ids) and self.values == other.values

    def __hash__(self) -> int:
        return hash(self.values)

    def __repr__(self) -> str:
        return f"Ids({len(self._known)})"


def portions(targets: Mapping[str, Ids], size: int) -> Iterator[dict[str, Ids]]:
    """Cut ids of several objects into portions of at most `size` ids together, in order."""
    pairs = [(name, one) for name, ids in targets.items() for one in ids]
    for start in range(0, len(pairs), size):
        portion: dict[str, list[str]] = {}
        for name, one in pairs[start : start + size]:
            portion.setdefault(name, []).append(one)
        yield {name: Ids(some) for name, some in portion.items()}


def checked_mark(mark: str) -> str:
    """Return a run's mark, safe inside a `like` pattern; raise ValueError if it could match more than itself."""
    if not _MARK.fullmatch(mark):
        raise ValueError("a mark is 8 or more letters, digits and hyphens")
    return mark


def _canonical(one: str | UUID) -> str:
    value = one if isinstance(one, UUID) else UUID(one)
    if value == _NIL:
        raise ValueError("the all-zero UUID is no record id")
    return str(value)
