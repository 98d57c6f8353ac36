"""`acuse rotate_secrets`: after a new ACUSE_SECRET_KEY, with the old one in ACUSE_OLD_SECRET_KEYS."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from acuse.companies.installation import adopt_key
from acuse.companies.secrets.crypto import UnreadableSecret
from acuse.companies.secrets.rotation import rotate_secrets
from acuse.workers.command import AcuseCommand


class Command(AcuseCommand):
    help = "Vuelve a cifrar los secretos guardados con la clave nueva"

    def handle(self, **options: Any) -> None:
        try:
            count = rotate_secrets()
        except UnreadableSecret as error:
            self.refuse("ACUSE_OLD_SECRET_KEYS", str(error), as_json=options["as_json"])
        adopt_key(settings.SECRET_KEY)
        if options["as_json"]:
            self.print_json({"rotated": count})
        else:
            self.say(f"{count} secretos cifrados con la clave nueva. Ya podés quitar ACUSE_OLD_SECRET_KEYS.")
