"""What other sites' pages may ask for in a reader's name, and readers who may not read any more."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar, get
from litestar.response import Stream

from adapters.console.access import Access
from adapters.console.access.guard import Guard
from adapters.console.access.tokens import add, listed, revoke
from adapters.console.errors import TokensUnreadable
from tests.console_access.house import House

pytestmark = pytest.mark.anyio

LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/people", LINK, 200),
        ("/people", {}, 403),
        ("/people", {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}, 403),
        ("/people", {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}, 403),
        ("/api/v1/things", {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ("/ledgers/a/verify/run", LINK, 403),
        ("/ledgers/a/verify/run/", LINK, 403),
        ("/ledgers/a/download/events.csv", LINK, 403),
        ("/ledgers/a/verify", LINK, 404),
    ],
)
async def test_another_site_may_link_to_a_page_and_no_more(
    house: House, site: str, path: str, more: dict[str, str], status: int
) -> None:
    """A link in a ticket leads to its page; nothing is fetched, framed, or begun for a page elsewhere."""
    async with house.caller() as caller:
        for method in ("GET", "HEAD"):
            answer = await caller.request(method, path, headers={"Sec-Fetch-Site": site, **more})
            assert answer.status_code == status


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_our_own_pages_ask_for_anything(house: House, site: str) -> None:
    """As does who typed the address."""
    async with house.caller() as caller:
        assert (await caller.get("/people", headers={"Sec-Fetch-Site": site})).status_code == 200


async def test_consoles_beside_each_other_have_sessions_of_their_own(locked: House) -> None:
    """A browser sends its cookies to every port of a host; a log-in here is none there, and ends none."""
    async with locked.caller() as caller:
        await locked.entered(caller)
        there = httpx.ASGITransport(app=locked.guard, client=("127.0.0.1", 50000))
        cookies = {one.name: str(one.value) for one in caller.cookies.jar}
        async with httpx.AsyncClient(transport=there, base_url="http://localhost:8021", cookies=cookies) as other:
            assert (await other.get("/")).status_code == 303
            await other.post("/logout")
        assert (await caller.get("/")).status_code == 200


@pytest.mark.parametrize("way", ["session", "bearer"])
async def test_a_stream_ends_when_its_token_is_revoked(tmp_path: Path, way: str) -> None:
    """At its next part, which is not sent any more; the reader cannot take it for whole."""
    house = House(tmp_path, login=True)
    sent: list[bytes] = []

    @get("/long")
    async def long() -> Stream:
        return Stream(_parts(house), media_type="text/plain")

    async def ask(access: Access) -> None:
        guard = Guard(Litestar([long], openapi_config=None, logging_config=None), access)
        scope = {
            "type": "http", "method": "GET", "path": "/long", "raw_path": b"/long", "query_string": b"",
            "root_path": "", "scheme": "http", "http_version": "1.1", "client": ("127.0.0.1", 1),
            "server": ("localhost", 8020), "headers": [(b"host", b"localhost"), header], "extensions": {},
        }  # fmt: skip

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.body":
                sent.append(bytes(message["body"]))  # type: ignore[call-overload]
                assert message["more_body"]

        await guard(scope, receive, send)  # type: ignore[arg-type]

    if way == "bearer":
        header = (b"authorization", b"Bearer " + house.token.encode())
    else:
        session = house.access.sessions.begin(house.access.tokens.tokens()[0])
        header = (b"cookie", f"k2t-8020={session}".encode())
    await ask(house.access)
    assert sent == [b"one", b"two"]


async def _parts(house: House) -> AsyncIterator[bytes]:
    yield b"one"
    yield b"two"
    revoke(house.path, "ann")
    yield b"three"
    raise AssertionError


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_believed(tmp_path: Path) -> None:
    """Who owns it could change who comes in."""
    path = tmp_path / "console.toml"
    add(path, "ann")
    os.chown(path, 65534, 65534)
    with pytest.raises(TokensUnreadable, match="is another user's"):
        listed(path)
