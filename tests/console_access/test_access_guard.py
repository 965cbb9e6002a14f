"""The guard: which requests come through at all, and what every answer carries."""

from typing import Any

import pytest

from adapters.console.access.guard import HEADERS
from tests.console_access.house import SECRET_VALUE, House

pytestmark = pytest.mark.anyio

METHODS = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X"]
PATHS = ["/", "/people", "/api/v1/things", "/static/console.css", "/healthz", "/nowhere"]


def dressed(headers: Any) -> bool:
    """Whether an answer carries all of ours, once each, and does not say what serves it."""
    ours = all(headers.get_list(name.decode()) == [value.decode()] for name, value in HEADERS)
    return ours and len(headers.get_list("cache-control")) == 1 and "server" not in headers


@pytest.mark.parametrize("method", METHODS)
async def test_every_method_that_writes_is_refused(house: House, method: str) -> None:
    """Nothing but GET and HEAD reaches the app, whatever the path; the answer says what would."""
    async with house.caller() as caller:
        for path in PATHS:
            answer = await caller.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
            assert dressed(answer.headers)


@pytest.mark.parametrize("method", [one for one in METHODS if one != "POST"])
async def test_logging_in_and_out_takes_no_other_method(house: House, method: str) -> None:
    """POST is allowed there, and said to be; no GET logs out."""
    async with house.caller() as caller:
        for path, allowed in (("/login", "GET, HEAD, POST"), ("/logout", "POST")):
            answer = await caller.request(method, path)
            assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert (await caller.get("/logout")).status_code == 405
        assert (await caller.post("/login/")).status_code == 405


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:8020", "[::1]", "[::1]:8020", "[0:0:0:0:0:0:0:1]:9"],
)
async def test_loopback_is_called_by_its_names(house: House, host: str) -> None:
    """With any port: tunnels have their own."""
    async with house.caller(headers={"Host": host}) as caller:
        assert (await caller.get("/")).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "localhost.",
        "127.0.0.1.evil.example",
        "127.0.0.2",
        "localhost:x",
        "localhost:8020:1",
        "user@localhost",
        "localhost/",
        "localhost localhost",
        "[::2]",
        "[localhost]",
        "[::1",
        "::1",
        "",
        "locälhost",
    ],
)
async def test_another_name_is_refused(house: House, host: str) -> None:
    """A page of another site whose name was pointed at this machine gets nothing, not even what is open to all."""
    async with house.caller(headers={"Host": host.encode()}) as caller:
        for path in PATHS:
            answer = await caller.get(path)
            assert answer.status_code == 421
            assert dressed(answer.headers)
        assert (await caller.get("/api/v1/things")).json()["error"]["code"] == "host_not_allowed"


async def test_a_host_that_is_missing_or_doubled_is_refused(house: House) -> None:
    """Two hosts, even of one name, are one too many."""
    for hosts in ([], [b"localhost", b"localhost"], [b"localhost", b"evil.example"]):
        assert (await _status(house, [(b"host", host) for host in hosts])) == 421


async def test_elsewhere_only_the_names_given_are_ours(tmp_path: Any) -> None:
    """What is listened on and what the operator adds; loopback's names are not among them."""
    house = House(tmp_path, host="192.0.2.7", host_names=("Console.Example", "fd00::0:1"), secure=True)
    for host, status in {
        b"192.0.2.7:8020": 200,
        b"console.example": 200,
        b"[fd00::1]:443": 200,
        b"localhost": 421,
        b"www.console.example": 421,
    }.items():
        assert await _status(house, [(b"host", host)], "/healthz") == status


@pytest.mark.parametrize("headers", [{"Content-Length": "1"}, {"Transfer-Encoding": "chunked"}])
async def test_a_question_has_no_body(house: House, headers: dict[str, str]) -> None:
    """A body on GET or HEAD is refused before it is read."""
    async with house.caller(headers=headers) as caller:
        for method in ("GET", "HEAD"):
            answer = await caller.request(method, "/people")
            assert answer.status_code == 400
            assert dressed(answer.headers)


@pytest.mark.parametrize("length", ["-1", "x", "1_0", "٣", "", "+1", "0x1"])
async def test_a_length_that_is_none_is_refused(house: House, length: str) -> None:
    """Of any method, so that nobody reads on into what another meant."""
    async with house.caller(headers={"Content-Length": length.encode()}) as caller:
        assert (await caller.get("/")).status_code == 400
        assert (await caller.post("/login")).status_code == 400
    twice = [(b"host", b"localhost"), (b"content-length", b"0"), (b"content-length", b"0")]
    assert await _status(house, twice) == 400


async def test_no_body_is_a_length_of_none(house: House) -> None:
    """Some programs say that there is none."""
    async with house.caller(headers={"Content-Length": "0"}) as caller:
        assert (await caller.get("/")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "x"},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:9999"},
        {"Origin": "http://localhost"},
        {"Origin": "http://[x"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8020"},
    ],
    ids=str,
)
async def test_another_sites_form_is_refused(locked: House, headers: dict[str, str]) -> None:
    """It neither logs in, with a right token, nor out."""
    async with locked.caller() as caller:
        refused = await caller.post("/login", data={"token": locked.token}, headers=headers)
        assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
        assert dressed(refused.headers)
        await locked.entered(caller)
        as_json = {**headers, "Accept": "application/json"}
        assert (await caller.post("/logout", headers=as_json)).json()["error"]["code"] == "cross_site"
        assert (await caller.get("/")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost:8020"}],
    ids=str,
)
async def test_our_own_form_comes_through(locked: House, headers: dict[str, str]) -> None:
    """From our page, from an address typed, from a browser that says neither."""
    async with locked.caller(headers=headers) as caller:
        assert (await locked.entered(caller)).status_code == 303


