"""What the server runs: webhooks first, by path and ahead of Django; everything else is Django's."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuse.config.settings")

from django.core.asgi import get_asgi_application

from acuse.config import database

database.ensure()
application = get_asgi_application()
