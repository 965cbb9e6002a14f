"""The way to Twenty when it breaks: which calls are sent again, and which answers count as lost."""

import socket
from typing import Any

import anyio
import pytest

from adapters.twenty import (
    BadAddress,
    Call,
    InvalidValue,
    LimitReached,
    NoToken,
    NotTwenty,
    OutcomeUnknown,
    Pacer,
    QueryRefused,
    Redirected,
    ServerTrouble,
    TlsFailed,
    TwentyClient,
    TwentyError,
    Unauthenticated,
    Unreachable,
)
from adapters.twenty import client as client_module
from tests.twenty.loopback import KEY, LIMIT, Loopback, answer, connect, drip, hang, page, raw, refused, reset, truncate

pytestmark = pytest.mark.anyio

READ = "query{people{totalCount}}"
WRITE = "mutation($d:[PersonCreateInput!]!){createPeople(data:$d){id}}"
DONE = answer({"data": {"createPeople": []}})
LOST = {
    "reset": reset,
    "truncated": truncate,
    "hung": hang,
    "dripping": drip,
    "web page": page(200),
    "bad gateway": page(502),
    "server error": answer("boom", 500),
    "error of the server in a 200": refused("boom", code="INTERNAL_SERVER_ERROR"),
    "half JSON": raw("HTTP/1.1 200 OK", b'{"data":{"createPeople":[{"id":"1'),
    "no data": answer({}),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST)
async def test_lost_answer_to_a_write_is_unknown_and_not_sent_again(loopback: Loopback, lost: Any) -> None:
    """However the answer to a write is lost, the write went out once and its outcome is unknown."""
    loopback.script = [lost]
    async with connect(loopback) as client:
        with pytest.raises(OutcomeUnknown):
            await client.write(WRITE, {"d": []}, kind="create")
    assert len(loopback.requests) == 1
    assert client.calls == {"create": 1}


@pytest.mark.parametrize("lost", [reset, truncate, hang, page(502), page(503)])
async def test_lost_answer_to_a_read_is_asked_again(loopback: Loopback, lost: Any) -> None:
    """A read that failed in passing is sent again and answered."""
    loopback.script = [lost]
    async with connect(loopback) as client:
        assert await client.read(READ) == {"people": {"totalCount": 0}}
    assert len(loopback.requests) == 2


async def test_read_gives_up_after_its_patience(loopback: Loopback) -> None:
    """A server that keeps failing ends a read as transient trouble, not for ever."""
    loopback.otherwise = page(503)
    async with connect(loopback, patience_s=0.5) as client:
        with pytest.raises(ServerTrouble):
            await client.read(READ)
    assert len(loopback.requests) > 1


async def test_web_page_for_a_read_is_terminal(loopback: Loopback) -> None:
    """A page where GraphQL was expected is a wrong address: asking again would not help."""
    loopback.otherwise = page(200)
    async with connect(loopback) as client:
        with pytest.raises(NotTwenty) as refusal:
            await client.read(READ)
    assert len(loopback.requests) == 1
    assert "jane@example.com" not in str(refusal.value)


@pytest.mark.parametrize("is_write", [False, True])
async def test_redirect_is_not_followed(loopback: Loopback, is_write: bool) -> None:
    """The key is not carried to another address; the error names it without its query."""
    loopback.script = [raw("HTTP/1.1 302 X\r\nLocation: https://sso.example.com/in?token=hunter2", b"")]
    async with connect(loopback) as client:
        with pytest.raises(Redirected, match=r"https://sso\.example\.com/in;") as refusal:
            await (client.write(WRITE, {"d": []}, kind="create") if is_write else client.read(READ))
    assert "hunter2" not in repr(refusal.value)
    assert len(loopback.requests) == 1


async def test_refused_limit_is_waited_for_by_reads_and_writes(loopback: Loopback) -> None:
    """The limit refuses before anything happens, so a write is sent again too; refusals are counted apart."""
    loopback.script = [LIMIT, DONE, LIMIT]
    async with connect(loopback) as client:
        await client.write(WRITE, {"d": []}, kind="create")
        await client.read(READ, kind="poll")
    assert client.calls == {"create": 1, "poll": 1, "refused": 2}


async def test_limit_beyond_patience_is_named(loopback: Loopback) -> None:
    """A limit that never gives way ends as LimitReached after the pacer's patience, not the reader's on top."""
    loopback.otherwise = LIMIT
    async with connect(loopback, pacer=Pacer(patience_s=0.2)) as client:
        with anyio.fail_after(1.0), pytest.raises(LimitReached):
            await client.read(READ)


