"""Options of tags and lists that only one person's records carry: such a one may be named after her."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from commands.erasing.streams import OF_STREAMS, as_json
from ledger.hashing import Envelope
from ledger.projections import schema
from ledger.reader import Reader


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """An option of ours that stays in Twenty's data model, and that nobody else's record has."""

    object: str
    field: str
    value: str


async def options_of_hers_alone(reader: Reader, streams: Iterable[str]) -> tuple[Option, ...]:
    """Those of the options we added that records of these streams carry, and no others."""
    found: list[Option] = []
    hers = as_json(streams)
    for object_name, field in sorted({(one.object, one.name) for one in await schema.options(reader)}):
        parameters = {"object": object_name, "path": f"$.value.fields.{field}", "streams": hers}
        carried = {row["value"] for row in await reader.rows(_CARRIED.format(whose=OF_STREAMS), **parameters)}
        if carried:
            others = await reader.rows(_CARRIED.format(whose=f"NOT {OF_STREAMS}"), **parameters)
            alone = carried - {row["value"] for row in others}
            found += [Option(object=object_name, field=field, value=value) for value in sorted(alone)]
    return tuple(found)


def tells_of(subject: str, envelope: Envelope, options: Iterable[Option]) -> bool:
    """Whether a body about the data model tells of one of these options, in whatever it was stored for."""
    return any(_is_about(subject, one) and _holds(envelope.value, one) for one in options)


def _is_about(subject: str, option: Option) -> bool:
    return subject in (f"schema:{option.object}.{option.field}", f"schema:{option.object}")


def _holds(value: Mapping[str, Any], option: Option) -> bool:
    if option.value in value.get("options", ()):
        return True
    return any(option.value in (record.get(option.field) or ()) for record in value.get("records", ()))


# Only choices are lists: what a select holds of a status, say, is no name that anybody gave.
_CARRIED = """SELECT DISTINCT choice.value FROM record
    JOIN payload ON payload.hash IN (record.payload_hash, record.written_hash),
    json_each(payload.body, :path) AS choice
  WHERE record.object = :object AND json_type(payload.body, :path) = 'array' AND {whose}"""
