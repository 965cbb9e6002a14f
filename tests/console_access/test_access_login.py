"""Logging in: by a form or a header, where it leads, how often it may fail, and that no token is told to anybody."""

import logging
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest
from hypothesis import given, strategies

from adapters.console.access.paths import own_path
from adapters.console.access.sessions import IDLE_S
from adapters.console.access.tokens import PREFIX, add, revoke
from tests.console_access.house import House

pytestmark = pytest.mark.anyio

WRONG = PREFIX + "wrong" * 8
ELSEWHERE = [
    "",
    "people",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/a//evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "/a\r\nSet-Cookie: x=1",
    "/a\x00",
    " /a",
    "/a b",
    "/ä",
    "/a\x7f",
    "/a\u2028",
    "/login",
    "/login?next=/login",
    "/logout/",
    "/" + "a" * 2500,
    "/x?token=" + WRONG,
]


async def test_nobody_comes_in_without_a_token(locked: House) -> None:
    """People are led to the page that asks for it, programs told so in the one shape."""
    async with locked.caller() as caller:
        page = await caller.get("/people?q=a&after=2")
        assert (page.status_code, urlsplit(page.headers["location"]).path) == (303, "/login")
        assert _next(page) == "/people?q=a&after=2"
        api = await caller.get("/api/v1/things")
        assert (api.status_code, api.headers["www-authenticate"]) == (401, "Bearer")
        assert api.json()["error"]["code"] == "not_logged_in"
        assert (await caller.get("/nowhere")).status_code == 303


async def test_some_paths_are_open(locked: House) -> None:
    """The form, what it looks like, and whether the console is alive; nothing that only begins or ends like them."""
    async with locked.caller() as caller:
        for path in ("/login", "/static/console.css", "/healthz"):
            assert (await caller.get(path)).status_code == 200
        for path in ("/login/x", "/healthz/x", "/static", "//static/console.css", "/static/%2e%2e/people", "/x/login"):
            assert (await caller.get(f"http://localhost:8020{path}")).status_code == 303


async def test_on_loopback_nobody_needs_one(house: House) -> None:
    """The form leads on by itself; nobody is named."""
    async with house.caller() as caller:
        assert "in: None" in (await caller.get("/")).text
        assert (await caller.get("/login", params={"next": "/people"})).headers["location"] == "/people"
        assert (await house.entered(caller, next="/people")).headers["location"] == "/people"
        assert (await caller.post("/logout")).headers["location"] == "/"


async def test_a_token_opens_a_session_that_ends_by_logging_out(locked: House) -> None:
    """A cookie that no script reads and no other site sends; after logging out it opens nothing."""
    async with locked.caller() as caller:
        entered = await locked.entered(caller, next="/people?q=a")
        assert (entered.status_code, entered.headers["location"]) == (303, "/people?q=a")
        name, value, attributes = _cookie(entered)
        assert (name, attributes) == ("k2t-8020", {"httponly", "samesite=strict", "path=/"})
        assert "in: ann" in (await caller.get("/")).text
        assert (await caller.get("/api/v1/things")).json() == {"who": "ann"}
        left = await caller.post("/logout")
        assert (left.status_code, left.headers["location"]) == (303, "/login")
        assert _cookie(left)[1:] == ("", attributes | {"max-age=0"})
    async with locked.caller(headers={"Cookie": f"k2t-8020={value}"}) as caller:
        assert (await caller.get("/")).status_code == 303


async def test_under_tls_the_cookie_is_this_hosts_alone(tmp_path: Path) -> None:
    """`__Host-`, which no neighbour can set, and Secure; one of the other name opens nothing."""
    house = House(tmp_path, host="192.0.2.7", host_names=("console.example",), secure=True)
    async with house.caller(base="https://console.example") as caller:
        name, value, attributes = _cookie(await house.entered(caller))
        assert (name, attributes) == ("__Host-k2t", {"httponly", "samesite=strict", "path=/", "secure"})
        assert (await caller.get("/")).status_code == 200
    async with house.caller(base="https://console.example", headers={"Cookie": f"k2t-8020={value}"}) as caller:
        assert (await caller.get("/")).status_code == 303


async def test_each_log_in_has_a_session_of_its_own(locked: House) -> None:
    """A cookie that somebody set before is no session, and logging in again ends the session that was."""
    async with locked.caller(headers={"Cookie": "k2t-8020=fixed; other=1"}) as caller:
        first = _cookie(await locked.entered(caller))[1]
        assert first != "fixed"
    async with locked.caller(headers={"Cookie": f"k2t-8020={first}"}) as caller:
        assert (await caller.get("/")).status_code == 200
        second = _cookie(await locked.entered(caller))[1]
        assert (await caller.get("/")).status_code == 303
    async with locked.caller(headers={"Cookie": f"a=b; k2t-8020=stale; k2t-8020={second}"}) as caller:
        assert (await caller.get("/")).status_code == 200


