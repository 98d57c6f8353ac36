"""What a message costs, as a person enters it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from acuse.companies.models import Company


class Rate(models.Model):
    """*Tarifa*: what one message costs from a day on, until the next rate of the same."""

    class Category(models.TextChoices):
        #: What was bought: an invoice, an order.
        UTILITY = "utility", "Utilidad"
        #: What promotes.
        MARKETING = "marketing", "Marketing"
        #: One-time codes.
        AUTHENTICATION = "authentication", "Autenticación"
        #: Free text, within the 24 hours after the customer wrote.
        SERVICE = "service", "Servicio"

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="rates")
    category = models.CharField("categoría", max_length=20, choices=Category.choices, default=Category.UTILITY)
    #: The first digits of the recipient's number (54 = Argentina); blank = everywhere else.
    market = models.CharField("país", max_length=4, blank=True, default="54")
    #: ISO 4217.
    currency = models.CharField("moneda", max_length=3, default="USD")
    price = models.DecimalField("precio por mensaje", max_digits=12, decimal_places=6)
    valid_from = models.DateField("desde")

    class Meta:
        verbose_name = "tarifa"
        constraints = [
            # one price a day of the same thing
            models.UniqueConstraint(fields=["company", "category", "market", "valid_from"], name="rate_once_a_day"),
            models.CheckConstraint(condition=Q(price__gte=0), name="rate_not_negative"),
        ]
