"""A stand-in for Meta that answers one reading as it is told, in a thread, for pages that ask while a test waits."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NUMBER = {
    "id": "106540352242922", "display_phone_number": "+54 9 341 555-9000", "verified_name": "Ferretería Oeste",
    "quality_rating": "GREEN", "status": "CONNECTED", "code_verification_status": "VERIFIED",
}  # fmt: skip


@dataclass
class Graph:
    url: str = ""
    status: int = 200
    #: JSON, or bytes as they are.
    answer: Any = field(default_factory=lambda: dict(NUMBER))
    #: (path, bearer token) of each request.
    asked: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, code: int, message: str = "", status: int = 400, **more: Any) -> None:
        self.status, self.answer = status, {"error": {"code": code, "message": message, **more}}


@contextmanager
def graph() -> Iterator[Graph]:
    state = Graph()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append((self.path, self.headers.get("Authorization", "").removeprefix("Bearer ")))
            body = state.answer if isinstance(state.answer, bytes) else json.dumps(state.answer).encode()
            self.send_response(state.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
