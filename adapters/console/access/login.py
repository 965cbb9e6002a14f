"""Logging in and out: a token for a session's cookie. The token goes no further than the hash it is compared by."""

from typing import Any
from urllib.parse import parse_qs

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException

from adapters.console.access import Access, TooManyAttempts
from adapters.console.access.guard import client_of, cookies_named, port_of
from adapters.console.access.pages import LoginPage
from adapters.console.access.pages import login_page as plain_login_page
from adapters.console.access.paths import LOGIN, LOGOUT, own_path
from adapters.console.access.refusals import Refusal, bad_request, not_heard
from adapters.console.errors import TokensUnreadable

BODY_LIMIT = 4096
WRONG = "that is no token, or no longer one"
_FORM = "application/x-www-form-urlencoded"
_FIELDS = 8

Plain = Request[Any, Any, Any]
Form = dict[str, list[str]]


@get(LOGIN, include_in_schema=False)
async def login_page(request: Plain) -> Response[str]:
    """The page that asks for a token; where none is asked for, on to where it would lead."""
    next_path = own_path(request.query_params.get("next", "/"))
    access: Access = request.app.state.access
    return _page(request, next_path, None, 200) if access.required else _on_to(next_path)


@post(LOGIN, include_in_schema=False, request_max_body_size=BODY_LIMIT)
async def log_in(request: Plain) -> Response[str]:
    """Open a session by a token, and go on to where the reader wanted to."""
    access: Access = request.app.state.access
    form = await _form(request)
    if isinstance(form, Refusal):
        return _refused(request, "/", form)
    next_path = own_path(form.get("next", ["/"])[0])
    if not access.required:
        return _on_to(next_path)
    try:
        return _opened(request, access, form.get("token", [""])[0].strip(), next_path)
    except (TooManyAttempts, TokensUnreadable) as why:
        return _refused(request, next_path, not_heard(why))


@post(LOGOUT, include_in_schema=False, request_max_body_size=BODY_LIMIT)
async def log_out(request: Plain) -> Response[str]:
    """End the session."""
    access: Access = request.app.state.access
    _end(request, access)
    answer = _on_to(LOGIN if access.required else "/")
    answer.set_cookie(_cookie(request, access, "", max_age=0))
    return answer


def _opened(request: Plain, access: Access, secret: str, next_path: str) -> Response[str]:
    token = access.admitted(client_of(request.scope), secret)
    if token is None:
        return _page(request, next_path, WRONG, 401, {"WWW-Authenticate": "Bearer"})
    _end(request, access)
    answer = _on_to(next_path)
    answer.set_cookie(_cookie(request, access, access.sessions.begin(token)))
    return answer


async def _form(request: Plain) -> Form | Refusal:
    """The fields of a form, or why it is none."""
    if request.content_type[0] != _FORM:
        return bad_request(f"a form comes as {_FORM}")
    try:
        body = await request.body()
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_FIELDS)
    except HTTPException as refusal:
        return bad_request("the form is too long", refusal.status_code)
    except ValueError:
        return bad_request("the form cannot be read")


def _end(request: Plain, access: Access) -> None:
    for session_id in cookies_named(request.scope, access.cookie(port_of(request.scope))):
        access.sessions.end(session_id)


def _cookie(request: Plain, access: Access, value: str, max_age: int | None = None) -> Cookie:
    name = access.cookie(port_of(request.scope))
    return Cookie(name, value=value, max_age=max_age, path="/", httponly=True, samesite="strict", secure=access.secure)


def _on_to(path: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": path}, media_type=MediaType.TEXT)


def _refused(request: Plain, next_path: str, refusal: Refusal) -> Response[str]:
    headers = {name.decode(): value.decode() for name, value in refusal.headers}
    return _page(request, next_path, refusal.message, refusal.status, headers)


def _page(
    request: Plain, next_path: str, problem: str | None, status: int, headers: dict[str, str] | None = None
) -> Response[str]:
    page: LoginPage = request.app.state.get("login_page", plain_login_page)
    return Response(page(next_path, problem), status_code=status, headers=headers, media_type=MediaType.HTML)
