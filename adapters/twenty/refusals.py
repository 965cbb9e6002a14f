"""Which rows of a refused batch Twenty means: it names a field and a value, never a row (GRAPHQL section 4).

Twenty prints values the way its JavaScript does (`'text'`, `[ 'A' ]`, `"OPTION"`), so the comparison is made with
what a value looks like there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.twenty.errors import InvalidPhone, InvalidValue, TwentyError, UnknownField

Row = Mapping[str, Any]

_MISSING = object()
_QUOTED = re.compile(r"""(['"`])((?:\\.|(?!\1).)*)\1""", re.DOTALL)
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\r": "\r", r"\b": "\b", r"\f": "\f", r"\v": "\v"}


def locate(rows: Sequence[Row], error: TwentyError) -> list[int]:
    """Find the positions of the rows an error means. Empty: it does not tell, so the caller bisects."""
    if isinstance(error, UnknownField):
        return [at for at, row in enumerate(rows) if _at_path(row, error.field) is not _MISSING]
    if isinstance(error, InvalidValue) and error.field is None:
        return [at for at, row in enumerate(rows) if _is_unstorable(row)]
    if isinstance(error, InvalidValue) and error.field is not None and error.value is not None:
        return [at for at, row in enumerate(rows) if _reads_as(_at_path(row, error.field), error.value)]
    if isinstance(error, InvalidPhone) and error.value is not None:
        return [at for at, row in enumerate(rows) if error.value in _phone_texts(row)]
    return []


def _at_path(row: Row, path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        if not isinstance(value, Mapping) or name not in value:
            return _MISSING
        value = value[name]
    return value


def _reads_as(value: Any, printed: str) -> bool:
    """Say whether `printed` is how Twenty writes `value`, or a part of it where it is a list."""
    if value is _MISSING:
        return False
    if value is None:
        return printed == "null"
    if printed == "NaN":
        return not _is_number(value)
    texts = _quoted_texts(printed) or [printed]
    if isinstance(value, list):
        return all(text in [str(item) for item in value] for text in texts)
    if isinstance(value, bool):
        return printed == str(value).lower()
    return str(value) in {*texts, printed}


def _quoted_texts(printed: str) -> list[str]:
    return [_unescaped(found[2]) for found in _QUOTED.finditer(printed)]


def _unescaped(text: str) -> str:
    return re.sub(r"\\.", lambda found: _ESCAPES.get(found[0], found[0][1]), text)


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_unstorable(value: Any) -> bool:
    """Say whether a NUL or a lone surrogate stands anywhere in it: Twenty refuses these without a name."""
    if isinstance(value, str):
        return _UNSTORABLE.search(value) is not None
    if isinstance(value, Mapping):
        return any(_is_unstorable(part) for part in value.values())
    return isinstance(value, list | tuple) and any(_is_unstorable(part) for part in value)


def _phone_texts(row: Row) -> set[str]:
    """Every number and country code a row would send, whichever field they are in."""
    return {text for value in row.values() if isinstance(value, Mapping) for text in _of_phones(value)}


def _of_phones(value: Mapping[str, Any]) -> Iterator[str]:
    for name in ("primaryPhoneNumber", "primaryPhoneCountryCode", "primaryPhoneCallingCode"):
        if isinstance(text := value.get(name), str):
            yield text
    for other in value.get("additionalPhones") or ():
        if isinstance(other, Mapping):
            yield from (text for text in other.values() if isinstance(text, str))
