"""Which records of ours that deltas destroyed a rollback makes again: as if what is undone had never been done."""

from collections.abc import Sequence

import msgspec

from commands.compensation.scope import backs
from ledger import losses
from ledger.losses import Departed, Generation
from ledger.reader import Reader
from ledger.scopes import Scope


class Revivals(msgspec.Struct, frozen=True):
    """Records to make `again`, and those of the scope that are not: their streams have a `later` record."""

    again: list[Departed]
    later: list[Departed]


class _Undone(msgspec.Struct, frozen=True):
    """What is undone: by a rollback of this scope, and by those `before`, each with its position."""

    scope: Scope
    before: Sequence[tuple[int, Scope]]

    def holds(self, run_id: str, position: int, object_name: str, since: int) -> bool:
        """Whether something that a run did is undone now, or was after the position `since`."""
        return self.scope.holds(run_id, position, object_name) or any(
            at > since and scope.holds(run_id, position, object_name) for at, scope in self.before
        )

    def making(self, one: Generation) -> bool:
        """Whether the making of a record is undone; a rollback may name the record alone."""
        named = one.twenty_id in self.scope.records
        return named or self.holds(one.made_in, one.made_at, one.object, one.position)

    def leaving(self, one: Generation) -> bool:
        """Whether a record that left need not have been there: taken back, or made and taken out in what is undone."""
        if one.taken_back or one.left_at is None or one.left_in is None:
            return True
        return self.making(one) and self.holds(one.left_in, one.left_at, one.object, one.left_at)


async def revivals(reader: Reader, scope: Scope, *, beforehand: bool) -> Revivals:
    """What left in deltas that are undone and stood before them, and whether it comes back.

    Asked `beforehand`, what a rollback of the scope would take out counts as gone. A record whose delta was undone
    before comes back when the later one of its stream, which kept it away, is undone.
    """
    every = await losses.departed(reader) if scope.keys is None else []
    if not every:
        return Revivals([], [])
    undone = _Undone(scope, await backs(reader))
    streams: dict[tuple[str, str], list[Generation]] = {}
    for made in await losses.generations(reader):
        streams.setdefault((made.object, made.source_key), []).append(made)
    # The newest of a stream stands for all of them.
    again: dict[tuple[str, str], Departed] = {}
    kept_away: list[Departed] = []
    for one in every:
        stream = (one.object, one.source_key)
        later = [each for each in streams.get(stream, ()) if each.position > one.position]
        if not _is_meant(undone, one, later):
            continue
        if _is_free(undone, one, later, beforehand=beforehand):
            again[stream] = one
        elif scope.holds(one.run_id, one.position, one.object):
            kept_away.append(one)
    return Revivals(list(again.values()), kept_away)


def _is_meant(undone: _Undone, one: Departed, later: Sequence[Generation]) -> bool:
    """Whether a record's leaving is undone, its making is not, and it was not made again since."""
    made_again = any((each.made_in, each.made_at) == (one.made_in, one.made_at) for each in later)
    if made_again or undone.holds(one.made_in, one.made_at, one.object, one.position):
        return False
    if undone.scope.holds(one.run_id, one.position, one.object):
        return True
    this = _Undone(undone.scope, ())
    kept_away = any(this.making(each) or _left_in(undone.scope, each) for each in later)
    return kept_away and undone.holds(one.run_id, one.position, one.object, one.position)


def _left_in(scope: Scope, one: Generation) -> bool:
    return one.left_at is not None and one.left_in is not None and scope.holds(one.left_in, one.left_at, one.object)


def _is_free(undone: _Undone, one: Departed, later: Sequence[Generation], *, beforehand: bool) -> bool:
    """Whether no later record of the stream stands, or would if what is undone had never been done."""
    this = _Undone(undone.scope, ())
    going = {each.twenty_id for each in later if this.making(each)} if beforehand else set()
    return (one.standing is None or one.standing in going) and all(undone.leaving(each) for each in later)
