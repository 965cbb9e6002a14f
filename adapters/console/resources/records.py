"""Records: listed by object and state, or found by what a person has of one."""

from collections.abc import Callable

import msgspec

from adapters.console.cursors import behind, cursor
from adapters.console.errors import Refused
from ledger.listings.places import Place
from ledger.listings.records import SHOWN, After, Listed, key_of, listed_records, recorded_objects
from ledger.listings.search import AfterName, by_key, by_name, name_key
from ledger.reader import Reader

_LONGEST = 400


class RecordsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which records: what somebody typed (`q`), an object, a state."""

    q: str = ""
    object: str | None = None
    state: str | None = None


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of records. `rows` are rows of files that were found and that no record was made of."""

    items: list[Listed]
    next: str | None
    rows: list[Place]


async def list_records(
    reader: Reader, asked: RecordsAsked, after: str | None, limit: int, email: Callable[[str], str | None]
) -> RecordPage:
    """The next records of a list, or of what was found.

    Raises:
        Refused: there is no such state, or too much was typed.
        BadCursor: `after` is no cursor of this list.
    """
    if asked.state is not None and asked.state not in SHOWN:
        raise Refused(f"no record is ever {asked.state!r}; states are {', '.join(SHOWN)}")
    said = " ".join(asked.q.split())
    if said:
        return await _found(reader, said, asked, after, limit, email)
    end = behind(after, After)
    if end is not None and isinstance(end[1], int) != (asked.state is not None):
        behind("", int)
    items = await listed_records(reader, object_name=asked.object, state=asked.state, after=end, limit=limit + 1)
    more = cursor(key_of(items[limit - 1], asked.state)) if len(items) > limit else None
    return RecordPage(items=items[:limit], next=more, rows=[])


async def _found(
    reader: Reader,
    said: str,
    asked: RecordsAsked,
    after: str | None,
    limit: int,
    email: Callable[[str], str | None],
) -> RecordPage:
    if len(said) > _LONGEST:
        raise Refused(f"what is looked for has {len(said)} characters; {_LONGEST} are enough for anything")
    end = behind(after, AfterName)
    if end is None:
        exact = await by_key(reader, said, email(said))
        if exact.records or exact.rows:
            # What has it as a key of its own is meant; nobody's name is looked through for it.
            return RecordPage(items=[one for one in exact.records if _wanted(one, asked)], next=None, rows=exact.rows)
    named = await by_name(reader, said, object_name=asked.object, after=end, limit=limit + 1)
    more = cursor(name_key(named[limit - 1])) if len(named) > limit else None
    return RecordPage(items=[one for one in named[:limit] if _wanted(one, asked)], next=more, rows=[])


def _wanted(one: Listed, asked: RecordsAsked) -> bool:
    return asked.object in (None, one.object) and asked.state in (None, one.state)


async def objects_known(reader: Reader) -> list[str]:
    """Every object with records."""
    return await recorded_objects(reader)
