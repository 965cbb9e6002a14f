"""A contact as Kartra's API answers for it: `lead_details`, with its tags, lists, sequences and own fields.

Source: kartra.md sections 6.2 and 7.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from adapters.kartra.columns import Columns, name_columns, settle_repeats
from adapters.kartra.json_values import Object, compact, entries, field, is_on, names_of, text
from adapters.mapping.types import JsonValue

_RELATIONS = ("custom_fields", "list_activity", "lists", "memberships", "sequences", "tags")


def lead_of(value: JsonValue) -> Object | None:
    """The lead of an answer, or of a line that is the bare lead; None for anything else."""
    if not isinstance(value, dict) or "action" in value:
        return None
    if "lead_details" in value:
        found = entries(value["lead_details"])
        return found[0] if len(found) == 1 and isinstance(found[0], dict) else None
    named = "id" in value or "email" in value
    return value if named and any(relation in value for relation in _RELATIONS) else None


def cells_of_lead(lead: Object) -> dict[str, str]:
    """A lead as the cells of a contact.

    Scalars and own fields are named as a contacts export with those headers names them. `tags` and `lists` are JSON
    lists of names, `lists` only of those the contact is on; `list_activity`, `sequences` and `memberships` are JSON
    lists of objects whose values are text, empty where the answer has none, and 1 or 0 for `active`.
    """
    written = [*_scalars(lead), *_own_fields(lead)]
    columns = _columns(tuple(name for name, _ in written))
    row = {column: cell for column, (_, cell) in zip(columns.names, written, strict=True) if cell}
    return {**settle_repeats(row, columns.repeats), **_relations(lead)}


@lru_cache(maxsize=16)
def _columns(header: tuple[str, ...]) -> Columns:
    """Name scalars and own fields beside the relations, whose names and cells nothing else may take."""
    columns = name_columns("contacts", (*_RELATIONS, *header))
    repeats = {own: column for own, column in columns.repeats.items() if column not in _RELATIONS}
    return Columns(columns.names[len(_RELATIONS) :], repeats)


def _scalars(lead: Object) -> Iterator[tuple[str, str]]:
    return ((name, text(value)) for name, value in lead.items() if name not in _RELATIONS)


def _own_fields(lead: Object) -> Iterator[tuple[str, str]]:
    """Identifier and value of each field; chosen options are joined, as a cell of a CSV export has them."""
    for entry in entries(lead.get("custom_fields")):
        if isinstance(entry, dict) and (identifier := field(entry, "field_identifier", "identifier")):
            chosen = entries(entry.get("field_value", entry.get("value")))
            yield identifier, "; ".join(names_of(chosen, "option_value", "value"))


def _relations(lead: Object) -> dict[str, str]:
    lists = _named(map(_list, entries(lead.get("lists"))))
    relations = {
        "tags": names_of(entries(lead.get("tags")), "tag_name", "name"),
        "lists": [entry["name"] for entry in lists if entry["active"] == "1"],
        "list_activity": lists,
        "sequences": _named(map(_sequence, entries(lead.get("sequences")))),
        "memberships": _named(map(_membership, entries(lead.get("memberships")))),
    }
    return {name: compact(value) for name, value in relations.items() if value}


def _named(related: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """Those with a name: nothing can be told of the others."""
    return [one for one in related if one["name"]]


def _list(entry: JsonValue) -> dict[str, str]:
    of = _object(entry)
    return {"name": field(of, "list_name", "name"), "active": "1" if _is_active(of) else "0"}


def _sequence(entry: JsonValue) -> dict[str, str]:
    of = _object(entry)
    return {"name": field(of, "sequence_name", "name"), "step": field(of, "step"), "status": field(of, "status")}


def _membership(entry: JsonValue) -> dict[str, str]:
    of = _object(entry)
    return {
        "name": field(of, "membership_name", "name"),
        "level": field(of, "level_name", "level"),
        "active": "1" if _is_active(of) else "0",
    }


def _object(entry: JsonValue) -> Object:
    return entry if isinstance(entry, dict) else {"name": entry}


def _is_active(entry: Object) -> bool:
    """An entry without the flag is active, for it is there; an empty flag is none: consent is never guessed."""
    return is_on(entry.get("active", "1"))
