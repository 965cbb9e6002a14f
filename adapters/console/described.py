"""What the API's own description says of every answer: how it is stamped, how it is refused, how one gets in."""

from functools import partial

from litestar.datastructures import ResponseHeader
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme

from adapters.console.answers import Refusal

_refused = partial(ResponseSpec, Refusal, generate_examples=False)

REFUSALS = {
    400: _refused(description="What was asked for makes no sense."),
    401: _refused(description="A token is needed."),
    404: _refused(description="There is no such thing."),
    405: _refused(description="The console only reads: GET and HEAD."),
    421: _refused(description="The console is not called by this name."),
    429: _refused(description="Too many attempts with wrong tokens."),
    503: _refused(description="The ledger cannot be read now, or a first count is being made."),
}
"""Every refusal; all have one shape."""

UNCHANGED = {304: ResponseSpec(None, description="As the client has it, by If-None-Match or If-Modified-Since.")}
"""What may come in place of an answer that depends on the ledger's head alone."""


def _stamp(name: str, description: str) -> ResponseHeader:
    # The value gives the header its type, and is sent by nobody.
    return ResponseHeader(name=name, value="", description=description, documentation_only=True)


STAMPS = (
    _stamp("ETag", "Changes with the ledger. Missing where counts were made at an older head."),
    _stamp("Last-Modified", "When the ledger was written to last. Missing where the ETag is, and while it is."),
)
"""By what a client asks whether it has an answer already."""

_SCHEME = "bearer"


def openapi(title: str, version: str) -> OpenAPIConfig:
    """How the API describes itself, at `/api/v1/openapi.json`."""
    scheme = SecurityScheme(
        type="http",
        scheme=_SCHEME,
        description="A token that `serve token add` made. Without --login, loopback wants none.",
    )
    return OpenAPIConfig(
        title=title,
        version=version,
        description="What a migration's ledger says, read-only. Lists have cursors; errors have one shape.",
        path="/api/v1",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        use_handler_docstrings=True,
        components=Components(security_schemes={_SCHEME: scheme}),
        security=[{_SCHEME: []}, {}],
    )
