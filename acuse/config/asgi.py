"""What the server runs: webhooks first, by path and ahead of Django; everything else is Django's."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuse.config.settings")

from django.core.asgi import get_asgi_application

from acuse.config import database, environment

database.ensure()
_django = get_asgi_application()

# after Django is set up: they have models
from acuse.api.limits import BodyLimit  # noqa: E402
from acuse.config import garbage  # noqa: E402
from acuse.hooks.receiver import PREFIX, HooksReceiver, Receive, Scope, Send  # noqa: E402
from acuse.web.errors import refused_page  # noqa: E402

hooks = HooksReceiver(environment.conninfo)
pages = BodyLimit(_django, refused_page)
garbage.settle()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"].startswith(PREFIX):
        await hooks(scope, receive, send)
    else:
        await pages(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await hooks.aclose()
            await send({"type": "lifespan.shutdown.complete"})
            return
