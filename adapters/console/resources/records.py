"""Records: listed by object and state, or found by what a person has of one."""

from collections.abc import Callable

import msgspec

from adapters.console.cursors import behind, cursor
from adapters.console.errors import BadCursor, Refused
from ledger.listings.names import AfterName, NameGone, Wanted, by_name, folded
from ledger.listings.places import Place
from ledger.listings.records import SHOWN, After, Listed, key_of, listed_records
from ledger.listings.search import by_key
from ledger.reader import Reader

_LONGEST = 400


class RecordsAsked(msgspec.Struct, frozen=True, kw_only=True):
    """Which records: what somebody typed (`q`), an object, a state."""

    q: str = ""
    object: str | None = None
    state: str | None = None


class RecordPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of records; one of what was found may hold few or none, and be followed by another.

    `rows` are rows of files that were found and that no record was made of, `unrecorded` lines of known files of which
    the ledger holds no row.
    """

    items: list[Listed]
    next: str | None
    rows: list[Place]
    unrecorded: list[Place]


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
    said = asked.q.strip()
    if said:
        return await _found(reader, said, asked, after, limit, email)
    end = behind(after, After)
    if end is not None and isinstance(end[1], int) != (asked.state is not None):
        raise BadCursor
    items = await listed_records(reader, object_name=asked.object, state=asked.state, after=end, limit=limit + 1)
    more = cursor(key_of(items[limit - 1], asked.state)) if len(items) > limit else None
    return RecordPage(items=items[:limit], next=more, rows=[], unrecorded=[])


async def _found(
    reader: Reader,
    said: str,
    asked: RecordsAsked,
    after: str | None,
    limit: int,
    email: Callable[[str], str | None],
) -> RecordPage:
    end = behind(after, AfterName)
    unrecorded: list[Place] = []
    if end is None:
        exact = await by_key(reader, said, email(said))
        unrecorded = exact.unrecorded
        items = [one for one in exact.records if _wanted(one, asked)]
        if items or exact.rows:
            # What has it as a key of its own is meant; nobody's name is looked through for it.
            return RecordPage(items=items, next=None, rows=exact.rows, unrecorded=[])
    named = Wanted(words=folded(said).split(), object=asked.object, state=asked.state)
    try:
        items, more = await by_name(reader, named, end, limit)
    except NameGone as gone:
        raise BadCursor from gone
    return RecordPage(items=items, next=cursor(more) if more else None, rows=[], unrecorded=unrecorded)


def _wanted(one: Listed, asked: RecordsAsked) -> bool:
    return asked.object in (None, one.object) and asked.state in (None, one.state)
