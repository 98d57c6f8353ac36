"""The deliveries counted by day, so that a page needn't read millions of rows. See docs/adr/0014."""

from __future__ import annotations

from django.db import models

from acuse.companies.models import Company


class DayCount(models.Model):
    """How many deliveries of one kind and channel, asked on one day, are so. Counted again when one of them changes."""

    class Measure(models.TextChoices):
        #: In a state; the bucket is the state.
        STATE = "state", "Estado"
        #: From sent to delivered; the bucket is the place in `statistics.LIMITS`.
        TO_DELIVERED = "delivered", "Hasta entregarse"
        #: From sent to read; likewise.
        TO_READ = "read", "Hasta leerse"
        #: Left, as billed; the bucket is `<first digits>:<category>:<true|false|>`, as `rates` needs it.
        BILLED = "billed", "Facturado"

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    #: In the company's time zone.
    day = models.DateField()
    kind = models.CharField(max_length=30)
    channel = models.CharField(max_length=10)
    measure = models.CharField(max_length=10, choices=Measure.choices)
    bucket = models.CharField(max_length=60)
    count = models.PositiveIntegerField()

    class Meta:
        constraints = [
            # Inicio reads some days of a company; recount.sql replaces one
            models.UniqueConstraint(
                fields=["company", "day", "measure", "kind", "channel", "bucket"], name="day_count_once"
            ),
        ]


class DayCountMark(models.Model):
    """One row: how far the timeline's events have been counted."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    #: Events up to here are in the counts, and no transaction that wrote an earlier one can still be open.
    settled_id = models.BigIntegerField(default=0)
    #: Events up to here have been looked at; a later look goes back to `settled_id`.
    seen_id = models.BigIntegerField(default=0)
    #: When `seen_id` was reached.
    seen_at = models.DateTimeField()
    #: Everything was counted up to this moment.
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="day_count_mark_is_one")]
