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


class Knock(models.Model):
    """The last time that each thing happened at an app's address, for whoever is connecting it."""

    class What(models.TextChoices):
        #: Meta proved the address, and got its answer.
        CHALLENGE = "challenge"
        #: Somebody proved it with another verify token.
        WRONG_TOKEN = "wrong_token"  # noqa: S105
        #: A webhook came whose signature isn't by the app's secret.
        WRONG_SIGNATURE = "wrong_signature"
        #: One came while no secret is saved.
        NO_SECRET = "no_secret"  # noqa: S105

    id = models.BigAutoField(primary_key=True)
    app = models.ForeignKey(WhatsAppApp, on_delete=models.CASCADE, related_name="knocks")
    what = models.CharField(max_length=20, choices=What.choices)
    at = models.DateTimeField()

    class Meta:
        # the receiver writes over it
        constraints = [models.UniqueConstraint(fields=["app", "what"], name="knock_once")]
