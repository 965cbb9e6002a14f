"""A masked console shows nobody: no value of anybody's rows in any answer, page or download."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.console_api.sweep import everything
from tests.console_api.world import Shown, rows_of, showing

_PERSONAL = re.compile(
    r"mail|phone|name|address|city|zip|postal|note|street|username|buyer|body|text|comment|website|company",
    re.IGNORECASE,
)
_NOBODY = re.compile(r"affiliate_?link|product|sequence|list_?name|file", re.IGNORECASE)
_CODE = re.compile(r"[A-Z]{2,4}|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[\d\s.,:/+-]*|true|false|yes|no", re.IGNORECASE)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(str(key), part)
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(name, part)
    elif isinstance(value, str):
        yield name, value


def values_of(ledger: Path) -> set[str]:
    """What the rows say of persons: the values of their columns, four characters and more, and no plain code."""
    bodies = rows_of(ledger, "SELECT body FROM payload JOIN source_row ON hash IN (payload_hash, original_hash)")
    cells = (leaf for (body,) in bodies for leaf in _leaves("", json.loads(body)["value"].get("cells", {})))
    said = {value.strip() for name, value in cells if _PERSONAL.search(name) and not _NOBODY.search(name)}
    return {one for one in said if len(one) >= 4 and not _CODE.fullmatch(one)}


@pytest.fixture(scope="module")
def masked(history: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """A console that masks."""
    tokens = tmp_path_factory.mktemp("masked") / "console.toml"
    with showing(history / "ledger.db", tokens=tokens, mask=True) as console:
        yield console


def test_no_value_of_anybodys_is_shown(masked: Shown) -> None:
    """Every answer of the API, every page and every download is held against every value of every row."""
    values = values_of(masked.ledger)
    assert {"dua@kartra.example", "Örtegaß", "Smyrnadorf", "Heldegard"} <= values
    assert len(values) > 150
    found = [(one, path) for path, text in everything(masked).items() for one in values if one in text]
    assert sorted(found)[:10] == []


def test_without_a_mask_they_are(shown: Shown) -> None:
    """The same look finds them where nothing is masked, in the API, on a page and in a download."""
    [(stream, file)] = rows_of(
        shown.ledger, "SELECT source_key, file FROM source_row WHERE source_key = 'contact:901' LIMIT 1"
    )
    for path in (f"/api/v1/ledgers/ledger/record?key={stream}", f"/ledgers/ledger/record?key={stream}",
                 f"/ledgers/ledger/download/rows.csv?file={file}"):  # fmt: skip
        told = shown.client.get(path).text
        assert all(one in told for one in ("dua@kartra.example", "Örtegaß", "Smyrnadorf"))


def test_what_is_nobodys_stays(masked: Shown, shown: Shown) -> None:
    """Ids, hashes, days, counts and places are as they were."""
    for path in ("/events", "/records", "/holds"):
        plain, short = shown.pages(path, limit=500), masked.pages(path, limit=500)
        for name in ("position", "id", "twenty_id", "payload_hash", "hash", "source", "recorded_at", "since", "state"):
            assert [one.get(name) for one in short] == [one.get(name) for one in plain]
    [(stream,)] = rows_of(masked.ledger, "SELECT source_key FROM record WHERE label LIKE 'Dúa%'")
    told = masked.api("/record", key=stream)["story"]
    assert told["rows"][0]["place"] == shown.api("/record", key=stream)["story"]["rows"][0]["place"]
    assert told["record"]["label"] == "D… Ö…"


def test_one_looks_for_somebody_behind_the_mask(masked: Shown) -> None:
    """Who knows an e-mail finds its record, and is told no more than where it is."""
    found = masked.api("/records", q="dua@kartra.example")["items"]
    assert [one["found_by"] for one in found if one["object"] == "person"] == ["e-mail"]
    assert "kartra.example" not in json.dumps(found)
