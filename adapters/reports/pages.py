"""A report as one HTML page that needs nothing but itself: no script, no font, no picture, no address.

Every value is neutralised (`text.visible`) and escaped by the template engine; the Content-Security-Policy allows the
one stylesheet by its hash and nothing else, so that even text that got through could neither load nor run anything.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from adapters.reports import charts, figures
from adapters.reports.model import Report, Share
from adapters.reports.text import LONGEST, line, visible


def page(report: Report) -> str:
    """The whole report as an HTML document."""
    style = _style()
    template = _environment().get_template("report.html")
    return template.render(report=report, style=style, policy=_policy(style))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("adapters.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "count": figures.count,
        "label": line,
        "share": lambda share: figures.percent(share.part, share.whole),
    }
    environment.tests |= {"share": lambda cell: isinstance(cell, Share)}  # `number` is jinja's own
    environment.globals |= {"columns": charts.columns, "width": _width}
    return environment


def _shown(value: Any) -> Any:
    """What a template writes: text made visible, everything else as it is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return visible(value) if len(value) <= LONGEST else f"{visible(value[:LONGEST])}…"


def _width(part: int, whole: int) -> float:
    """A part in per cent of a drawing's width; what is not nothing stays to be seen."""
    if whole <= 0 or part <= 0:
        return 0
    return max(round(100 * min(part, whole) / whole, 2), 0.5)


@cache
def _style() -> Markup:
    # A file of ours, for an element whose text must not be escaped.
    return Markup(files("adapters.reports").joinpath("templates", "report.css").read_text("utf-8"))  # noqa: S704


def _policy(style: Markup) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
