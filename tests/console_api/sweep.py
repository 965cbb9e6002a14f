"""Everything a console shows: each list to its end, each thing in it, as data, as a page and as a file."""

from collections import Counter
from typing import Any

from tests.console_api.world import Shown

_LISTS = ("records", "events", "holds", "files", "runs")


def _get(shown: Shown, path: str, **query: Any) -> str:
    answer = shown.client.get(path, params={name: value for name, value in query.items() if value is not None})
    assert answer.status_code == 200, f"{path} {query}: {answer.status_code} {answer.text[:300]}"
    return answer.text


def everything(shown: Shown, stream: str | None = None) -> dict[str, str]:
    """What stands at every address, by the address: of records and events a few of each kind, or those of a stream."""
    texts: dict[str, str] = {}
    for root in ("/api/v1/ledgers/ledger", "/ledgers/ledger"):
        for path, query in _addresses(shown, stream):
            texts[f"{root}{path} {query}"] = _get(shown, f"{root}{path}", **query)
    for name in _LISTS:
        for shape in ("csv", "jsonl"):
            path = f"/ledgers/ledger/download/{name}.{shape}"
            texts[path] = _get(shown, path)
    for one in shown.api("/files")["items"]:
        for shape in ("csv", "jsonl"):
            path = f"/ledgers/ledger/download/rows.{shape}"
            texts[f"{path} {one['file']}"] = _get(shown, path, file=one["file"])
    return texts


def _addresses(shown: Shown, stream: str | None) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = [("", {})]
    found += [(f"/{name}", {"limit": 500} if name != "runs" else {}) for name in ("records", "holds", "files", "runs")]
    found += [("/events", {"limit": 500}), ("/events", {"limit": 500, "oldest_first": "true"})]
    found += [("/mappings", {}), ("/reports", {})]
    found += [("/holds", {"state": state, "limit": 500}) for state in ("released", "corrected", "abandoned", "erased")]
    found += [(f"/files/{one['file']}", {"limit": 500}) for one in shown.api("/files")["items"]]
    found += [(f"/runs/{one['run_id']}", {}) for one in shown.api("/runs")["items"]]
    found += [
        (f"/{name}/{one['position']}", {}) for name in ("mappings", "reports") for one in shown.api(f"/{name}")["items"]
    ]
    records, events = shown.pages("/records", limit=500), shown.pages("/events", limit=500)
    if stream is None:
        records, events = _few(records, "object", {"person": 12}, 2), _few(events, "type", {}, 2)
    else:
        records, events = ([one for one in some if one["source_key"] == stream] for some in (records, events))
    found += [("/record", {"key": one["source_key"], "object": one["object"]}) for one in records]
    return found + [(f"/events/{one['position']}", {}) for one in events]


def _few(items: list[dict[str, Any]], by: str, most: dict[str, int], else_: int) -> list[dict[str, Any]]:
    """The first items of each kind."""
    seen: Counter[str] = Counter()
    chosen = []
    for one in items:
        seen[one[by]] += 1
        if seen[one[by]] <= most.get(one[by], else_):
            chosen.append(one)
    return chosen
