"""The API's documentation as a page: made from the OpenAPI document, without a script."""

from typing import Any

from litestar import Response, get

from adapters.console.answers import Plain
from adapters.console.pages.rendering import page


@get("/api/v1/docs", include_in_schema=False)
async def docs_page(request: Plain) -> Response[str]:
    """Every address of the API, what may be asked of it, and what it answers."""
    document: dict[str, Any] = request.app.openapi_schema.to_schema()
    return page(request, "docs.html", None, None, document=document, schemas=document["components"]["schemas"])
