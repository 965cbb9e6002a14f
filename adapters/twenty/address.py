"""Where Twenty is, as an operator writes it: self-hosted, hosted, with or without the path of an API."""

from urllib.parse import SplitResult, urlsplit

from adapters.twenty.errors import BadAddress

_API_PATHS = ("/graphql", "/metadata", "/rest", "/rest/metadata", "/graphql/metadata")


def base_of(url: str) -> str:
    """Return the address all endpoints are under, without a trailing slash.

    `https://crm.example.com/sub/graphql/` gives `https://crm.example.com/sub`. Raises BadAddress for anything but
    http and https with a host, and for addresses that carry a user, a query or a fragment (they may be secrets).
    """
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError as refused:
        raise BadAddress("Twenty's address cannot be read; give it as https://host[:port][/path]") from refused
    if not usable:
        raise BadAddress("Twenty's address must be http:// or https:// with a host")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadAddress("Twenty's address must not carry a user, a password, a query or a fragment")
    return f"{parts.scheme}://{parts.netloc}{_without_api(parts)}"


def without_secrets(location: str) -> str:
    """Return scheme, host and path of a redirect's target: its query may carry a secret."""
    try:
        parts = urlsplit(location)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" if host else parts.path


def _without_api(parts: SplitResult) -> str:
    path = parts.path.rstrip("/")
    for api in sorted(_API_PATHS, key=len, reverse=True):
        if path.lower().endswith(api):
            return path[: -len(api)].rstrip("/")
    return path
