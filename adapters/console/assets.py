"""The stylesheet and the script: two files known by name, kept in memory, named by what is in them."""

import hashlib
from functools import cache
from importlib.resources import files

from litestar import Response, get
from litestar.params import FromPath

from adapters.console.errors import NotFound

_KINDS = {"console.css": "text/css", "console.js": "text/javascript"}
_YEAR_S = 31_536_000


@cache
def content(name: str) -> bytes:
    """What is in an asset."""
    return files("adapters.console").joinpath("static", name).read_bytes()


@cache
def address(name: str) -> str:
    """Where an asset is to be had; another content has another address."""
    return f"/static/{hashlib.sha256(content(name)).hexdigest()[:12]}/{name}"


@get("/static/{stamp:str}/{name:str}", include_in_schema=False)
async def asset(stamp: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """An asset, for as long as a browser likes to keep it."""
    if name not in _KINDS or address(name) != f"/static/{stamp}/{name}":
        raise NotFound("there is no such asset")
    kept = {"Cache-Control": f"public, max-age={_YEAR_S}, immutable"}
    return Response(content(name), media_type=_KINDS[name], headers=kept)
