"""A stub of Twenty in a process of its own: a create is answered after so long with the ids that were sent.

All else is answered by an embedded Twenty that holds no record, and, until its data model changes, from what it
answered the first time. Of a create nothing is kept but, where asked for, its bytes.

    python -m tests.bench.stub --log calls.jsonl [--after 0.1] [--keep bodies] [--stop-after 5]
"""

import re
import socket
import subprocess
import sys
from asyncio import sleep
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import click
import httpx
import msgspec
import uvicorn

from adapters.sandbox.app import SandboxApp, create_app
from adapters.sandbox.settings import MEMORY, SandboxSettings
from tests.bench.processes import ROOT, StartFailed

KEY = "stub-key"
TIME = "2026-03-02T09:00:00.000Z"
_CREATE = re.compile(r"mutation\(\$d:\[\w+CreateInput!\]!\)\{(create\w+)\(data:\$d\)\{id createdAt updatedAt\}\}")
_HEADERS = [(b"content-type", b"application/json")]


class Seen(msgspec.Struct, frozen=True):
    """A call that came: when its last byte was there (seconds of the machine's own clock), where to, and what for."""

    at: float
    path: str
    root: str


class _Asked(msgspec.Struct):
    query: str


class _Row(msgspec.Struct):
    id: str


class _Sent(msgspec.Struct):
    d: list[_Row]


class _Create(msgspec.Struct):
    variables: _Sent


class Stub:
    """The ASGI application. After `stop_after` creates no further one is answered, as long as it lives."""

    def __init__(self, log: Path, db: str, after_s: float, keep: Path | None, stop_after: int | None) -> None:
        self._log = log.open("ab", buffering=0)
        self._after_s = after_s
        self._keep = keep
        self._stop_after = stop_after
        self._created = 0
        self._answers: dict[tuple[str, bytes], tuple[int, bytes]] = {}
        app: SandboxApp = create_app(SandboxSettings(db=db, api_key=KEY, rate_limit=None, workflow_active=False))
        self._inner = httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://stub.invalid",
            headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"},
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one call."""
        body = await _body(receive)
        arrived = monotonic()
        query = msgspec.json.decode(body, type=_Asked).query
        create = _CREATE.fullmatch(query)
        root = create[1] if create else query.split("{", 2)[1].split("(")[0]
        self._log.write(msgspec.json.encode(Seen(arrived, scope["path"], root)) + b"\n")
        if create:
            status, answer = 200, await self._create(create[1], body, arrived)
        else:
            status, answer = await self._other(scope["path"], body, is_change=query.startswith("mutation"))
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*_HEADERS, length]})
        await send({"type": "http.response.body", "body": answer})

    async def _create(self, root: str, body: bytes, arrived: float) -> bytes:
        self._created += 1
        if self._stop_after is not None and self._created > self._stop_after:
            await sleep(3_600)
        if self._keep is not None:
            (self._keep / f"{self._created:06}").write_bytes(body)
        ids = msgspec.json.decode(body, type=_Create).variables.d
        rows = [{"id": one.id, "createdAt": TIME, "updatedAt": TIME} for one in ids]
        answer = msgspec.json.encode({"data": {root: rows}})
        await sleep(arrived + self._after_s - monotonic())
        return answer

    async def _other(self, path: str, body: bytes, *, is_change: bool) -> tuple[int, bytes]:
        if is_change:
            self._answers.clear()
        elif (path, body) in self._answers:
            return self._answers[path, body]
        answered = await self._inner.post(path, content=body)
        if not is_change:
            self._answers[path, body] = answered.status_code, answered.content
        return answered.status_code, answered.content


async def _body(receive: Any) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


class Stubbed(msgspec.Struct, frozen=True):
    """A stub at work."""

    url: str
    log: Path
    keep: Path | None

    @property
    def env(self) -> dict[str, str]:
        """What a command has to know of it."""
        return {"TWENTY_URL": self.url, "TWENTY_API_KEY": KEY}

    @property
    def seen(self) -> list[Seen]:
        """Every call that came, in order; the last may just be coming."""
        return [msgspec.json.decode(line, type=Seen) for line in self.log.read_bytes().split(b"\n")[:-1]]

    @property
    def bodies(self) -> list[bytes]:
        """The creates that came, in order."""
        return [path.read_bytes() for path in sorted(self.keep.iterdir())] if self.keep else []


@contextmanager
def stubbed(
    folder: Path, after_s: float = 0.1, *, db: Path | None = None, keeps: bool = False, stop_after: int | None = None
) -> Iterator[Stubbed]:
    """A stub on a free port; what it notes is in the folder, its workspace in `db` (else nowhere).

    Raises:
        StartFailed: it ended instead.
    """
    folder.mkdir(parents=True)
    keep = folder / "bodies" if keeps else None
    if keep:
        keep.mkdir()
    log = folder / "calls.jsonl"
    command = [sys.executable, "-m", "tests.bench.stub", "--log", str(log), "--after", str(after_s)]
    command += ["--db", str(db)] if db else []
    command += ["--keep", str(keep)] if keep else []
    command += ["--stop-after", str(stop_after)] if stop_after is not None else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            if not (url := process.stdout.readline().strip()):
                raise StartFailed("the stub did not begin")
            yield Stubbed(url, log, keep)
        finally:
            process.kill()


@click.command()
@click.option("--log", type=click.Path(path_type=Path), required=True, help="Where every call is noted.")
@click.option("--db", default=MEMORY, help="Where its workspace is kept.")
@click.option("--after", "after_s", type=float, default=0.1, show_default=True, help="Seconds a create takes.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for the bytes of every create.")
@click.option("--stop-after", type=int, help="Answer so many creates, and no further one.")
def main(log: Path, db: str, after_s: float, keep: Path | None, stop_after: int | None) -> None:
    """Serve on a free port of this machine; prints its address."""
    config = uvicorn.Config(Stub(log, db, after_s, keep, stop_after), log_level="error", lifespan="off")
    # Named as TCP, it gets TCP_NODELAY of asyncio; else every answer would wait 40 ms for an acknowledgement.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        click.echo(f"http://127.0.0.1:{listening.getsockname()[1]}")
        uvicorn.Server(config).run([listening])


if __name__ == "__main__":
    main()
