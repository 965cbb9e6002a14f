"""Paths of our own: what may be asked for without a token, and where a log-in may lead."""

import re
from urllib.parse import quote

from litestar.types import HTTPScope

from adapters.console.access.tokens import PREFIX

LOGIN, LOGOUT, HEALTH, STATIC, API = "/login", "/logout", "/healthz", "/static/", "/api"
_OWN = re.compile(r"/(?!/)[!-\[\]-~]{0,2000}\Z")


def is_open(path: str) -> bool:
    """Whether a path is for those who have not logged in, too."""
    return path in (LOGIN, HEALTH) or (path.startswith(STATIC) and ".." not in path and "\\" not in path)


def is_api(path: str) -> bool:
    """Whether programs, not browsers, ask for a path."""
    return path == API or path.startswith(f"{API}/")


def does_work(path: str) -> bool:
    """Whether to ask for a path begins something: a recomputation, a download."""
    parts = [part for part in path.split("/") if part]
    return parts[:1] == ["ledgers"] and (parts[2:] == ["verify", "run"] or parts[2:3] == ["download"])


def own_path(text: str) -> str:
    """`text` where it is a path of ours that a log-in may lead to, else the front page.

    It begins with one slash and has no second beside it, no backslash and nothing but visible ASCII, so no browser
    takes it for another host; and it holds no token that somebody put into an address.
    """
    leads_back = text.partition("?")[0].rstrip("/") in (LOGIN, LOGOUT)
    fits = _OWN.match(text) and "//" not in text and PREFIX not in text
    return text if fits and not leads_back else "/"


def login_for(scope: HTTPScope) -> str:
    """Where to log in, to go on to what was asked for."""
    path = quote(scope["path"], safe="/:@!$&'()*+,;=-._~", errors="replace")
    query = scope["query_string"].decode("latin-1")
    wanted = own_path(f"{path}?{query}" if query else path)
    return f"{LOGIN}?next={quote(wanted if scope['method'] in ('GET', 'HEAD') else '/', safe='/')}"
