"""Every secret encrypted again under the newest key."""

from __future__ import annotations

from django.apps import apps
from django.db import transaction

from acuse.companies.secrets.crypto import SecretField


@transaction.atomic
def rotate_secrets() -> int:
    """How many were encrypted again. Raises UnreadableSecret, and then nothing changes."""
    count = 0
    for model in apps.get_models():
        names = [field.name for field in model._meta.concrete_fields if isinstance(field, SecretField)]
        if not names:
            continue
        for row in model._default_manager.select_for_update():
            # saving encrypts with the newest key whatever key it was read with
            row.save(update_fields=names)
            count += sum(1 for name in names if getattr(row, name))
    return count