async def test_closed_port_is_unreachable_for_a_write_too() -> None:
    """A connection that never opened is no unknown outcome: the call never left."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with TwentyClient.open(f"http://127.0.0.1:{unused.getsockname()[1]}", KEY, patience_s=0.3) as client:
            with pytest.raises(Unreachable):
                await client.write(WRITE, {"d": []}, kind="create")


async def test_write_waits_for_a_server_that_is_starting() -> None:
    """A write whose connection was refused is sent once the port opens."""
    loopback = Loopback()
    loopback.otherwise = DONE
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        loopback.port = reserved.getsockname()[1]

    async def start_later(client: TwentyClient) -> None:
        await anyio.sleep(0.1)
        await loopback.start()

    async with connect(loopback, patience_s=5.0) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(start_later, client)
        await client.write(WRITE, {"d": []}, kind="create")
    await loopback.stop()
    assert len(loopback.requests) == 1


async def test_tls_on_a_plain_port_is_terminal(loopback: Loopback) -> None:
    """TLS where none is spoken is a wrong address, told at once."""
    async with TwentyClient.open(loopback.url.replace("http:", "https:"), KEY, patience_s=30.0) as client:
        with anyio.fail_after(5.0), pytest.raises((TlsFailed, Unreachable)) as refusal:
            await client.read(READ)
    assert isinstance(refusal.value, TlsFailed)


async def test_answer_without_end_is_cut(loopback: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer larger than any of Twenty's is not read into memory."""
    monkeypatch.setattr(client_module, "MAX_ANSWER_BYTES", 1_000)
    loopback.script = [answer({"data": {"people": "x" * 5_000}})]
    async with connect(loopback) as client:
        with pytest.raises(NotTwenty, match="over 1000 bytes"):
            await client.read(READ)


async def test_metadata_is_not_paced(loopback: Loopback) -> None:
    """Calls on `/metadata` do not wait for the pace of the others, and go to their own endpoint."""
    paces: list[float] = []

    async def paced(seconds: float) -> None:
        paces.append(seconds)

    loopback.script = [LIMIT]
    seen: list[Call] = []
    async with connect(loopback, pacer=Pacer(now=lambda: 0.0, sleep=paced), on_call=seen.append) as client:
        await client.read(READ)
        assert paces == [pytest.approx(0.025)]
        for _ in range(20):
            await client.metadata_read("{currentWorkspace{id}}")
        assert len(paces) == 1
    assert loopback.headers[-1].startswith("POST /metadata ")
    assert client.calls["metadata"] == 20
    assert [call.error for call in seen[:2]] == ["twenty_limit_reached", None]


async def test_metadata_write_is_sent_once(loopback: Loopback) -> None:
    """A change of the data model whose answer was lost is unknown, like any write."""
    loopback.script = [reset]
    async with connect(loopback) as client:
        with pytest.raises(OutcomeUnknown):
            await client.metadata_write("mutation($i:X!){createOneField(input:$i){id}}", {"i": {}})
    assert len(loopback.requests) == 1


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nbreak", "ключ"])
async def test_unusable_key_is_refused_before_any_call(loopback: Loopback, key: str) -> None:
    """A key that cannot be one never reaches a header, and is not quoted."""
    with pytest.raises((NoToken, Unauthenticated)) as refusal:
        async with TwentyClient.open(loopback.url, key):
            pytest.fail("opened")
    assert not key.strip() or key.strip() not in str(refusal.value)


async def test_key_stays_out_of_everything_shown(loopback: Loopback) -> None:
    """Neither the client nor any of its errors, causes included, shows the key; the server gets it."""
    loopback.script = [refused("no", code="BAD_USER_INPUT")]
    async with connect(loopback) as client:
        with pytest.raises(QueryRefused) as refusal:
            await client.read(READ)
        shown = [repr(client), str(vars(client)), repr(refusal.value), repr(refusal.value.__cause__)]
    assert KEY not in " ".join(shown)
    assert f"Bearer {KEY}" in loopback.headers[0]


async def test_text_that_is_no_unicode_never_leaves(loopback: Loopback) -> None:
    """A lone surrogate would come back as another sign: it is refused here, and not quoted."""
    async with connect(loopback) as client:
        with pytest.raises(InvalidValue) as refusal:
            await client.write(WRITE, {"d": [{"jobTitle": "private\ud800"}]}, kind="create")
    assert not loopback.requests
    assert "private" not in f"{refusal.value!r}{refusal.value.__cause__!r}"


async def test_cancelling_a_write_is_seen_in_the_count(loopback: Loopback) -> None:
    """A call cut short by its caller is counted: it may have arrived."""
    loopback.script = [hang]
    async with connect(loopback, timeout_s=5.0) as client:
        with anyio.move_on_after(0.1):
            await client.write(WRITE, {"d": []}, kind="create")
    assert client.calls == {"create": 1}


async def test_base_path_is_kept(loopback: Loopback) -> None:
    """A Twenty below a path of a host is called below that path."""
    async with TwentyClient.open(f"{loopback.url}/crm/graphql", KEY) as client:
        await client.read(READ)
    assert loopback.headers[0].startswith("POST /crm/graphql ")


async def test_bad_address_is_refused() -> None:
    """An address that is none is told before any call."""
    with pytest.raises(BadAddress):
        async with TwentyClient.open("crm", KEY):
            pytest.fail("opened")


def test_bad_address_is_a_twenty_error() -> None:
    """One `except TwentyError` at the command line catches all of them."""
    assert issubclass(BadAddress, TwentyError)
