"""libpq's connection string of Django's database, for what talks to PostgreSQL without Django."""

from __future__ import annotations

from django.db import connection
from psycopg.conninfo import make_conninfo


def conninfo() -> str:
    settings = connection.settings_dict
    given = {
        "dbname": settings["NAME"], "user": settings["USER"], "password": settings["PASSWORD"],
        "host": settings["HOST"], "port": settings["PORT"],
    }  # fmt: skip
    extra = {k: v for k, v in settings.get("OPTIONS", {}).items() if k not in ("pool", "server_side_binding")}
    return make_conninfo(application_name="acuse", **{k: v for k, v in {**given, **extra}.items() if v})
