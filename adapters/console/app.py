"""The console as an ASGI application."""

import traceback
from typing import Any

import structlog
from litestar import Litestar, MediaType, Response, get
from litestar.datastructures import State

from adapters.console import assets, downloads, live
from adapters.console.access import Access, login
from adapters.console.access.login import BODY_LIMIT
from adapters.console.access.paths import HEALTH
from adapters.console.answers import Plain, Refusal, told
from adapters.console.api import api
from adapters.console.described import openapi
from adapters.console.pages import browsing, documents, migration, verifying
from adapters.console.pages.rendering import error_page, login_page
from adapters.console.shelf import Shelf
from ledger.errors import LedgerError

log = structlog.get_logger()

_TITLE = "kartra-to-twenty"


@get(HEALTH, include_in_schema=False, media_type=MediaType.TEXT)
async def healthz() -> str:
    """Whether the process answers, for what watches over it; of the ledgers it tells nothing."""
    return "ok"


def create_app(shelf: Shelf, access: Access) -> Litestar:
    """The pages and the API over ledgers that are open. Only for behind a Guard: alone it asks nobody who they are."""
    return Litestar(
        [api(), *_HANDLERS],
        state=State({"shelf": shelf, "access": access, "login_page": login_page}),
        exception_handlers={Exception: _refuse},
        openapi_config=openapi(_TITLE, shelf.settings.version),
        logging_config=None,
        debug=False,
        request_max_body_size=BODY_LIMIT,
    )


_HANDLERS = [
    *migration.HANDLERS, *browsing.HANDLERS, verifying.verify_stream, live.live, downloads.download, assets.asset,
    documents.docs_page, login.login_page, login.log_in, login.log_out, healthz,
]  # fmt: skip


def _refuse(request: Plain, error: Exception) -> Response[Any]:
    status, failure = told(error, request.app.state.shelf)
    if isinstance(error, LedgerError):
        log.warning("a ledger cannot be read", code=error.code, why=str(error))
    if status == 500:
        # For whoever runs the console, and nobody else; an error's own text and locals may quote somebody.
        where = traceback.format_tb(error.__traceback__)
        log.error("defect", path=request.url.path, error=type(error).__name__, where="".join(where))
    if request.url.path.startswith("/api/"):
        later = {"Retry-After": "1"} if status == 503 else {}
        return Response(Refusal(error=failure), status_code=status, media_type="application/json", headers=later)
    return error_page(request, status, failure)
