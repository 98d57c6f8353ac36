"""A callback for webhooks: keeps every body as it came, and answers what the test wants."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from acuse_simulator.signing import signature


@dataclass
class Post:
    body: bytes
    signature: str | None

    @property
    def json(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    def values(self) -> list[dict[str, Any]]:
        return [change["value"] for entry in self.json["entry"] for change in entry["changes"]]

    def statuses(self) -> list[dict[str, Any]]:
        return [status for value in self.values() for status in value.get("statuses", [])]

    def signed_with(self, secret: str) -> bool:
        return self.signature == signature(self.body, secret)


@dataclass
class Callback:
    """`answers`: statuses for the next POSTs; then 200."""

    url: str = ""
    verify_token: str = "simulator-verify-token"
    posts: list[Post] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def take(self, post: Post) -> int:
        """Its answer; of two that come at once, the first that is kept gets the first."""
        with self._lock:
            self.posts.append(post)
            return self.answers.pop(0) if self.answers else 200

    def statuses(self) -> list[dict[str, Any]]:
        return [status for post in self.posts for status in post.statuses()]

    def wait_for(self, count: int, seconds: float = 20.0) -> list[Post]:
        deadline = time.monotonic() + seconds
        while len(self.posts) < count:
            assert time.monotonic() < deadline, f"{len(self.posts)} of {count} webhooks came"
            time.sleep(0.01)
        return self.posts

    def wait_for_statuses(self, count: int, seconds: float = 20.0) -> list[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        while len(self.statuses()) < count:
            assert time.monotonic() < deadline, f"{len(self.statuses())} of {count} statuses came"
            time.sleep(0.01)
        return self.statuses()


class CallbackServer:
    def __init__(self) -> None:
        self.callback = Callback()
        callback = self.callback

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer(callback.take(Post(body, self.headers.get("X-Hub-Signature-256"))), b"")

            def do_GET(self) -> None:
                query = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
                right = query.get("hub.mode") == "subscribe" and query.get("hub.verify_token") == callback.verify_token
                self._answer(200 if right else 403, query.get("hub.challenge", "").encode() if right else b"no")

            def _answer(self, status: int, content: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Quiet: what came is in `posts`."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        callback.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
