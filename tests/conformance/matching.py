"""Whether an answer of the sandbox equals a recorded one, but for ids, times, cursors and generated names.

The comparison is structural: same keys, same types, same values. What a server makes up is bound on first sight (see
`binding`) and must stand for the same thing ever after; a cursor is compared by what it holds.
"""

import base64
import binascii
import re
from typing import Any

import msgspec

from tests.conformance.binding import NAME, TIME, Bindings, is_server_time
from tests.conformance.recordings import Exchange

_CURSOR = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_COUNTED_UP = frozenset({"metadataVersion"})
_MADE_UP = frozenset({"databaseSchema", "displayName", "subdomain", "subdomainUrl"})
_SCHEMA_PARTS = re.compile(r"response\.data\.__(?:type|schema)\..*(?:fields|inputFields|args|enumValues)")
_ANY_ORDER = re.compile(r"response\.data\.(?:(?:delete|restore|destroy|update)\w+|\w+GroupBy|objects\.edges)")


class Matcher:
    """Compares the answers to one exchange. `differences` lists what is not equal, each with its path."""

    def __init__(self, exchange: Exchange, bindings: Bindings) -> None:
        self._exchange = exchange
        self._bindings = bindings
        self.differences: list[str] = []

    def compare(self, status: int | None, body: Any) -> list[str]:
        """Every difference between the recorded answer and this one; empty when they match."""
        if status != self._exchange.status:
            self._differ("status", self._exchange.status, status)
        self._match(self._exchange.body, body, "response")
        return self.differences

    def _differ(self, path: str, recorded: Any, ours: Any) -> None:
        self.differences.append(f"{path}: recorded {_short(recorded)}, sandbox {_short(ours)}")

    def _match(self, recorded: Any, ours: Any, path: str) -> None:
        if isinstance(recorded, dict) and isinstance(ours, dict):
            self._match_objects(recorded, ours, path)
        elif isinstance(recorded, list) and isinstance(ours, list):
            self._match_lists(recorded, ours, path)
        elif isinstance(recorded, str) and isinstance(ours, str):
            self._match_texts(recorded, ours, path)
        elif recorded != ours or isinstance(recorded, bool) is not isinstance(ours, bool):
            self._differ(path, recorded, ours)

    def _match_objects(self, recorded: dict[str, Any], ours: dict[str, Any], path: str) -> None:
        for key in dict.fromkeys((*recorded, *ours)):
            if key not in ours or key not in recorded:
                self._differ(f"{path}.{key}", recorded.get(key, "absent"), ours.get(key, "absent"))
            elif not (key in _COUNTED_UP | _MADE_UP and type(recorded[key]) is type(ours[key])):
                self._match(recorded[key], ours[key], f"{path}.{key}")

    def _match_lists(self, recorded: list[Any], ours: list[Any], path: str) -> None:
        cuts = [cut for cut in self._exchange.shortened.get(path, ()) if cut.shown == len(recorded)]
        if len(ours) not in ([cut.full for cut in cuts] or [len(recorded)]):
            self._differ(f"{path} length", [cut.full for cut in cuts] or len(recorded), len(ours))
        elif cuts and _ANY_ORDER.fullmatch(path):
            for shown in recorded:
                self._match_somewhere(shown, ours, f"{path}[]")
        else:
            for shown, own in self._paired(recorded, ours, path):
                self._match(shown, own, f"{path}[]")

    def _paired(self, recorded: list[Any], ours: list[Any], path: str) -> list[tuple[Any, Any]]:
        """Element by element; by name where a schema lists its parts, by id where those are the server's own."""
        if _SCHEMA_PARTS.fullmatch(path):
            return list(zip(sorted(recorded, key=_name), sorted(ours, key=_name), strict=False))
        wanted = [self._bindings.chosen_by_server(_id(shown)) for shown in recorded]
        rest = [own for own in ours if _id(own) not in wanted]
        by_id = {_id(own): own for own in ours}
        pairs = []
        for shown, own_id in zip(recorded, wanted, strict=True):
            found = by_id.pop(own_id, None) if own_id else None
            pairs.append((shown, found if found is not None else rest.pop(0) if rest else "nothing"))
        return pairs

    def _match_somewhere(self, recorded: Any, ours: list[Any], path: str) -> None:
        """One of the shown elements of a shortened list whose order the server does not promise."""
        candidates = [own for own in ours if self._may_be(recorded, own)]
        if candidates:
            self._match(recorded, candidates[0], path)
        else:
            self._differ(path, recorded, "no such element")

    def _may_be(self, recorded: Any, ours: Any) -> bool:
        """Whether an element may be the recorded one: by its id where it has one, else by being equal."""
        return self._bindings.may_bind(_id(recorded), _id(ours)) if _id(recorded) else bool(recorded == ours)

    def _match_texts(self, recorded: str, ours: str, path: str) -> None:
        held = _cursor(recorded), _cursor(ours)
        if None not in held:
            self._match(*held, f"{path}(cursor)")
        elif is_server_time(recorded):
            if TIME.fullmatch(ours) is None or not self._bindings.bind(recorded, ours):
                self._differ(path, recorded, ours)
        elif NAME.sub("\0", recorded) != NAME.sub("\0", ours):
            self._differ(path, recorded, ours)
        else:
            self._match_names(recorded, ours, path)

    def _match_names(self, recorded: str, ours: str, path: str) -> None:
        for name, own in zip(NAME.findall(recorded), NAME.findall(ours), strict=True):
            if not self._bindings.bind(name, own):
                self._differ(path, name, own)


def _cursor(text: str) -> Any:
    """What a cursor holds: a JSON object, or the text of a metadata cursor; None for any other text."""
    if _CURSOR.fullmatch(text) is None:
        return None
    try:
        plain = base64.b64decode(text, validate=True).decode()
        return plain if plain.startswith("arrayconnection:") else msgspec.json.decode(plain, type=dict[str, Any])
    except (binascii.Error, UnicodeDecodeError, msgspec.DecodeError):
        return None


def _name(part: Any) -> str:
    return str(part["name"])


def _id(element: Any) -> str:
    """What a list's element is known by: its id, or its node's; empty where it has none."""
    inner = element.get("node", element) if isinstance(element, dict) else {}
    return str(inner.get("id", "")) if isinstance(inner, dict) else ""


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}…"
