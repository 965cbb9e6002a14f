"""Asking a model: one call over real HTTP, answers decoded strictly, every failure an error of our own."""

import gzip
import json
import traceback
from collections.abc import Iterator

import pytest

from adapters.assist import (
    Answer,
    AssistAddress,
    AssistError,
    AssistRefused,
    AssistUnreachable,
    AssistUnreadable,
    Question,
    ask,
    check_address,
)
from adapters.assist.client import MAX_ANSWER_BYTES
from tests.assist.endpoint import Endpoint, endpoint

KEY = "sk-very-secret"
QUESTION = Question(kind="contacts", column="odd", filled_share=0.5, distinct=3, shapes=("Aaaa 99",))
GOOD = '{"suggestions": [{"kind": "contacts", "column": "odd", "as": "option", "confidence": 0.7, "why": "few"}]}'


@pytest.fixture
def server() -> Iterator[Endpoint]:
    """An endpoint of the test's own."""
    with endpoint() as told:
        yield told


async def asked(server: Endpoint, key: str | None = KEY, timeout_s: float = 5.0) -> list[Answer]:
    """Ask the endpoint about one column."""
    return await ask(server.url, "some-model", key, [QUESTION], {"as": ["option"]}, timeout_s=timeout_s)


@pytest.mark.anyio
@pytest.mark.parametrize("content", [GOOD, f"```json\n{GOOD}\n```", f"  {GOOD}\n"])
async def test_a_suggestion_comes_back(server: Endpoint, content: str) -> None:
    """The model's JSON is read, fenced or not; model, key and columns went where such endpoints look for them."""
    server.content = content
    assert await asked(server) == [Answer(kind="contacts", column="odd", transform="option", confidence=0.7, why="few")]
    [(path, headers, body)] = server.requests
    assert (path, headers["Authorization"]) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert json.loads(body)["model"] == "some-model"
    assert server.asked["columns"] == [
        {"kind": "contacts", "column": "odd", "filled_share": 0.5, "distinct": 3, "shapes": ["Aaaa 99"]}
    ]


@pytest.mark.anyio
async def test_an_endpoint_without_key_is_asked_without(server: Endpoint) -> None:
    """A model on one's own machine wants none."""
    await asked(server, key=None)
    assert "Authorization" not in server.requests[0][1]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, AssistUnreachable),
        (500, AssistUnreachable),
        (401, AssistRefused),
        (302, AssistRefused),
        (201, AssistRefused),
    ],
)
async def test_refusals_say_what_to_do(server: Endpoint, status: int, error: type[AssistError]) -> None:
    """A full or broken endpoint may answer later, one that refuses will not; redirects are not followed."""
    server.status = status
    server.headers = {"Location": "http://127.0.0.1:1/"}
    with pytest.raises(error, match=str(status)):
        await asked(server)
    assert len(server.requests) == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"{}",
        b'{"choices": []}',
        b'{"choices": [{"message": {"content": null}}]}',
        b'{"choices": [{"message": {"content": "I would say option."}}]}',
        b'{"choices": [{"message": {"content": "{\\"suggestions\\": {}}"}}]}',
        b'{"choices": [{"message": {"content": "{\\"suggestions\\": [{\\"column\\": 5}]}"}}]}',
        b"[" * 100_000,
        b'{"x": "' + b"y" * MAX_ANSWER_BYTES + b'"}',
    ],
)
async def test_answers_of_another_shape_are_refused(server: Endpoint, body: bytes) -> None:
    """Not what was asked for, or more than anybody would say: an error, and no guess."""
    server.body = body
    with pytest.raises(AssistUnreadable):
        await asked(server)


@pytest.mark.anyio
async def test_an_answer_that_grows_when_unpacked_is_cut(server: Endpoint) -> None:
    """A small packed answer is bounded by what it unpacks to."""
    server.body, server.headers = gzip.compress(b" " * MAX_ANSWER_BYTES * 20), {"Content-Encoding": "gzip"}
    with pytest.raises(AssistUnreadable, match="too long"):
        await asked(server)


@pytest.mark.anyio
async def test_silence_ends_in_time(server: Endpoint) -> None:
    """An endpoint that never answers is given up."""
    server.delay_s = 30.0
    with pytest.raises(AssistUnreachable):
        await asked(server, timeout_s=0.2)


@pytest.mark.anyio
async def test_nobody_there_is_said() -> None:
    """A closed port is an error of its own."""
    with pytest.raises(AssistUnreachable, match=r"127\.0\.0\.1"):
        await ask("http://127.0.0.1:9/v1", "m", None, [QUESTION], {}, timeout_s=5.0)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com/v1",
        "ftp://x.org",
        "http://",
        "https://user:pw@x.org",
        "https://x.org/?key=1",
        "http://\x00",
    ],
)
def test_addresses_that_cannot_be_or_hold_a_secret_are_refused(url: str) -> None:
    """Before anything is read or sent."""
    with pytest.raises(AssistAddress) as raised:
        check_address(url)
    assert "pw" not in str(raised.value)


@pytest.mark.parametrize("url", ["https://x.org/v1", "https://x.org/v1/", "https://x.org/v1/chat/completions"])
def test_the_endpoint_is_found_from_its_base(url: str) -> None:
    """The base address and the whole one mean the same."""
    assert str(check_address(url)) == "https://x.org/v1/chat/completions"


@pytest.mark.anyio
@pytest.mark.parametrize("key", ["sk-very\nsecret", "sk-very-sécret"])
async def test_a_broken_key_is_never_shown(server: Endpoint, key: str) -> None:
    """A key no header takes is refused without being quoted, also in the traceback."""
    with pytest.raises(AssistAddress) as raised:
        await asked(server, key=key)
    assert not server.requests
    assert "very" not in "".join(traceback.format_exception(raised.value)).replace("sk-very\\nsecret", "")
