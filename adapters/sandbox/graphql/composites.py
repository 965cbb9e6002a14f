"""Composite values of `data`, as columns to write.

A subfield that is left out keeps its value, with Twenty's two exceptions: an `emails` without primaryEmail blanks it,
and links are always written whole (FACTS section 7, GRAPHQL section 3).
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from adapters.sandbox.fieldtypes import ACTOR_SOURCES, COMPOSITES, capitalised
from adapters.sandbox.graphql import links, phones
from adapters.sandbox.graphql.blocks import blocknote
from adapters.sandbox.graphql.refusals import INVALID_DATA, bad_value, inspect
from adapters.sandbox.graphql.scalars import json_list, number, one_of, text
from adapters.sandbox.model import FieldMeta
from adapters.sandbox.protocol import Refusal
from adapters.sandbox.stored import json_text

_EMAIL = re.compile(r"[^\s@\"]{1,64}@[^\s@]{1,255}")
_WORDS = {
    "FULL_NAME": "full name",
    "EMAILS": "emails",
    "PHONES": "phones",
    "LINKS": "links",
    "CURRENCY": "currency",
    "ADDRESS": "address",
    "ACTOR": "actor",
    "RICH_TEXT": "rich text",
}


def composite(field: FieldMeta, value: Any) -> dict[str, Any]:
    """Column names and stored values of a composite; none for null, which changes nothing."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        message = f'Invalid object value {inspect(value)} for field "{field.name}"'
        raise Refusal(message, sub_code=INVALID_DATA, friendly="Invalid value for JSON.")
    _check_names(field, value)
    parts = _PARTS[field.type](field.name, value)
    return {field.name + capitalised(sub): stored for sub, stored in parts.items()}


def _check_names(field: FieldMeta, value: Mapping[str, Any]) -> None:
    known = {sub.name for sub in COMPOSITES[field.type]}
    for name in value:
        if name not in known:
            words = _WORDS[field.type]
            message = f'Invalid subfield {name} for {words} field "{field.name}"'
            raise Refusal(message, sub_code=INVALID_DATA, friendly=f"Invalid value for {words}.")


def _text_or_null(value: Any, path: str) -> str | None:
    return None if value is None else text(value, path)


def _texts(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {sub: _text_or_null(item, f"{name}.{sub}") for sub, item in value.items()}


def _emails(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {"primaryEmail": _email(value.get("primaryEmail"), f"{name}.primaryEmail")}
    if "additionalEmails" in value:
        path = f"{name}.additionalEmails"
        entries = _list(value["additionalEmails"])
        parts["additionalEmails"] = json_list([_email(entry, path) for entry in entries])
    return parts


def _email(value: Any, path: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not _EMAIL.fullmatch(value):
        message = f'Invalid string value {inspect(value)} for email field "{path}"'
        raise bad_value(message, "Invalid value", value)
    return value.lower()


def _list(value: Any) -> list[Any]:
    """A list as sent, as JSON text, or a lone value; null is empty."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return [value]
    return value if isinstance(value, list) else [] if value is None else [value]


def _phones(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    primary = ("primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode")
    given = {sub: _text_or_null(value[sub], f"{name}.{sub}") for sub in primary if sub in value}
    phone = phones.normalised(*(given.get(sub) or "" for sub in primary))
    found = zip(primary, (phone.number, phone.country, phone.calling), strict=True)
    parts: dict[str, Any] = {sub: part or None for sub, part in found if part or sub in given}
    if "additionalPhones" in value:
        entries = _list(value["additionalPhones"])
        parts["additionalPhones"] = json_list([phones.additional(_mapping(entry, name)) for entry in entries])
    return parts


def _mapping(entry: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping):
        message = f'Invalid object value {inspect(entry)} for field "{name}.additionalPhones"'
        raise Refusal(message, sub_code=INVALID_DATA, friendly="Invalid value for JSON.")
    return entry


def _links(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    given = _text_or_null(value.get("primaryLinkUrl"), f"{name}.primaryLinkUrl")
    label = _text_or_null(value.get("primaryLinkLabel"), f"{name}.primaryLinkLabel")
    url = links.normalised(given) if given else None
    others = links.secondary(_list(value.get("secondaryLinks")))
    if url is None and others:
        promoted = others.pop(0)
        url, label = promoted["url"], promoted["label"] or None
    return {
        "primaryLinkUrl": url,
        "primaryLinkLabel": label if url else None,
        "secondaryLinks": json_list(others),
    }


def _currency(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    if "amountMicros" in value:
        parts["amountMicros"] = _micros(value["amountMicros"], f"{name}.amountMicros")
    if "currencyCode" in value:
        parts["currencyCode"] = _text_or_null(value["currencyCode"], f"{name}.currencyCode")
    return parts


def _micros(value: Any, path: str) -> float | None:
    """Digits in a string are a number; decimals are cut off."""
    if value is None or value == "":
        return None
    try:
        parsed = float(value) if isinstance(value, str) else value
        whole = int(value) if isinstance(value, str) and float(value).is_integer() else None
    except (ValueError, OverflowError) as error:
        message = f'Invalid number value NaN for field "{path}"'
        raise Refusal(message, sub_code=INVALID_DATA, friendly='Invalid value for number: "NaN"') from error
    return number(int(number(parsed, path) or 0) if whole is None else whole, path)


def _address(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    places = {sub: value[sub] for sub in value if sub in ("addressLat", "addressLng")}
    lines = {sub: item for sub, item in value.items() if sub not in places}
    points = {sub: None if item is None else number(item, f"{name}.{sub}") for sub, item in places.items()}
    return _texts(name, lines) | points


def _actor(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """workspaceMemberId is ignored: an API key is no member (FACTS section 1)."""
    parts: dict[str, Any] = {}
    if value.get("source") is not None:
        parts["source"] = one_of(value["source"], f"{name}.source", ACTOR_SOURCES)
    if "name" in value:
        parts["name"] = _text_or_null(value["name"], f"{name}.name")
    if "context" in value:
        parts["context"] = None if value["context"] is None else json_text(value["context"])
    return parts


def _rich_text(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    parts = _texts(name, value)
    if parts.get("markdown") and not parts.get("blocknote"):
        parts["blocknote"] = blocknote(parts["markdown"])
    return parts


_PARTS: dict[str, Callable[[str, Mapping[str, Any]], dict[str, Any]]] = {
    "FULL_NAME": _texts,
    "EMAILS": _emails,
    "PHONES": _phones,
    "LINKS": _links,
    "CURRENCY": _currency,
    "ADDRESS": _address,
    "ACTOR": _actor,
    "RICH_TEXT": _rich_text,
}
