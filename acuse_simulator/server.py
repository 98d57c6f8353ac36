"""Serves the simulator in this process until it is told to stop."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

from acuse_simulator.app import create_app
from acuse_simulator.config import Config, require_loopback
from acuse_simulator.world import World

POLL = 0.02  #: seconds between looks at whether the port answers
BACKLOG = 1024
GRACE = 5.0  #: seconds that answers under way get after a signal

#: Called inside the event loop: the application, and what to call before it is stopped.
Make = Callable[[], tuple[Any, Callable[[], None]]]


def free_port(host: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def run(config: Config, ready: Callable[[str], None] | None = None) -> None:
    """Block until SIGINT or SIGTERM. `ready` gets the address once it answers. Raises NotLoopbackError."""
    require_loopback(config.host)

    def make() -> tuple[Any, Callable[[], None]]:
        world = World(config)
        return create_app(world), world.stopping.set

    serve_app(make, config.host, config.port, ready or print_ready)


def print_ready(url: str) -> None:
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()


def serve_app(make: Make, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Uses uvloop where it is installed."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(make, host, port or free_port(host), ready))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # Windows has none
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _serve(make: Make, host: str, port: int, ready: Callable[[str], None]) -> None:
    app, stop = make()
    server: Any = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        backlog=BACKLOG,
        websockets=False,
        log_enabled=False,
    )
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    serving = asyncio.create_task(server.serve())
    await _until_it_answers(serving, host, port)
    if not serving.done():
        ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    if told.done():
        stop()
        server.stop()
        await asyncio.wait({serving}, timeout=GRACE)
    told.cancel()
    if serving.done():
        serving.result()


async def _until_it_answers(serving: asyncio.Task[None], host: str, port: int) -> None:
    while not serving.done():
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(POLL)
