"""Lanes (one sender each) and the accounts that hold them."""

from __future__ import annotations

from django.db import models

from acuse.channels.contract import Channel
from acuse.companies.crypto import SecretField
from acuse.companies.models import Company
from acuse.kernel.ids import new_id, new_secret


def _app_key() -> str:
    return new_secret(24)


class Lane(models.Model):
    """*Línea de envío*: a WhatsApp number or a mailbox. Its id names the advisory lock of its only runner."""

    id = models.AutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="lanes")
    channel = models.CharField(max_length=10, choices=[(c.value, c.value) for c in Channel])
    name = models.CharField(max_length=120)
    #: Messages a second.
    throughput = models.PositiveIntegerField(default=80)
    is_active = models.BooleanField(default=True)
    #: The one that a new delivery of this channel takes.
    is_default = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "línea de envío"
        constraints = [
            models.UniqueConstraint(
                fields=["company", "channel"], condition=models.Q(is_default=True), name="lane_one_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WhatsAppApp(models.Model):
    """A Meta app: the callback and the secret that signs it belong here. Of one company."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="whatsapp_apps")
    #: Random, in the webhook's path: /hooks/whatsapp/<key>/
    key = models.CharField(max_length=64, unique=True, default=_app_key, editable=False)
    app_id = models.CharField(max_length=40)
    app_secret = SecretField(blank=True, default="")
    verify_token = SecretField(default=new_secret)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "app_id"], name="whatsapp_app_once")]


class WhatsAppAccount(models.Model):
    """A WABA (Meta's WhatsApp Business Account) and the token that acts for it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="whatsapp_accounts")
    app = models.ForeignKey(WhatsAppApp, on_delete=models.SET_NULL, null=True, related_name="accounts")
    waba_id = models.CharField(max_length=40, blank=True)
    access_token = SecretField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "waba_id"], name="whatsapp_account_once")]


class WhatsAppNumber(models.Model):
    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(WhatsAppAccount, on_delete=models.CASCADE, related_name="numbers")
    lane = models.OneToOneField(Lane, on_delete=models.CASCADE, related_name="whatsapp_number")
    #: Meta's id; belongs to one company of the installation.
    phone_number_id = models.CharField(max_length=40, unique=True)


class Mailbox(models.Model):
    """The company's SMTP account."""

    id = models.BigAutoField(primary_key=True)
    lane = models.OneToOneField(Lane, on_delete=models.CASCADE, related_name="mailbox")
    #: smtp://, smtps:// or smtp+starttls://user:password@host:port
    url = SecretField()
    from_address = models.EmailField(max_length=254)
