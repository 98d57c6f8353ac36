"""A row of `models` in a module of its own, as that one is long."""

from __future__ import annotations

from django.db import models

from acuse.companies.models import Company


class ResendKey(models.Model):
    """What a program asked again with a key of its own, and the answer: the same key never asks twice."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=100)
    delivery = models.ForeignKey("Delivery", on_delete=models.CASCADE, related_name="+", db_index=False)
    answer = models.ForeignKey("Delivery", on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            # `repeating` relies on it: of two at once, one waits for the other
            models.UniqueConstraint(fields=["company", "key"], name="resend_key_once"),
        ]
        indexes = [
            # the hourly purge
            models.Index(fields=["at"], name="resend_key_by_age"),
        ]
