"""What Kartra's API tells of an account as a whole: its custom fields, and the names of tags, lists and sequences.

Source: kartra.md sections 6.1 (`retrieve_custom_fields`, `retrieve_account_…`), 6.2 and 7. The answers' outer shape is
known from other people's code only: the key is looked for in the answer and in its `actions`.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from adapters.kartra.columns import own_column
from adapters.kartra.errors import ExportUnreadable, JsonBroken, WrongKind
from adapters.kartra.exports import DESCRIPTION_KINDS
from adapters.kartra.fingerprint import fingerprint
from adapters.kartra.json_values import NotJson, Object, decode, entries, field, names_of
from adapters.mapping.types import JsonValue

_OPTION_KEYS = ("options", "field_options", "field_value")
_ACCOUNT_KINDS = sorted(DESCRIPTION_KINDS - {"custom_fields"})


class CustomField(msgspec.Struct, frozen=True, kw_only=True):
    """One of the account's own fields.

    `identifier` is the column its values stand under in rows; `type` is one of Kartra's five (`input_field`,
    `text_area`, `drop_down`, `radio_button`, `checkbox`) as the answer has it, empty where it has none; `options` are
    the labels that can be chosen, in order.
    """

    identifier: str
    type: str
    options: tuple[str, ...] = ()


def description_kind(value: JsonValue) -> str | None:
    """Which description a JSON value is, or None."""
    if isinstance(value, dict) and "field_identifier" in value:
        return "custom_fields"
    return next((kind for kind in sorted(DESCRIPTION_KINDS) if _found(value, kind) is not None), None)


def read_custom_fields(path: Path) -> tuple[CustomField, ...]:
    """The account's own fields, in the order of the answer, each identifier once.

    Entries without an identifier are passed over: no column can be named after them.

    Raises ExportUnreadable, JsonBroken, or WrongKind where the file tells of no custom fields.
    """
    value = _decoded(path)
    is_bare = isinstance(value, list) and any(description_kind(entry) == "custom_fields" for entry in value)
    found = value if is_bare else _found(value, "custom_fields")
    if found is None:
        raise WrongKind(path, description_kind(value))
    fields = (_custom_field(entry) for entry in entries(found) if isinstance(entry, dict))
    return tuple({one.identifier: one for one in fields if one.identifier}.values())


def read_account_names(path: Path) -> tuple[str, ...]:
    """The account's tags, lists or sequences by name, whichever the file tells of, each once.

    Raises ExportUnreadable, JsonBroken, or WrongKind where the file tells of none of them.
    """
    value = _decoded(path)
    for kind in _ACCOUNT_KINDS:
        if (found := _found(value, kind)) is not None:
            single = kind.removeprefix("account_").removesuffix("s")
            return tuple(dict.fromkeys(names_of(entries(found), f"{single}_name", "name")))
    raise WrongKind(path, description_kind(value))


def _decoded(path: Path) -> JsonValue:
    try:
        written = path.read_bytes().decode(fingerprint(path).encoding, errors="replace")
        return decode(written)
    except OSError as refusal:
        raise ExportUnreadable(path, refusal) from refusal
    except NotJson as error:
        raise JsonBroken(path, str(error)) from error


def _found(value: JsonValue, key: str) -> JsonValue | None:
    """What stands under `key` in the answer, or in one of the actions it answers to."""
    return next((of[key] for of in _objects(value) if isinstance(of.get(key), dict | list)), None)


def _objects(value: JsonValue) -> Iterator[Object]:
    """{"custom_fields": …}, or {"actions": [{"retrieve_custom_fields": {"custom_fields": …}}]} at one of its levels."""
    if not isinstance(value, dict):
        return
    yield value
    for action in entries(value.get("actions")):
        if isinstance(action, dict):
            yield action
            yield from (answer for answer in action.values() if isinstance(answer, dict))


def _custom_field(entry: Object) -> CustomField:
    # Text under `field_value` is what somebody answered, no option.
    options = next((entry[key] for key in _OPTION_KEYS if isinstance(entry.get(key), dict | list)), None)
    labels = names_of(entries(options), "option_value", "value", "label", "name")
    return CustomField(
        identifier=own_column(field(entry, "field_identifier", "identifier")),
        type=field(entry, "field_type", "type").strip().lower(),
        options=tuple(dict.fromkeys(labels)),
    )
