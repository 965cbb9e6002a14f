"""One call to `/chat/completions`: questions about columns out, suggestions in, decoded strictly."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import anyio
import httpx
import msgspec

from adapters.assist.errors import AssistAddress, AssistRefused, AssistUnreachable, AssistUnreadable

TIMEOUT_S = 60.0
MAX_ANSWER_BYTES = 1_000_000

_INSTRUCTIONS = """\
You help to map columns of a CSV export of the marketing system Kartra into a CRM. You are told the header of each \
column nobody could place, the kind of file it is in, the share of filled cells, the number of distinct values, and \
shapes of a few values (A, a and 9 stand for letters and digits). For each column answer either `like`: the known \
column of that kind of file it means, or `as`: how its values are to be read; leave out columns you cannot tell. \
`confidence` is from 0 to 1, `why` a few words. Answer with one JSON object and nothing else:
{"suggestions": [{"kind": "…", "column": "…", "like": "…" or null, "as": "…" or null, "confidence": 0.0, "why": "…"}]}
"""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A column nobody could place: everything that leaves the house about it."""

    kind: str
    column: str
    filled_share: float
    distinct: int
    shapes: tuple[str, ...]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the model makes of a column; unknown names are the asker's to pass over."""

    kind: str
    column: str
    like: str | None = None
    transform: str | None = msgspec.field(name="as", default=None)
    confidence: float = 0.0
    why: str = ""


class _Answers(msgspec.Struct, frozen=True):
    suggestions: list[Answer]


class _Message(msgspec.Struct, frozen=True):
    content: str


class _Choice(msgspec.Struct, frozen=True):
    message: _Message


class _Completion(msgspec.Struct, frozen=True):
    choices: list[_Choice]


def check_address(url: str) -> httpx.URL:
    """The endpoint of an OpenAI-compatible base address (`https://api.example.com/v1`).

    Raises:
        AssistAddress: it is none, or it holds a secret of its own.
    """
    try:
        address = httpx.URL(url.rstrip("/"))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise AssistAddress("it is no URL") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise AssistAddress("it is no http or https URL")
    if address.userinfo or address.query:
        raise AssistAddress("a key belongs into the environment, not into the address")
    path = address.path.rstrip("/")
    return address.copy_with(path=path if path.endswith("/chat/completions") else f"{path}/chat/completions")


async def ask(
    url: str,
    model: str,
    key: str | None,
    questions: Sequence[Question],
    choices: Mapping[str, Any],
    *,
    timeout_s: float = TIMEOUT_S,
) -> list[Answer]:
    """Ask once about every column. `choices` are the words an answer may use: known columns by kind, and readings.

    Raises:
        AssistError: no usable answer came.
    """
    address = check_address(url)
    told = msgspec.json.encode({"columns": questions, "choices": choices}).decode()
    body = {
        "model": model,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "messages": [{"role": "system", "content": _INSTRUCTIONS}, {"role": "user", "content": told}],
    }
    return _suggestions(address.host, await _call(address, key, msgspec.json.encode(body), timeout_s))


async def _call(address: httpx.URL, key: str | None, body: bytes, timeout_s: float) -> bytes:
    headers = {"Content-Type": "application/json", **_authorization(key)}
    try:
        with anyio.fail_after(timeout_s):
            async with (
                httpx.AsyncClient(timeout=timeout_s, follow_redirects=False) as http,
                http.stream("POST", address, headers=headers, content=body) as answer,
            ):
                _check_status(address.host, answer.status_code)
                return await _bounded(address.host, answer)
    except (httpx.HTTPError, TimeoutError, OSError) as error:
        raise AssistUnreachable(address.host, type(error).__name__) from error


def _authorization(key: str | None) -> dict[str, str]:
    if not key:
        return {}
    if not (key.isascii() and key.isprintable()):
        raise AssistAddress("its key holds characters that no header takes")
    return {"Authorization": f"Bearer {key}"}


def _check_status(host: str, status: int) -> None:
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise AssistUnreachable(host, f"status {status}")
    if status != HTTPStatus.OK:
        raise AssistRefused(host, status)


async def _bounded(host: str, answer: httpx.Response) -> bytes:
    read = bytearray()
    async for chunk in answer.aiter_bytes():
        read += chunk
        if len(read) > MAX_ANSWER_BYTES:
            raise AssistUnreadable(host, "it is too long")
    return bytes(read)


def _suggestions(host: str, body: bytes) -> list[Answer]:
    try:
        [choice, *_] = msgspec.json.decode(body, type=_Completion).choices
        # Models wrap JSON in a fence, whatever they are told.
        said = choice.message.content.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
        return msgspec.json.decode(said, type=_Answers).suggestions
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise AssistUnreadable(host, "it is not the JSON that was asked for") from error
