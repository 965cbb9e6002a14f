"""Which intents name a stream: a call's intent names every record of its batch, and one repeated has several."""

from collections.abc import Mapping

from ledger.events import BatchIntended, CompensationIntended, Event

_NAMED = "INSERT OR IGNORE INTO intent (source_key, object, position) VALUES (:item_key, :object, :position)"

FOLDS: Mapping[type[Event], tuple[str, ...]] = {BatchIntended: (_NAMED,), CompensationIntended: (_NAMED,)}
