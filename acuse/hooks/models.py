"""What providers posted, as it came."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from acuse.channels.models import WhatsAppApp


class RawHook(models.Model):
    """The body of a signed POST, stored before anything looks into it."""

    class State(models.TextChoices):
        #: Waits for the tracker.
        NEW = "new"
        #: Applied.
        DONE = "done"
        #: Signed, but not JSON.
        UNREADABLE = "unreadable"
        #: An item of it could not be applied; its other items were. The log has the exception.
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    app = models.ForeignKey(WhatsAppApp, on_delete=models.CASCADE, related_name="raw_hooks")
    received_at = models.DateTimeField()
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.NEW)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # the tracker takes what is new, oldest first
            models.Index(fields=["id"], condition=Q(state="new"), name="raw_hook_new"),
        ]
