"""Values of Twenty's as a body can hold them, and back again: payloads hold no floats."""

from typing import Any

_NUMBER = "$number"


def storable(value: Any) -> Any:
    """A value with its fractions as decimal text, each in an envelope of its own."""
    if isinstance(value, float):
        return {_NUMBER: repr(value)}
    if isinstance(value, dict):
        return {name: storable(one) for name, one in value.items()}
    return [storable(one) for one in value] if isinstance(value, list | tuple) else value


def as_stored(value: Any) -> Any:
    """What `storable` was given."""
    if isinstance(value, dict):
        return float(value[_NUMBER]) if value.keys() == {_NUMBER} else {name: as_stored(x) for name, x in value.items()}
    return [as_stored(one) for one in value] if isinstance(value, list) else value
