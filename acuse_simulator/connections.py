"""Answers that never arrive whole. ASGI has no word for it, so the connection's own socket is found and shut."""

import os
import socket
import stat

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


def shut(client: tuple[str, int | str]) -> int:
    """Shut every connection of this process with that peer; how many there were."""
    return sum(_shut_if_peer(int(name), (client[0], str(client[1]))) for name in os.listdir("/dev/fd"))


def _shut_if_peer(descriptor: int, peer: tuple[str, str]) -> bool:
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
        with socket.socket(fileno=os.dup(descriptor)) as connection:
            if connection.family not in (socket.AF_INET, socket.AF_INET6):
                return False
            host, port = connection.getpeername()[:2]
            if (host, str(port)) != peer:
                return False
            connection.shutdown(socket.SHUT_RDWR)
            return True
    except OSError:  # not connected, or closed since it was listed
        return False


class Cut(Response):
    """The connection closes without a byte of answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not shut(scope["client"]):
            raise RuntimeError("the connection to cut wasn't found among this process's files")


class HalfBody(Response):
    """Headers for all of `content`, its first half, and the connection closes."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content, media_type="application/json")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        # Returning before the last part makes the server close the connection short of content-length.
        await send({"type": "http.response.body", "body": half, "more_body": True})
