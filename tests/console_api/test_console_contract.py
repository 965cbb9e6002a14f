"""The API keeps to its own description, whatever is asked: real requests, made up from that description."""

from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from litestar.serialization import encode_json
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from adapters.console.access import access_to
from adapters.console.app import create_app
from adapters.console.shelf import Shelf
from commands.showing import settings_of
from tests.console_api.world import Shown, rows_of

_NOWHERE = Path("nowhere")


def _document() -> dict[str, Any]:
    access = access_to(_NOWHERE, host="127.0.0.1")
    app = create_app(Shelf(settings_of((), mask=False, twenty_url=None)), access)
    return msgspec.json.decode(encode_json(app.openapi_schema.to_schema()), type=dict[str, Any])


DOCUMENT = _document()
schema = schemathesis.openapi.from_dict(DOCUMENT)
_settings = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def real(shown: Shown) -> dict[str, list[Any]]:
    """What the ledger really has, by the name that a parameter has for it."""
    streams = [one for (one,) in rows_of(shown.ledger, "SELECT source_key FROM record LIMIT 40")]
    return {
        "run": [run for (run,) in rows_of(shown.ledger, "SELECT DISTINCT run_id FROM event")],
        "file": [file for (file,) in rows_of(shown.ledger, "SELECT DISTINCT file FROM export")],
        "key": streams,
        "stream": streams,
        "twenty_id": [one for (one,) in rows_of(shown.ledger, "SELECT twenty_id FROM record LIMIT 40")],
        "object": [one for (one,) in rows_of(shown.ledger, "SELECT DISTINCT object FROM record")],
        "q": [*streams, "dua@kartra.example", "örtegass", "100%"],
        "position": list(range(1, 801)),
        "cursor": [None],
    }


def _made_real(case: Any, real: dict[str, list[Any]]) -> None:
    """Ask of this ledger, and every other time for what it has."""
    if len(str(case.path_parameters.get("ledger", ""))) <= 200:
        case.path_parameters["ledger"] = "ledger"
    draw = Random(f"{case.path_parameters} {case.query}")
    for asked in (case.path_parameters, case.query or {}):
        for name in sorted(set(asked) & set(real)):
            if isinstance(asked[name], str | int) and draw.random() < 0.5 and (found := draw.choice(real[name])):
                asked[name] = found


@pytest.mark.parametrize("examples", [5, pytest.param(100, marks=pytest.mark.soak)])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_whatever_is_asked_is_answered_as_described(
    path: str, mode: GenerationMode, examples: int, shown: Shown, real: dict[str, list[Any]]
) -> None:
    """No defect, no status, type, header or body that the description does not have; by sense and by nonsense."""
    operation = schema[path]["GET"]
    if mode is GenerationMode.NEGATIVE and not DOCUMENT["paths"][path]["get"].get("parameters"):
        return  # nothing can be asked for wrongly

    @settings(_settings, max_examples=examples)
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        _held_to_its_description(case, shown, real)

    ask()


def _held_to_its_description(case: Any, shown: Shown, real: dict[str, list[Any]]) -> None:
    _made_real(case, real)
    cursor = "cursor" in (case.query or {})
    scope = "rollback-plan" in case.path
    answer = case.call(base_url=shown.url)
    counting = answer.status_code == 503 and answer.json()["error"]["code"] == "not_counted"
    excluded = [positive_data_acceptance] if cursor or scope else []
    case.validate_response(answer, excluded_checks=[*excluded, *([not_a_server_error] if counting else [])])
    assert answer.status_code in (200, 400, 404) or counting


def _operations() -> dict[str, dict[str, Any]]:
    return {path: methods["get"] for path, methods in DOCUMENT["paths"].items()}


def test_every_answer_and_refusal_is_described() -> None:
    """Every path only reads; every refusal has the one shape; an optional token; stamps, and 304 where one is sure."""
    counted = {
        "/api/v1/ledgers", "/api/v1/ledgers/{ledger}", "/api/v1/ledgers/{ledger}/rollback-plan",
        "/api/v1/ledgers/{ledger}/pointing",
    }  # fmt: skip
    assert all(set(methods) == {"get"} for methods in DOCUMENT["paths"].values())
    for path, operation in _operations().items():
        told = operation["responses"]
        sure = set() if path in counted else {"304"}
        assert set(told) == {"200", "400", "401", "404", "405", "421", "429", "503"} | sure
        shapes = {told[status]["content"]["application/json"]["schema"]["$ref"] for status in told if status >= "400"}
        assert shapes == {"#/components/schemas/Refusal"}
        stamps = told["200"].get("headers", {})
        assert set(stamps) == (set() if path == "/api/v1/ledgers" else {"ETag", "Last-Modified"})
        assert all(one["schema"] == {"type": "string"} for one in stamps.values())
    assert DOCUMENT["security"] == [{"bearer": []}, {}]
    assert DOCUMENT["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"


def test_every_list_has_a_cursor_and_every_parameter_its_words() -> None:
    """Of lists that may be long; and nothing is asked for without saying what it means."""
    given = {path: {one["name"]: one for one in op.get("parameters", [])} for path, op in _operations().items()}
    lists = {path for path, names in given.items() if {"cursor", "limit"} <= set(names)}
    assert {path.rpartition("/")[2] for path in lists} == {
        "records", "events", "{file}", "holds", "runs", "reports", "mappings",
    }  # fmt: skip
    assert all(one["description"] for names in given.values() for one in names.values())
    assert "written" in given["/api/v1/ledgers/{ledger}/records"]["state"]["schema"]["enum"]
    assert "RecordCreated" in given["/api/v1/ledgers/{ledger}/events"]["type"]["schema"]["enum"]


def test_the_description_is_the_one_that_is_served(shown: Shown) -> None:
    """At its address, and always the same."""
    served = shown.client.get("/api/v1/openapi.json")
    assert served.json() == DOCUMENT
    assert served.headers["content-type"].startswith(("application/json", "application/vnd.oai.openapi+json"))
