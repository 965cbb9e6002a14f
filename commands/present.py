"""What Twenty calls today what the ledger made or adopted: people may rename it, its id stays.

So nothing of ours is taken for gone because its name is, and nothing of others for ours because it has our name.
"""

from collections.abc import Iterable, Mapping

import msgspec

from adapters.twenty import Field, Model, Object, UnknownObject
from commands.session import Working
from ledger.hashing import digest
from ledger.projections.schema import SchemaElement, elements, options, options_intended
from ledger.reader import Reader


class Present(msgspec.Struct, frozen=True):
    """The data model under the ledger's names. `ids` are Twenty's, by object and field (empty: the object itself).

    What the ledger knows the id of is found by that alone; the rest, standard fields say, by name.
    """

    model: Model
    ids: Mapping[tuple[str, str], str]

    def find(self, object_name: str) -> Object | None:
        """The object, or None where it is not there."""
        known = self.ids.get((object_name, ""))
        return self.model.objects.get(object_name) if known is None else self.model.by_id.get(known)

    def object(self, object_name: str) -> Object:
        """The object; raises UnknownObject."""
        found = self.find(object_name)
        if found is None:
            raise UnknownObject(object_name)
        return found

    def field(self, object_name: str, name: str, field_id: str | None = None) -> Field | None:
        """The field, by `field_id` where one is given, or None where it is not there."""
        owner = self.find(object_name)
        known = field_id or self.ids.get((object_name, name))
        if owner is None:
            return None
        return owner.fields.get(name) if known is None else owner.fields_by_id.get(known)

    def element(self, object_name: str, name: str, element_id: str | None = None) -> Object | Field | None:
        """The object (no `name`) or field, by its id where one is given, or None where it is not there."""
        if name:
            return self.field(object_name, name, element_id)
        return self.model.by_id.get(element_id) if element_id else self.find(object_name)

    def renamed(self, object_name: str, name: str) -> str | None:
        """What Twenty calls an object (no `name`) or field today, where that is another name than the ledger's."""
        there = self.element(object_name, name) if (object_name, name) in self.ids else None
        if there is None:
            return None
        today = there.singular if isinstance(there, Object) else there.name
        return None if today == (name or object_name) else today

    def names(self, object_name: str, written: Iterable[str]) -> dict[str, str]:
        """Fields and columns as written → as Twenty calls them; those that are not there are left out."""
        found = {name: self._name(object_name, name) for name in written}
        return {name: today for name, today in found.items() if today is not None}

    def _name(self, object_name: str, name: str) -> str | None:
        if field := self.field(object_name, name):
            return field.name
        # A relation's column is called after it.
        relation = name.removesuffix("Id")
        if (object_name, relation) in self.ids:
            tie = self.field(object_name, relation)
            return tie.join_column if tie else None
        owner = self.find(object_name)
        return name if owner and name in owner.columns else None


async def present(working: Working) -> Present:
    """The data model as last read, by the ids that the ledger has."""
    return Present(working.twenty.model, await known_ids(working.ledger.reader))


async def stands(working: Working) -> bool:
    """Whether all that the ledger made or adopted is there under its own names, and every option of ours."""
    reader, known = working.ledger.reader, await present(working)
    parts = [one for one in await elements(reader) if one.state != "removed"]
    if await options_intended(reader) or not all(_is_as_made(known, one) for one in parts):
        return False
    added: dict[tuple[str, str], set[str]] = {}
    for option in await options(reader):
        added.setdefault((option.object, option.name), set()).add(option.value)
    for key, values in added.items():
        field = known.field(*key)
        if field is None or not values <= (await digested(working, field)).keys():
            return False
    return True


def _is_as_made(known: Present, one: SchemaElement) -> bool:
    there = known.element(one.object, one.name)
    return one.state != "intended" and there is not None and there.is_active and not known.renamed(one.object, one.name)


async def digested(working: Working, field: Field) -> dict[str, str]:
    """The values of a field's options as Twenty has them, by the digests that the ledger knows them by."""
    key = await working.ledger.reader.digest_key()
    return {digest(key, option.value): option.value for option in field.options or ()}


async def known_ids(reader: Reader) -> dict[tuple[str, str], str]:
    """Twenty's ids of what the ledger made or adopted, by object and field (empty: the object itself)."""
    return {(one.object, one.name): one.twenty_id for one in await elements(reader) if one.twenty_id}
