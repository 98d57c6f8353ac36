"""Lanes (one sender each) and the accounts that hold them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from acuse.channels.contract import Channel
from acuse.companies.models import Company
from acuse.companies.secrets.crypto import SecretField
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
    #: What a person had chosen when the provider slowed the lane down; None: nothing to go back to.
    chosen_pace = models.PositiveIntegerField(null=True, blank=True)
    #: When the provider last told, after the messages had left, that it sends too fast.
    slowed_at = models.DateTimeField(null=True, blank=True)
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
    #: When somebody last wrote the secret; None = not known.
    secret_saved_at = models.DateTimeField(null=True, blank=True)
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
    #: When somebody last wrote the token; None = not known.
    token_saved_at = models.DateTimeField(null=True, blank=True)
    #: None: it doesn't expire, or nobody asked.
    token_expires_at = models.DateTimeField(null=True, blank=True)
    #: When Meta first didn't take it any more; None: it takes it, or another one was saved and read with since.
    token_refused_at = models.DateTimeField(null=True, blank=True)
    token_scopes = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    # what follows is Meta's, as of `synced_at`; its enums are open, so they are kept as they come
    name = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=8, blank=True)
    review = models.CharField(max_length=40, blank=True)
    verification = models.CharField(max_length=40, blank=True)
    funded = models.BooleanField(null=True)
    status = models.CharField(max_length=40, blank=True)
    #: TIER_250, TIER_2K… of the whole portfolio: different people written to first in 24 hours.
    limit = models.CharField(max_length=40, blank=True)
    #: {"can_send", "problems": [{"entity", "can_send", "texts", "solutions"}]} (Meta, health status).
    health = models.JSONField(default=dict, blank=True)
    #: [{"type", "until": unix seconds or null}] (Meta, account_update).
    restrictions = models.JSONField(default=list, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    #: Both subscriptions, as `onboarding.webhook.kept` has them; empty: nobody looked.
    webhook = models.JSONField(default=dict, blank=True)
    #: When somebody last began to read the account, whatever came of it: who sets it has the turn.
    tried_at = models.DateTimeField(null=True, blank=True)
    #: Why the last reading failed, for people; blank after a good one.
    sync_problem = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "waba_id"], name="whatsapp_account_once")]


class AccountReading(models.Model):
    """What Meta was asked for a page a moment ago: kept so that opening the page again costs no call."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(WhatsAppAccount, on_delete=models.CASCADE, related_name="readings")
    #: `accounts`, `numbers:<account>`, `profile:<number>`: Meta's ids.
    about = models.CharField(max_length=80)
    #: None: nothing was read yet.
    told = models.JSONField(null=True)
    #: When Meta was asked for it.
    told_at = models.DateTimeField(null=True)
    #: The last refusal, as `OnboardingError` takes it; empty after a good reading.
    refused = models.JSONField(default=dict)
    #: When somebody last began to read: who sets it has the turn.
    tried_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "about"], name="account_reading_once")]


class WhatsAppNumber(models.Model):
    class Sandbox(models.TextChoices):
        #: As it is: what real numbers take.
        OFF = "off", "Como es"
        #: 54 and ten digits.
        WITHOUT_9 = "without_9", "Sin el 9"
        #: 54, the area code, 15 and the rest, as Meta's panel stores it.
        WITH_15 = "with_15", "Con el 15"

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(WhatsAppAccount, on_delete=models.CASCADE, related_name="numbers")
    lane = models.OneToOneField(Lane, on_delete=models.CASCADE, related_name="whatsapp_number")
    #: Meta's id; belongs to one company of the installation.
    phone_number_id = models.CharField(max_length=40, unique=True)
    #: How a test number writes Argentine mobiles, where Meta answers 131030.
    sandbox = models.CharField(max_length=10, choices=Sandbox.choices, default=Sandbox.OFF)
    #: Of two-step verification, when Acuse registered the number.
    pin = SecretField(blank=True, default="")
    # what follows is Meta's, as of `synced_at`
    display = models.CharField(max_length=40, blank=True)
    verified_name = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=40, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    code_status = models.CharField(max_length=40, blank=True)
    name_status = models.CharField(max_length=40, blank=True)
    #: STANDARD (80 messages a second), HIGH (1,000), or blank.
    throughput_level = models.CharField(max_length=20, blank=True)
    #: LIVE or SANDBOX.
    mode = models.CharField(max_length=20, blank=True)
    #: It is on the WhatsApp Business app too (coexistence): 20 messages a second.
    on_biz_app = models.BooleanField(default=False)
    synced_at = models.DateTimeField(null=True, blank=True)


class WhatsAppTemplate(models.Model):
    """A message template as Meta has it."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey(WhatsAppAccount, on_delete=models.CASCADE, related_name="templates")
    meta_id = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=512)
    #: `es_AR`: with an underscore, however Meta writes it.
    language = models.CharField(max_length=15)
    status = models.CharField(max_length=40, blank=True)
    category = models.CharField(max_length=40, blank=True)
    quality = models.CharField(max_length=20, blank=True)
    rejected_reason = models.CharField(max_length=300, blank=True)
    parameter_format = models.CharField(max_length=20, default="POSITIONAL")
    components = models.JSONField(default=list)
    #: Meta announced another category for then.
    category_due_at = models.DateTimeField(null=True, blank=True)
    category_due = models.CharField(max_length=40, blank=True)
    #: Somebody accepted that it costs as marketing does.
    category_accepted_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True)
    #: Not in Meta's listing any more.
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name", "language"], name="whatsapp_template_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"


class AccountNotice(models.Model):
    """Something about the senders that a person should know, until it is over. Shown on the pages and mailed once."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="account_notices")
    #: Of what: `template:<account>/<name>/<language>`, `number:<id>`, `account:<id>`, `token:<id>`, and so on; of
    #: a mailbox: `mailbox:<lane>:<topic>`.
    key = models.CharField(max_length=640)
    #: `channels.probing.Grade`.
    grade = models.CharField(max_length=10)
    text = models.CharField(max_length=500)
    next_step = models.CharField(max_length=500, blank=True)
    opened_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)
    #: What ended it, for people.
    cleared_text = models.CharField(max_length=500, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    clear_mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            # raising it twice changes the open one
            models.UniqueConstraint(
                fields=["company", "key"], condition=models.Q(cleared_at=None), name="account_notice_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["company", "-opened_at"], name="account_notice_by_company"),
        ]


class CheckDay(models.Model):
    """The checks of a company's senders on one day: the page's history."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="check_days")
    day = models.DateField()
    #: [{"id", "about", "grade", "text", "mend"}], the worst of the day for each thing that is looked at.
    results = models.JSONField(default=list)
    #: The last look of the day.
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "day"], name="check_day_once")]


class Mailbox(models.Model):
    """The company's SMTP account."""

    id = models.BigAutoField(primary_key=True)
    lane = models.OneToOneField(Lane, on_delete=models.CASCADE, related_name="mailbox")
    #: smtp://, smtps:// or smtp+starttls://user:password@host:port
    url = SecretField()
    #: When somebody last wrote the password; None = not known.
    password_saved_at = models.DateTimeField(null=True, blank=True)
    from_address = models.EmailField(max_length=254)
    #: Blank: the company's legal name.
    from_name = models.CharField(max_length=120, blank=True)
