"""Values nobody means: numbers beyond all bounds, text that is no text, cursors of nobody's."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from adapters.console.cursors import cursor
from tests.console_api.routes import ENDLESS, PATHS, QUERIES, filled, places
from tests.console_api.world import Shown

NUMBERS = ["0", "-1", "1.5", "", "١", "NaN", str(2**53), str(2**63), str(2**64), "9" * 400]
TEXTS = ["", "%00", "a%00b", "%ED%A0%80", "%C0%AE", "%E2%80%AE", "_%25%5C", "%0D%0AX:y", "%27--", ":1", "a:999999999",
         "x" * 3000]  # fmt: skip
FEW = ["%00", "%ED%A0%80", str(2**64)]
"""For pages and downloads, which read what the API reads."""


def _word(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


CURSORS = [
    "a", "%00", "%ED%A0%80", "x" * 5000, "ü", *map(_word, [
        b"null", b"-1", b"1e999", b"9" * 30, b"-" + b"9" * 30, b"9223372036854775808", b"[" * 2000, b"\xff\xfe",
        b'["a",1]', b'["a","b"]', b'["a","b","c"]', b'["a",9223372036854775808]', b'["\\u0000","\\u0000","\\u0000"]',
        b'["\\ud800",1]', b'["a",-1]',
    ]),
]  # fmt: skip


def ask(shown: Shown, path: str, query: str) -> int:
    """The status of an answer to an address just as it is written; a refusal has its one shape."""
    answer = shown.client.get(f"{shown.url}{path}?{query}")
    if path.startswith("/api/") and answer.status_code >= 400:
        error = answer.json()["error"]
        assert set(error) == {"code", "message"} and error["code"] != "defect"
        assert "\n" not in error["message"]
        return 400 if error["code"] == "not_counted" else answer.status_code
    return answer.status_code


def _asked() -> Iterator[tuple[str, str]]:
    for path in PATHS:
        for name, kind in QUERIES.get(path, {}).items():
            odd = CURSORS if name == "cursor" else NUMBERS if kind == "number" else TEXTS
            odd = odd if path.startswith("/api/") else [*FEW, CURSORS[-1]]
            yield from ((path, f"{name}={value}") for value in odd)


@pytest.mark.parametrize("path", sorted(QUERIES))
def test_no_odd_value_is_a_defect(shown: Shown, path: str) -> None:
    """In every query parameter of every route of pages, downloads and the API: an answer, or a refusal."""
    asked = [(one, query) for one, query in _asked() if one == path]
    found = {query: status for _, query in asked if (status := ask(shown, filled(path, shown), query)) >= 500}
    assert found == {}


@pytest.mark.parametrize("path", [one for one in PATHS if "{" in one and one not in ENDLESS])
def test_no_odd_part_of_a_path_is_a_defect(shown: Shown, path: str) -> None:
    """Nor in the path itself."""
    found = {}
    for place in places(path):
        for value in [*FEW, "-1", "%0D%0AX:y", "x" * 3000]:
            status = ask(shown, filled(path, shown, **{place: value}), "key=a")
            if status not in (400, 404):
                found[place, value] = status
    assert found == {}


def test_a_cursor_is_for_its_own_list_alone(shown: Shown) -> None:
    """One of another list, or with other conditions, is refused, or shows what lies behind it; it never shows all."""
    positions = shown.api("/events", limit=5)["next"]
    for path in ("/records", "/holds"):
        where = f"/api/v1/ledgers/ledger{path}"
        assert shown.failure(where, 400, cursor=positions)["code"] == "bad_cursor"
    where = "/api/v1/ledgers/ledger/records"
    by_key = shown.api("/records", limit=5)["next"]
    assert shown.failure(where, 400, cursor=by_key, state="written")["code"] == "bad_cursor"
    of_state = shown.api("/records", limit=5, state="written")["next"]
    assert shown.failure(where, 400, cursor=of_state)["code"] == "bad_cursor"
    assert shown.failure(where, 400, cursor=of_state, q="a")["code"] == "bad_cursor"


@pytest.mark.parametrize("end", [10**30, -(10**30), 2**63])
def test_no_position_is_too_far(shown: Shown, end: Any) -> None:
    """A number that SQLite does not know is no place in any list."""
    assert shown.failure("/api/v1/ledgers/ledger/events", 400, cursor=cursor(end))["code"] == "bad_cursor"


def test_much_may_be_asked_at_once(shown: Shown) -> None:
    """A scope of many records, an address of many kilobytes: answered or refused, in one line."""
    many = "&".join(f"record={quote(str(number))}" for number in range(300))
    assert ask(shown, "/api/v1/ledgers/ledger/rollback-plan", many) in (400, 503)
    assert ask(shown, "/api/v1/ledgers/ledger/records", "q=" + "x" * 20_000) == 400