async def test_every_answer_carries_our_headers(locked: House) -> None:
    """Pages, files, redirects, refusals, what is not there, and defects; the app can take none of them away."""
    async with locked.caller() as caller:
        statuses = {(await caller.get(path)).status_code for path in PATHS}
        assert statuses == {303, 401, 200}
        bearer = {"Authorization": f"Bearer {locked.token}"}
        for path in [*PATHS, "/broken", "/api/v1/broken", "/login", "/people?x=%00"]:
            for headers in ({}, bearer):
                answer = await caller.get(path, headers=headers)
                assert dressed(answer.headers), path
        style = await caller.get("/static/console.css")
        assert (style.headers["cache-control"], style.headers["x-frame-options"]) == ("max-age=60", "DENY")
        assert (await caller.get("/", headers=bearer)).headers["cache-control"] == "no-store"


async def test_the_policy_lets_no_inline_script_run(house: House) -> None:
    """Scripts come from our own files, nothing else is loaded, nobody frames us."""
    async with house.caller() as caller:
        policy = (await caller.get("/")).headers["content-security-policy"]
    said = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert (said["default-src"], said["script-src"], said["frame-ancestors"]) == ("'none'", "'self'", "'none'")
    assert "unsafe" not in policy


async def test_a_head_is_a_get_without_its_body(house: House) -> None:
    """The app is asked as by GET, so that every page can be asked for its headers."""
    async with house.caller() as caller:
        full, head = await caller.get("/"), await caller.head("/")
        assert "by GET" in full.text
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == full.headers["content-length"]
    # A client leaves out what comes with a HEAD, so what is sent is looked at too.
    for host, status in ((b"localhost", 200), (b"evil.example", 421)):
        sent = await _sent(house, {**_scope([(b"host", host)]), "method": "HEAD"})
        assert sent[0]["status"] == status
        assert [one["body"] for one in sent[1:]] == [b""] * (len(sent) - 1)


@pytest.mark.parametrize(
    ("path", "accept", "as_json"),
    [
        ("/api/v1/things", "text/html", True),
        ("/people", "application/json", True),
        ("/people", "text/html;q=0.5, application/json;q=0.9", True),
        ("/people", "text/html, application/json", False),
        ("/people", "*/*", False),
        ("/people", "application/json;q=x", False),
        ("/people", ",;=,q=1;;", False),
        ("/apiary", "", False),
    ],
)
async def test_programs_are_refused_in_one_shape_and_people_with_a_page(
    house: House, path: str, accept: str, as_json: bool
) -> None:
    """Below /api/, and where JSON is liked better, it is JSON; elsewhere a page of its own."""
    async with house.caller(headers={"Accept": accept}) as caller:
        refused = await caller.post(path)
    if as_json:
        assert refused.headers["content-type"] == "application/json"
        assert set(refused.json()) == {"error"}
        assert set(refused.json()["error"]) == {"code", "message"}
        assert refused.json()["error"]["code"] == "method_not_allowed"
    else:
        assert refused.headers["content-type"] == "text/html; charset=utf-8"
        assert "<script" not in refused.text
        assert "style=" not in refused.text


async def test_the_page_of_a_refusal_can_be_another(house: House) -> None:
    """The console gives its own."""
    house.guard._page = lambda status, title, message: f"{status}|{title}|{message}"
    async with house.caller() as caller:
        assert (await caller.delete("/")).text.startswith("405|Not allowed|")


@pytest.mark.parametrize("started", [False, True])
async def test_what_gets_past_the_app_shows_nothing(
    house: House, started: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    """A defect is a 500 without its text or place, whose kind and place go to the log; half an answer stays half."""

    async def failing(_scope: Any, _receive: Any, send: Any) -> None:
        if started:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError(SECRET_VALUE)

    house.guard._app = failing
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await house.guard(_scope([(b"host", b"localhost")]), _nothing, send)
    assert [one["status"] for one in sent if "status" in one] == [200 if started else 500]
    assert len(sent) == (1 if started else 2)
    assert SECRET_VALUE.encode() not in b"".join(one.get("body", b"") for one in sent)
    assert b"Traceback" not in b"".join(one.get("body", b"") for one in sent)
    logged = "".join(capfd.readouterr())
    assert ("RuntimeError" in logged, SECRET_VALUE in logged) == (True, False)


async def test_a_defect_in_a_page_shows_nothing(house: House) -> None:
    """No stack trace, no text of it."""
    async with house.caller() as caller:
        for path in ("/broken", "/api/v1/broken"):
            answer = await caller.get(path)
            assert answer.status_code == 500
            assert SECRET_VALUE not in answer.text
            assert "Traceback" not in answer.text


async def test_a_websocket_is_closed(house: House) -> None:
    """There is none here."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await house.guard({**_scope([]), "type": "websocket"}, _nothing, send)
    assert [one["type"] for one in sent] == ["websocket.close"]


async def test_the_lifespan_is_the_apps(house: House) -> None:
    """Starting and stopping pass through."""
    asked = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        asked.append(scope["type"])

    house.guard._app = app
    await house.guard({"type": "lifespan"}, _nothing, _nothing)  # type: ignore[typeddict-item]
    assert asked == ["lifespan"]


async def _status(house: House, headers: list[tuple[bytes, bytes]], path: str = "/") -> int:
    status: int = (await _sent(house, _scope(headers, path)))[0]["status"]
    return status


async def _sent(house: House, scope: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await house.guard(scope, _nothing, send)
    return sent


def _scope(headers: list[tuple[bytes, bytes]], path: str = "/") -> Any:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8020),
    }


async def _nothing(*_: Any) -> Any:
    return {"type": "http.request", "body": b"", "more_body": False}
