"""Read models, folded from events in the transaction that appends them; one file each.

A fold is SQL: each event type has statements that are run with its columns and attributes as parameters; one that names
an attribute of a batch's items (`:item_key`) is run once an item. Statements of neighbouring events of one type are run
one statement after the other over all of them, so they must commute across events of their type; a property test holds
it. The tables they fill are in `ledger.tables`, under the same names.
"""

from collections.abc import Mapping
from types import ModuleType

from ledger.events import Event
from ledger.projections import (
    automations,
    changes,
    compensations,
    departures,
    holds,
    identities,
    intents,
    records,
    runs,
    schema,
)

MODULES: tuple[ModuleType, ...] = (
    identities,
    runs,
    holds,
    records,
    schema,
    automations,
    compensations,
    changes,
    departures,
    intents,
)


def _statements() -> Mapping[str, tuple[str, ...]]:
    merged: dict[str, tuple[str, ...]] = {}
    for module in MODULES:
        folds: Mapping[type[Event], tuple[str, ...]] = module.FOLDS
        for kind, statements in folds.items():
            merged[kind.__name__] = merged.get(kind.__name__, ()) + statements
    return merged


FOLDS: Mapping[str, tuple[str, ...]] = _statements()
"""The SQL of every projection, by event name, in the order of `MODULES`."""
