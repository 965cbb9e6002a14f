"""An OpenAI-compatible endpoint on loopback that answers what a test tells it, and keeps what it was sent."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Endpoint:
    """What to answer, and what came in. `content` is what the model says; `body` replaces the whole answer."""

    def __init__(self) -> None:
        self.status = 200
        self.content = '{"suggestions": []}'
        self.body: bytes | None = None
        self.delay_s = 0.0
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.stopped = threading.Event()
        self.url = ""

    @property
    def asked(self) -> dict[str, Any]:
        """The columns and choices of the only request."""
        [(_, _, body)] = self.requests
        told: dict[str, Any] = json.loads(json.loads(body)["messages"][1]["content"])
        return told

    def answer(self) -> bytes:
        """The answer's body."""
        if self.body is not None:
            return self.body
        return json.dumps({"choices": [{"message": {"role": "assistant", "content": self.content}}]}).encode()


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Serve until the test is done."""
    told = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        """One POST, one answer."""

        def do_POST(self) -> None:
            """Keep the request, answer as told."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.requests.append((self.path, dict(self.headers), body))
            told.stopped.wait(told.delay_s)
            answer = told.answer()
            self.send_response(told.status)
            for name, value in {**told.headers, "Content-Length": str(len(answer))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield told
    finally:
        told.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()
