"""What can be refused of a request by its first lines alone, whoever sends it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from litestar.types import HTTPScope

from adapters.console.access.hosts import named_in
from adapters.console.access.paths import LOGIN, LOGOUT, does_work, is_api
from adapters.console.access.refusals import (
    Refusal,
    asked_elsewhere,
    bad_request,
    cross_site,
    host_not_allowed,
    method_not_allowed,
)

READING = ("GET", "HEAD")
_METHODS: Mapping[str, tuple[str, ...]] = {LOGIN: (*READING, "POST"), LOGOUT: ("POST",)}


def headers_of(scope: HTTPScope, name: bytes) -> list[str]:
    """Every header of a name, as it came."""
    return [value.decode("latin-1").strip() for key, value in scope["headers"] if key.lower() == name]


def checked(scope: HTTPScope, hosts: frozenset[str]) -> Refusal | None:
    """The first thing that speaks against a request, if anything does."""
    return _method(scope) or _host(scope, hosts) or _body(scope) or _cross_site(scope)


def prefers_json(scope: HTTPScope) -> bool:
    """Whether a refusal is for a program."""
    accept = ",".join(headers_of(scope, b"accept")).lower()
    return is_api(scope["path"]) or _quality(accept, "application/json") > _quality(accept, "text/html")


def _method(scope: HTTPScope) -> Refusal | None:
    allowed = _METHODS.get(scope["path"], READING)
    return None if scope["method"] in allowed else method_not_allowed(allowed)


def _host(scope: HTTPScope, hosts: frozenset[str]) -> Refusal | None:
    said = headers_of(scope, b"host")
    return None if len(said) == 1 and named_in(said[0]) in hosts else host_not_allowed()


def _body(scope: HTTPScope) -> Refusal | None:
    lengths, encodings = headers_of(scope, b"content-length"), headers_of(scope, b"transfer-encoding")
    if len(lengths) > 1 or any(not (length.isascii() and length.isdigit()) for length in lengths):
        return bad_request("the length of the body is not a number")
    if lengths and encodings:
        return bad_request("the length of the body is said in two ways")
    if scope["method"] in READING and (encodings or any(length.strip("0") for length in lengths)):
        return bad_request("a question has no body")
    return None


def _cross_site(scope: HTTPScope) -> Refusal | None:
    sites, origins = headers_of(scope, b"sec-fetch-site"), headers_of(scope, b"origin")
    foreign = any(site.lower() not in ("same-origin", "none") for site in sites)
    if scope["method"] in READING:
        return asked_elsewhere() if foreign and not _follows_link(scope) else None
    if foreign:
        return cross_site()
    host = headers_of(scope, b"host")[0].lower()
    return cross_site() if any(_authority(origin) != host for origin in origins) else None


def _follows_link(scope: HTTPScope) -> bool:
    """Whether a person came by a link to a page, as from a ticket; what does work is asked for here alone."""
    modes, kinds = headers_of(scope, b"sec-fetch-mode"), headers_of(scope, b"sec-fetch-dest")
    return modes == ["navigate"] and kinds == ["document"] and not does_work(scope["path"])


def _authority(origin: str) -> str | None:
    try:
        return urlsplit(origin.lower()).netloc
    except ValueError:
        return None


def _quality(accept: str, media: str) -> float:
    for part in accept.split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        if kind == media:
            said = next((word[2:] for word in parameters if word.startswith("q=")), "1")
            return float(said) if said.replace(".", "", 1).isdecimal() and said.isascii() else 0.0
    return 0.0
