"""One record's whole story, and its fields side by side (see `fields`)."""

import msgspec

from adapters.console.errors import NotFound
from adapters.console.resources.fields import FieldLine, side_by_side
from adapters.console.resources.mappings import mapping_text
from ledger.listings.stories import Story, story
from ledger.reader import Reader


class StoryTold(msgspec.Struct, frozen=True, kw_only=True):
    """A story, with the fields of its record line by line."""

    story: Story
    fields: list[FieldLine]


async def tell_story(reader: Reader, stream: str, object_name: str | None) -> StoryTold:
    """Everything on record of a stream.

    Raises:
        NotFound: the ledger has never heard of it.
    """
    found = await story(reader, stream, object_name)
    if found is None:
        what = f"{object_name} {stream}" if object_name else stream
        raise NotFound(f"nothing is on record of {what}; look for it among the records")
    return StoryTold(story=found, fields=side_by_side(found, await mapping_text(reader, found.mapping)))
