"""Every address of the console, as its own table of routes has them."""

import re
from pathlib import Path
from typing import Any

from litestar.routes import HTTPRoute

from adapters.console.access import access_to
from adapters.console.app import create_app
from adapters.console.shelf import Shelf
from commands.showing import settings_of
from tests.console_api.world import Shown, rows_of

_NOWHERE = Path("nowhere")
_PART = re.compile(r"\{(\w+):?\w*\}")

APP = create_app(Shelf(settings_of((), mask=False, twenty_url=None)), access_to(_NOWHERE, host="127.0.0.1"))
_ROUTES = [one for one in APP.routes if isinstance(one, HTTPRoute)]
PATHS = sorted({route.path_format for route in _ROUTES} - {"/api/v1", "/api/v1/{path}"})
"""Every path, its parameters as `{name}`; without what Litestar keeps for viewers of the description."""

ENDLESS = frozenset({"/ledgers/{ledger}/live"})
"""What goes on until the reader leaves."""

LOGIN = frozenset({"/login", "/logout"})
"""Where something may be sent to."""


def _kinds(route: HTTPRoute) -> dict[str, str]:
    found = {}
    for handler in route.route_handlers:
        for field in handler.parsed_fn_signature.parameters.values():
            said = field.kwarg_definition
            if field.name in route.path_parameters or field.name in ("request", "scope"):
                continue
            name = getattr(said, "name", None) or field.name
            found[name] = "number" if field.has_inner_subclass_of(int) or field.annotation is int else "text"
    return found


QUERIES: dict[str, dict[str, str]] = {
    one.path_format: kinds for one in _ROUTES if one.path_format in PATHS and (kinds := _kinds(one))
}
"""What may be asked behind a path: the name of each parameter, and whether it is a number or a text."""


def places(path: str) -> list[str]:
    """The parameters of a path."""
    return _PART.findall(path)


def filled(path: str, shown: Shown, /, **said: Any) -> str:
    """A path with real things in it, but for what is said."""
    real = {
        "ledger": "ledger",
        "run": rows_of(shown.ledger, "SELECT run_id FROM event LIMIT 1")[0][0],
        "file": rows_of(shown.ledger, "SELECT file FROM export LIMIT 1")[0][0],
        "position": 7,
        "name": "events.jsonl",
        "stamp": "000000000000",
    }
    return _PART.sub(lambda found: str({**real, **said}[found[1]]), path)
