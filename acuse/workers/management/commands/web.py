"""`acuse web`: the pages, the API and the webhooks."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from granian import Granian
from granian.constants import Interfaces

from acuse.workers.command import AcuseCommand

#: Seconds for requests in flight when the process is asked to stop.
LANDING = 30


class Command(AcuseCommand):
    help = "Servidor de las páginas, la API y los webhooks"

    def handle(self, **options: Any) -> None:
        settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        environment = settings.ENVIRONMENT
        # Granian forks: a pool that crosses a fork shares its sockets with its parent, and never opens another
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # of the PostgreSQL backend
        self.say(f"Acuse escucha en http://{environment.bind}")
        Granian(
            "acuse.config.asgi:application",
            address=environment.bind_host,
            port=environment.bind_port,
            interface=Interfaces.ASGI,
            workers=1,
            respawn_failed_workers=True,
            workers_kill_timeout=LANDING,
            static_path_route=["/static"],
            static_path_mount=[settings.STATIC_ROOT],
            log_enabled=False,
        ).serve()