async def test_programs_send_their_token(locked: House) -> None:
    """As a Bearer, with every request; no session comes of it."""
    async with locked.caller(headers={"Authorization": f"bearer {locked.token}"}) as caller:
        answer = await caller.get("/api/v1/things")
        assert (answer.json(), "set-cookie" in answer.headers) == ({"who": "ann"}, False)
    for said in (f"Basic {locked.token}", locked.token, "Bearer", f"Bearer {WRONG}", "Bearer ä"):
        async with locked.caller(headers={"Authorization": said.encode()}) as caller:
            assert (await caller.get("/api/v1/things")).status_code == 401


async def test_revoking_a_token_ends_its_sessions(locked: House) -> None:
    """At the next request, without a restart; a token made meanwhile opens at once."""
    async with locked.caller() as caller:
        await locked.entered(caller)
        assert (await caller.get("/")).status_code == 200
        revoke(locked.path, "ann")
        assert (await caller.get("/")).status_code == 303
        assert (await locked.entered(caller)).status_code == 401
        bob = add(locked.path, "bob")
        assert (await caller.post("/login", data={"token": f" {bob}\r\n"})).status_code == 303
        assert "in: bob" in (await caller.get("/")).text


async def test_a_session_that_rests_is_over(locked: House) -> None:
    """An hour without a request leads back to the form."""
    async with locked.caller() as caller:
        await locked.entered(caller)
        locked.clock.now += IDLE_S
        assert (await caller.get("/")).status_code == 303


@pytest.mark.parametrize("text", ELSEWHERE, ids=lambda text: repr(text[:24]))
async def test_a_log_in_leads_nowhere_else(locked: House, text: str) -> None:
    """Neither to another host nor in circles, nor with a token in the address: to the front page then."""
    assert own_path(text) == "/"
    async with locked.caller() as caller:
        form = await caller.get("/login", params={"next": text})
        assert 'name="next" type="hidden" value="/"' in form.text
        entered = await locked.entered(caller, next=text)
        assert (entered.status_code, entered.headers["location"]) == (303, "/")


@given(strategies.text(max_size=40).map("/".__add__) | strategies.text(alphabet="/\\\t\n.:?#@%25f a", max_size=12))
def test_no_text_leads_to_another_host(text: str) -> None:
    """As a browser reads an address, which takes a backslash for a slash and leaves out tabs and line ends."""
    path = own_path(text)
    read = path.replace("\\", "/").translate({9: None, 10: None, 13: None})
    assert urlsplit(urljoin("https://console.example/login", read)).netloc == "console.example"
    assert path.isascii()
    assert path.isprintable()
    assert path in (text, "/")


@pytest.mark.parametrize(
    "path", ["//evil.example", "/a//b", "/%5Cevil.example", "/a%0d%0aX: 1", "/%2F/evil", f"/{WRONG}", "/?t=" + WRONG]
)
async def test_a_path_asked_for_leads_nowhere_else(locked: House, path: str) -> None:
    """What was asked for before the log-in is quoted, or left."""
    async with locked.caller() as caller:
        led = await caller.get(f"http://localhost:8020{path}")
        assert led.status_code == 303
        assert led.headers["location"].startswith("/login?next=/")
        leads_to = _next(led)
        assert leads_to == own_path(leads_to)
        assert WRONG not in led.headers["location"]


@pytest.mark.parametrize("path", ["/", "/people?q=%C3%A4&x=http:/y", "/a%20b", "/a;b=1,2/~c"])
async def test_a_path_of_ours_is_led_to(locked: House, path: str) -> None:
    """Through the redirect, the form, and the log-in, as it was."""
    async with locked.caller() as caller:
        led = await caller.get(path)
        form = await caller.get(led.headers["location"])
        assert form.status_code == 200
        entered = await locked.entered(caller, next=_next(led))
        assert entered.headers["location"] == path


async def test_wrong_tokens_are_heard_only_so_often(locked: House) -> None:
    """Five at once for a client, by form or header; then wrong ones wait, right ones are heard, sessions go on."""
    async with locked.caller("192.0.2.1") as inside, locked.caller("192.0.2.1") as caller:
        await locked.entered(inside)
        for _ in range(3):
            assert (await caller.post("/login", data={"token": WRONG})).status_code == 401
        for _ in range(2):
            bearer = {"Authorization": f"Bearer {WRONG}"}
            assert (await caller.get("/api/v1/things", headers=bearer)).status_code == 401
        by_form = await caller.post("/login", data={"token": WRONG})
        assert (by_form.status_code, by_form.headers["retry-after"]) == (429, "12")
        by_header = await caller.get("/api/v1/things", headers=bearer)
        right = {"Authorization": f"Bearer {locked.token}"}
        assert (await caller.get("/api/v1/things", headers=right)).status_code == 200
        assert (by_header.status_code, by_header.headers["retry-after"]) == (429, "12")
        assert by_header.json()["error"]["code"] == "too_many_attempts"
        assert (await inside.get("/")).status_code == 200
        async with locked.caller("192.0.2.2") as another:
            assert (await locked.entered(another)).status_code == 303
        locked.clock.now += 12
        assert (await locked.entered(caller)).status_code == 303


