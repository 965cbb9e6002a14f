"""What Twenty will hold once changes are undone, laid over what it holds now: so that a check sees what will be."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from adapters.twenty import Pointer
from commands.compensation.images import over
from commands.compensation.undoing import Undoing


class Ahead(msgspec.Struct, frozen=True):
    """What is to be sent to records that stay: id → object and fields, both by today's names.

    `released` are those that will not be ours any more, by their ids.
    """

    sent: Mapping[str, tuple[str, Mapping[str, Any]]] = {}
    released: frozenset[str] = frozenset()

    @property
    def of_released(self) -> "Ahead":
        """The same, of those alone that will not be ours any more."""
        sent = {id_: one for id_, one in self.sent.items() if id_ in self.released}
        return Ahead(sent=sent, released=self.released)

    def row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """A record as it will be."""
        _, sent = self.sent.get(row["id"], ("", {}))
        return {**row, **{name: over(row.get(name), value) for name, value in sent.items()}}

    def pointers(
        self, found: Mapping[str, Sequence[Pointer]], columns: Collection[tuple[str, str]], ids: Collection[str]
    ) -> dict[str, list[Pointer]]:
        """Who will point at these records: without those that will point elsewhere, with those that will point there.

        `columns` are those that can, by object.
        """
        kept = {one: [each for each in some if self._points(each)] for one, some in found.items()}
        for pointer in self._to_come(columns, set(ids)):
            some = kept.setdefault(pointer.target_id, [])
            if all((one.id, one.field) != (pointer.id, pointer.field) for one in some):
                some.append(pointer)
        return kept

    def _points(self, pointer: Pointer) -> bool:
        _, sent = self.sent.get(pointer.id, ("", {}))
        return bool(sent.get(pointer.field, pointer.target_id) == pointer.target_id)

    def _to_come(self, columns: Collection[tuple[str, str]], ids: Collection[str]) -> Iterable[Pointer]:
        for id_, (object_name, sent) in self.sent.items():
            for name, value in sent.items():
                if (object_name, name) in columns and value in ids:
                    yield Pointer(object_name, id_, name, value, None)


NOTHING = Ahead()
"""Everything will be as it is."""


def ahead_of(undone: Mapping[str, Sequence[Undoing]]) -> Ahead:
    """What undoing will send, by object of today."""
    return Ahead(
        sent={one.id: (name, one.sent) for name, some in undone.items() for one in some if one.row and one.sent},
        released=frozenset(one.id for some in undone.values() for one in some if one.releases),
    )
