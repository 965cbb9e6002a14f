"""What earlier erasures of a person covered: her bodies are gone with them, and nothing else leads to her records."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

import msgspec

from commands.erasing.streams import as_json, is_of
from ledger.events import IdentityErased
from ledger.reader import Reader

_COVERED = """SELECT data FROM event
  WHERE type = 'IdentityErased' AND data ->> '$.alias' IN (SELECT value FROM json_each(:names))"""


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """Her streams, those of what nobody else is of, and where rows of hers stood."""

    streams: frozenset[str] = frozenset()
    alone: frozenset[str] = frozenset()
    rows: frozenset[str] = frozenset()

    def without(self, others: AbstractSet[str]) -> "Covered":
        """The same, without streams that rows read since say to be somebody else's."""
        kept = frozenset(one for one in self.streams if not is_of(one, others))
        return msgspec.structs.replace(self, streams=kept)

    def named(self, aliases: Iterable[str]) -> list[IdentityErased]:
        """The events that say it of each of her names."""
        told = {name: tuple(sorted(getattr(self, name))) for name in self.__struct_fields__}
        return [IdentityErased(alias=one, **told) for one in aliases]


async def covered(reader: Reader, names: Iterable[str]) -> Covered:
    """What the erasures of any of these names have on record, taken together."""
    rows = await reader.rows(_COVERED, names=as_json(names))
    said = [msgspec.json.decode(row["data"], type=Covered) for row in rows]
    return Covered(
        streams=frozenset().union(*(one.streams for one in said)),
        alone=frozenset().union(*(one.alone for one in said)),
        rows=frozenset().union(*(one.rows for one in said)),
    )