async def test_no_token_at_all_is_no_attempt(locked: House) -> None:
    """Who was only led to the form has tried nothing."""
    async with locked.caller() as caller:
        for _ in range(20):
            await caller.get("/")
            await caller.get("/api/v1/things")
        assert (await locked.entered(caller)).status_code == 303


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"token=" + b"x" * 5000, "application/x-www-form-urlencoded", 413),
        (b'{"token": "x"}', "application/json", 400),
        (b"token=%FF\xff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(50)), "application/x-www-form-urlencoded", 400),
        (b"", "", 400),
        (b"--x--", "multipart/form-data; boundary=x", 400),
        (b"", "application/x-www-form-urlencoded", 401),
        (b"token=a&token=b", "application/x-www-form-urlencoded", 401),
    ],
    ids=["long", "json", "binary", "fields", "none", "multipart", "empty", "doubled"],
)
async def test_what_is_no_form_is_refused(locked: House, content: bytes, kind: str, status: int) -> None:
    """With the page, and nothing of what was sent."""
    async with locked.caller(headers={"Content-Type": kind}) as caller:
        answer = await caller.post("/login", content=content)
    assert (answer.status_code, "set-cookie" in answer.headers) == (status, False)
    assert '<form method="post" action="/login">' in answer.text


async def test_a_long_body_is_not_read_to_its_end(locked: House) -> None:
    """Also where no length was said: what is read ends at the limit."""
    read = []

    async def endless() -> Any:
        for _ in range(100):
            read.append(1)
            yield b"a" * 1000

    async with locked.caller(headers={"Content-Type": "application/x-www-form-urlencoded"}) as caller:
        assert (await caller.post("/login", content=endless())).status_code == 413
    assert len(read) < 10


async def test_a_file_of_tokens_that_is_not_ours_alone_lets_nobody_in(
    locked: House, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither by form, header nor session; the log says what to do, the answer does not say where."""
    async with locked.caller() as caller:
        await locked.entered(caller)
        locked.path.chmod(0o644)
        bearer = {"Authorization": f"Bearer {locked.token}"}
        answers = [await caller.get("/"), await caller.get("/api/v1/things"), await locked.entered(caller)]
        async with locked.caller(headers=bearer) as program:
            answers.append(await program.get("/api/v1/things"))
        assert [answer.status_code for answer in answers] == [503] * 4
        assert all(str(locked.path) not in answer.text for answer in answers)
        assert f"chmod 600 {locked.path}" in "".join(capfd.readouterr())
        locked.path.chmod(0o600)
        assert (await caller.get("/")).status_code == 200


async def test_no_token_is_told_to_anybody(
    locked: House, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Right or wrong, sent in every way: it is in no answer, no address and no log, and neither is a session's id."""
    caplog.set_level(logging.DEBUG)
    answers: list[httpx.Response] = []
    async with locked.caller() as caller:
        for token in (WRONG, locked.token):
            answers += [
                await caller.get("/", params={"token": token}),
                await caller.get(f"/{token}"),
                await caller.get("/login", params={"token": token, "next": f"/?t={token}"}),
                await caller.get("/api/v1/things", headers={"Authorization": f"Bearer {token}"}),
                await caller.post("/login", data={"token": token, "next": f"/{token}"}, headers={"Origin": token}),
                await caller.post("/login", data={"token": token, "next": f"/{token}"}),
                await caller.get("/broken"),
                await caller.get("/"),
            ]
        session = _cookie(answers[-3])[1]
        answers.append(await caller.post("/logout"))
    told = [answer.text + str({**answer.headers, "set-cookie": ""}) for answer in answers]
    # httpx itself logs the addresses a test asked for.
    logged = "".join(capfd.readouterr()) + "".join(one.getMessage() for one in caplog.records if one.name != "httpx")
    assert "a wrong token was tried" in logged
    for secret in (WRONG, locked.token, session):
        assert all(secret not in one for one in told)
        assert secret not in logged


async def test_the_form_can_be_another(locked: House) -> None:
    """The console gives its own page; it is told where to go on to, and what went wrong."""
    locked.app.state.login_page = lambda next_path, problem: f"{next_path}|{problem}"
    async with locked.caller() as caller:
        assert (await caller.get("/login?next=/people")).text == "/people|None"
        refused = await caller.post("/login", data={"token": WRONG, "next": "/people"})
        assert (refused.status_code, refused.text.split("|")[0]) == (401, "/people")


async def test_the_form_shows_markup_as_text(locked: House) -> None:
    """A path to go on to is escaped."""
    async with locked.caller() as caller:
        page = (await caller.get("/login", params={"next": '/"><script>'})).text
    assert "<script" not in page
    assert "/&quot;&gt;&lt;script&gt;" in page


def _next(answer: httpx.Response) -> str:
    return parse_qs(urlsplit(answer.headers["location"]).query)["next"][0]


def _cookie(answer: httpx.Response) -> tuple[str, str, set[str]]:
    [said] = answer.headers.get_list("set-cookie")
    pair, *attributes = (part.strip() for part in said.split(";"))
    name, _, value = pair.partition("=")
    return name, value.strip('"'), {attribute.lower() for attribute in attributes}
