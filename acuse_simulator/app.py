"""The simulator as an ASGI application over one world."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from acuse_simulator import control, operating, phone, routing
from acuse_simulator.errors import GraphError
from acuse_simulator.faults import FaultMiddleware
from acuse_simulator.graph import routes as graph
from acuse_simulator.world import World

STATIC = Path(__file__).parent / "static"


def create_app(world: World) -> Starlette:
    routing.register()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await world.dispatcher.close()

    app = Starlette(
        routes=[
            *control.routes(),
            *operating.routes(),
            *phone.routes(),
            Mount("/static", StaticFiles(directory=STATIC)),
            *graph.routes(),
        ],
        exception_handlers={
            GraphError: graph.graph_error,
            control.BadRequestError: control.bad_request,
            404: graph.unknown_path,
            405: graph.unknown_path,
        },
        middleware=[Middleware(FaultMiddleware)],
        lifespan=lifespan,
    )
    app.state.world = world
    return app
