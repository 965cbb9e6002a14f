"""Pages from templates: every value escaped, made visible and cut to what a person reads."""

from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response
from markupsafe import Markup

from adapters.console import assets
from adapters.console.answers import Failure, Plain, shelf_of
from adapters.console.opened import At
from adapters.console.pages import charts, figures, structure
from adapters.console.pages.schemas import kind_of
from adapters.console.pages.words import REASONS, STATES
from adapters.reports.text import LONGEST, visible
from ledger.stages import STAGE_OF

_HTML = "text/html"


def page(request: Plain, template: str, slug: str | None, at: At | None, **context: Any) -> Response[str]:
    """A page about a ledger (or about none) as it is at a moment."""
    return Response(html(request, template, slug, at, **context), media_type=_HTML)


def html(request: Plain, template: str, slug: str | None, at: At | None, **context: Any) -> str:
    """The same as text."""
    shelf = shelf_of(request)
    return (
        environment()
        .get_template(template)
        .render(
            slug=slug,
            at=at,
            ledgers=list(shelf.ledgers),
            masked=shelf.settings.mask,
            twenty_url=shelf.settings.twenty_url,
            path=request.url.path,
            query=dict(request.query_params),
            who=request.scope.get("state", {}).get("who"),
            **context,
        )
    )


def error_page(request: Plain, status: int, failure: Failure) -> Response[str]:
    """A refusal for a person: what is so, and where to go on."""
    return Response(_refusal(status, failure, request.url.path), status_code=status, media_type=_HTML)


def refusal_page(status: int, _title: str, message: str) -> str:
    """A refusal of the guard's."""
    return _refusal(status, Failure(code="", message=message), "")


def login_page(next_path: str, problem: str | None) -> str:
    """The page that asks for a token."""
    return environment().get_template("login.html").render(**_BARE, path="/login", next=next_path, problem=problem)


def _refusal(status: int, failure: Failure, path: str) -> str:
    return environment().get_template("error.html").render(**_BARE, path=path, status=status, failure=failure)


_BARE: dict[str, Any] = {
    "slug": None, "at": None, "ledgers": [], "masked": False, "twenty_url": None, "query": {}, "who": None,
}  # fmt: skip
"""What a page knows that is about no ledger."""


@cache
def environment() -> Environment:
    """The templates, with what they may use."""
    found = Environment(
        loader=PackageLoader("adapters.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    found.filters |= {
        "count": figures.count,
        "day": figures.day,
        "clock": figures.clock,
        "short": figures.short,
        "tail": figures.tail,
        "spell": figures.spell,
        "size": figures.size,
        "span": figures.span,
        "json": figures.as_json,
        "said": figures.said,
        "code_spans": figures.code_spans,
        "kind": kind_of,
    }
    found.globals |= {
        "url": _url,
        "asset": assets.address,
        "columns": charts.columns,
        "shape": structure.shape,
        "matrix": structure.matrix,
        "beside": structure.beside,
        "state_words": STATES,
        "reason_words": REASONS,
        "stage_of": STAGE_OF,
    }
    return found


def _shown(value: Any) -> Any:
    """What a template writes: text made visible and cut, everything else as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    shown = "\n".join(map(visible, value[:LONGEST].splitlines()))
    return shown if len(value) <= LONGEST else f"{shown}… ({len(value):,} characters)"


def _url(*parts: Any, **query: Any) -> Markup:
    """An address of ours: parts of a path, and a query without what is None."""
    path = "/".join(quote(str(part), safe="") for part in parts)
    said = {name.rstrip("_"): value for name, value in query.items() if value not in (None, "")}
    whole = f"/{path}?{urlencode(said, doseq=True)}" if said else f"/{path}"
    return Markup("").join([whole])  # escaped, and never cut: half an address leads nowhere
