"""Which elements of the data model records still hold something in, once those that leave have left."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import msgspec

from adapters.twenty import Field, Object, counts
from adapters.twenty.usage import Later, holding
from commands.compensation.ahead import NOTHING, Ahead
from commands.session import Working

Why = Literal["in_use", "in_bin"]


class Stay(msgspec.Struct, frozen=True):
    """An element of the data model that stays, by its name, and why: others' records are in it, or ours in the bin."""

    name: str
    why: Why


class Leaving(msgspec.Struct, frozen=True, kw_only=True):
    """Records that leave, by object: `gone` for good when the data model is looked at, `binned` into the bin as asked.

    `ahead` is what those that stay will hold by then.
    """

    gone: Mapping[str, Collection[str]] = {}
    binned: Mapping[str, Collection[str]] = {}
    ahead: Ahead = NOTHING

    async def object_stays(self, working: Working, object_name: str, there: Object) -> Why | None:
        """Why an object stays, if it does: it has records."""
        count = (await counts(working.twenty.client, [there]))[there.singular]
        left = count.live + (count.deleted or 0) - len(self.gone.get(object_name, ()))
        if left <= 0:
            return None
        return "in_use" if left > len(self.binned.get(object_name, ())) else "in_bin"

    async def fields_stay(
        self, working: Working, object_name: str, there: Object, fields: Sequence[Field]
    ) -> dict[str, Why]:
        """Which of these fields stay, by their names of today: a record holds a value in them."""
        return await self._stay(working, object_name, there, [field.name for field in fields], None)

    async def options_stay(
        self, working: Working, object_name: str, there: Object, field: Field, values: Collection[str]
    ) -> dict[str, Why]:
        """Which of these options of a field stay: a record has chosen them."""
        found = await self._stay(working, object_name, there, [field.name] if values else [], sorted(values))
        return {name.partition(".")[2]: why for name, why in found.items()}

    async def _stay(
        self, working: Working, object_name: str, there: Object, names: Sequence[str], values: Sequence[str] | None
    ) -> dict[str, Why]:
        if not names:
            return {}
        client, model, kind = working.twenty.client, working.twenty.model, there.singular
        gone, binned = self.gone.get(object_name, ()), self.binned.get(object_name, ())
        used = await holding(client, model, kind, names, values, self._without(gone))
        beyond = used
        if used and binned:
            beyond = await holding(client, model, kind, names, values, self._without({*gone, *binned}))
        return {name: "in_use" if name in beyond else "in_bin" for name in sorted(used)}

    def _without(self, left_out: Collection[str]) -> Later:
        def later(row: Mapping[str, Any]) -> Mapping[str, Any] | None:
            return None if row["id"] in left_out else self.ahead.row(row)

        return later
