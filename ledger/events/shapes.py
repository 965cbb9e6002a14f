"""How each type of event is parted: what it keeps in columns, what in `data`, which bodies it names.

Found out once a type, from its fields; parting and reading thousands of events is then a matter of looking it up.
"""

from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import Any, get_args

import msgspec

from ledger.events.base import COLUMNS, Event

Values = Callable[[Any], tuple[Any, ...]]
"""Some attributes of a struct."""


class Shape(msgspec.Struct, frozen=True):
    """How one type is parted. `demanded` are the columns that may not be null; `batches` its lists that name bodies."""

    kind: type[Event]
    columns: tuple[str, ...]
    held: Values
    demanded: frozenset[str]
    own: Values
    attributes: type[msgspec.Struct]
    decoder: msgspec.json.Decoder[msgspec.Struct]
    hashes: Values
    batches: tuple[tuple[str, Values], ...]

    def columns_of(self, event: Event) -> dict[str, str | None]:
        """The values of all columns; null in those that the type does not have.

        Raises:
            msgspec.ValidationError: one is no text, or null where it may not be.
        """
        self.check(self.held(event))
        return {name: getattr(event, name, None) for name in COLUMNS}

    def check(self, held: Iterable[Any]) -> None:
        """Hold the values of the columns that the type has against what it says of them.

        Raises:
            msgspec.ValidationError: one is no text, or null where it may not be.
        """
        for name, value in zip(self.columns, held, strict=True):
            if type(value) is not str and (value is not None or name in self.demanded):
                raise msgspec.ValidationError(f"Expected `str`, got `{type(value).__name__}` - at `$.{name}`")

    def attributes_of(self, event: Event) -> msgspec.Struct:
        """The event's own attributes, alone, as `data` holds them."""
        return self.attributes(*self.own(event))

    def read(self, data: str | bytes) -> msgspec.Struct:
        """The own attributes that `data` holds.

        Raises:
            msgspec.MsgspecError: a value is missing or of the wrong type.
        """
        return self.decoder.decode(data)

    def bodies_of(self, attributes: Event | msgspec.Struct) -> list[str]:
        """The hash of every body that own attributes name, beside the one that has a column."""
        named = [*self.hashes(attributes)]
        for name, hashes in self.batches:
            for item in getattr(attributes, name):
                named += hashes(item)
        return [one for one in named if one is not None]


@cache
def shape_of(kind: type[Event]) -> Shape:
    """The shape of a type of event."""
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    # Those that may be left out come last, as a struct wants them; canonical bytes have an order of their own.
    own = tuple(sorted(fields.keys() - set(COLUMNS), key=lambda name: (not fields[name].required, name)))
    attributes = msgspec.defstruct(kind.__name__, [_alone(fields[name]) for name in own], frozen=True)
    columns = tuple(name for name in COLUMNS if name in fields)
    batches = {name: _hashes(inner) for name in own for inner in get_args(fields[name].type)[:1]}
    return Shape(
        kind=kind,
        columns=columns,
        held=_values(columns),
        demanded=frozenset(name for name in columns if fields[name].type is str),
        own=_values(own),
        attributes=attributes,
        decoder=msgspec.json.Decoder(attributes),
        hashes=_values(_hashes(attributes)),
        batches=tuple((name, _values(found)) for name, found in batches.items() if found),
    )


def _alone(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.name, field.type, msgspec.field(default_factory=field.default_factory)
    return (field.name, field.type) if field.required else (field.name, field.type, field.default)


def _hashes(kind: Any) -> tuple[str, ...]:
    """The attributes of a struct that name bodies; none of what is no struct."""
    names: tuple[str, ...] = getattr(kind, "__struct_fields__", ())
    return tuple(name for name in names if name.endswith("hash"))


def _values(names: tuple[str, ...]) -> Values:
    if not names:
        return lambda _struct: ()
    read = attrgetter(*names)
    return read if len(names) > 1 else lambda struct: (read(struct),)
