"""The outbox: one row a (voucher version, address, channel). The row is the queue and the proof."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from acuse.channels.contract import Channel
from acuse.channels.models import Lane
from acuse.companies.folding import Words
from acuse.companies.models import Company
from acuse.deliveries.resend_keys import ResendKey as ResendKey
from acuse.deliveries.states import State
from acuse.directory.models import Contact, CustomerClass
from acuse.kernel.ids import new_id
from acuse.vouchers.models import StoredFile, Voucher


class DeliveryPolicy(models.Model):
    """*Configuración de envío* of one kind of voucher."""

    class Channels(models.TextChoices):
        #: The first of them for which the contact has an address.
        FIRST = "first", "El primero que se pueda"
        #: Every one of them.
        ALL = "all", "Todos"

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="policies")
    kind = models.CharField(max_length=30)
    enabled = models.BooleanField("habilitado", default=True)
    automatic = models.BooleanField("envío automático", default=False)
    #: Vouchers registered before this moment are never sent by themselves.
    automatic_since = models.DateTimeField(null=True, blank=True)
    subject = models.CharField("asunto", max_length=200, default="{{comprobante}} de {{empresa}}")
    body = models.TextField(
        "cuerpo",
        default="Hola {{contacto}}:\n\nTe mandamos {{comprobante}} por {{total}}.\n\nSaludos,\n{{empresa}}",
    )
    channels_mode = models.CharField(max_length=5, choices=Channels.choices, default=Channels.FIRST)
    channels = ArrayField(models.CharField(max_length=10), default=list)
    #: Empty, and not `segment_unclassified`: everyone.
    segment = models.ManyToManyField(CustomerClass, blank=True, related_name="policies")
    #: *(sin clase)* is in the segment.
    segment_unclassified = models.BooleanField(default=False)
    template_name = models.CharField("plantilla", max_length=512, default="comprobantes")
    template_language = models.CharField("idioma", max_length=10, default="es_AR")
    #: One text with variables a parameter of the template's body, in order.
    template_parameters = ArrayField(models.CharField(max_length=300), default=list)
    file_name = models.CharField("nombre del archivo", max_length=200, default="{{comprobante}}.pdf")
    #: The WhatsApp number that the kind leaves by; None = the default one.
    number = models.ForeignKey(Lane, on_delete=models.SET_NULL, null=True, blank=True, related_name="policies")

    class Meta:
        verbose_name = "configuración de envío"
        constraints = [models.UniqueConstraint(fields=["company", "kind"], name="policy_once_a_kind")]


class Delivery(models.Model):
    """Each change of state writes an entry in every index, whatever the column: foreign keys have one only where
    something looks for it (ADR 0018)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    # `delivery_of_voucher` begins with it
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    version = models.PositiveIntegerField()
    #: The voucher's, as it was asked: lists are cut by what a role may see.
    kind = models.CharField(max_length=30)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="deliveries")
    channel = models.CharField(max_length=10)
    lane = models.ForeignKey(Lane, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    #: What a suspension of the account, or of the template, names. See `Suspension`.
    account_key = models.CharField(max_length=80)
    template_key = models.CharField(max_length=640, blank=True)
    #: E.164, or an e-mail address.
    to = models.CharField(max_length=254)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in State], default=State.QUEUED)
    #: `states.Priority`: by hand before automatic before bulk.
    priority = models.SmallIntegerField(default=0)
    origin = models.CharField(max_length=10)
    requested_by = models.CharField(max_length=300)
    due_at = models.DateTimeField()
    #: What it was asked with many others in.
    batch = models.ForeignKey("Batch", on_delete=models.SET_NULL, null=True, related_name="deliveries", db_index=False)
    #: Its batch is paused or cancelled: no lane claims it.
    held = models.BooleanField(default=False, db_default=False)
    #: The fence: raised by each claim; whoever settles must name it.
    attempt = models.PositiveIntegerField(default=0)
    #: Attempts that reached the provider or tried to.
    tries = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    #: The message itself left, or was about to, in this attempt.
    started_at = models.DateTimeField(null=True)
    #: The first try that counted since it was last suspended: the 24 hours of trying run from here.
    first_tried_at = models.DateTimeField(null=True)
    #: wamid or Message-ID.
    provider_id = models.CharField(max_length=300, blank=True)
    cause_code = models.CharField(max_length=60, blank=True)
    cause_text = models.CharField(max_length=500, blank=True)
    cause_next_step = models.CharField(max_length=500, blank=True)
    #: The message as frozen at request; `channels.contract.OutgoingMessage.content`.
    content = models.JSONField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+", db_index=False)
    file_name = models.CharField(max_length=200)
    #: Asked again: the delivery that this one repeats.
    resend_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="resends", db_index=False)
    pricing = models.JSONField(null=True)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "envío"
        constraints = [
            # asking twice sends once
            models.UniqueConstraint(
                fields=["voucher", "version", "channel", "to"], condition=Q(resend_of=None), name="delivery_asked_once"
            ),
        ]
        indexes = [
            # a voucher's page; with the company, counting those of many vouchers doesn't look at the rows
            models.Index(fields=["voucher", "company"], name="delivery_of_voucher"),
            # claim.sql: what is held costs it nothing
            models.Index(
                fields=["lane", "held", "priority", "due_at", "id"], condition=Q(state="queued"), name="delivery_queue"
            ),
            # lanes_due.sql: what waits, by what may suspend it
            models.Index(
                fields=["lane", "account_key", "template_key", "due_at"],
                condition=Q(state="queued", held=False),
                name="delivery_piles",
            ),
            # how far a batch is; what of it to hold, to let go, to cancel
            models.Index(
                fields=["batch", "state", "held", "id"], condition=Q(batch__isnull=False), name="delivery_of_batch"
            ),
            # settle_orphans.sql: what a dead runner left
            models.Index(fields=["lane"], condition=Q(state="sending"), name="delivery_claimed"),
            # people_of_the_day.sql: of the last day alone, and rows lie in the order in which they were sent. It costs
            # next to nothing to keep
            BrinIndex(fields=["sent_at"], pages_per_range=32, autosummarize=True, name="delivery_by_day"),
            # whether it was asked again; few were
            models.Index(fields=["resend_of"], condition=Q(resend_of__isnull=False), name="delivery_resent"),
            # receipts that bring no opaque data
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="delivery_by_provider_id"),
            # the outbox grid and the API's list, whole and by state
            models.Index(fields=["company", "-created_at", "-id"], name="delivery_grid"),
            models.Index(fields=["company", "state", "created_at", "id"], name="delivery_by_state"),
            # the same for who sees some kinds only; by state without looking at the rows
            models.Index(fields=["company", "kind", "created_at", "id", "state"], name="delivery_by_kind"),
            # the outbox grid by who or what asked
            models.Index(fields=["company", "origin", "requested_by", "created_at", "id"], name="delivery_by_asker"),
            # the outbox grid by cause; what goes well has none
            models.Index(
                fields=["company", "cause_code", "created_at", "id", "state", "kind"],
                condition=~Q(cause_code=""),
                name="delivery_by_cause",
            ),
            # the outbox grid by mail, of which most companies send little; by state without looking at the rows
            models.Index(
                fields=["company", "created_at", "id", "state"],
                condition=Q(channel=Channel.EMAIL.value),
                name="delivery_by_mail",
            ),
            # Inicio: accepted and not delivered
            models.Index(
                fields=["company", "created_at", "id"],
                condition=Q(state="sent", channel="whatsapp"),
                name="delivery_undelivered",
            ),
        ]


class Batch(models.Model):
    """*Tanda*: vouchers of one kind that are sent together. Until somebody confirms it, it is their preview."""

    class State(models.TextChoices):
        #: A draft: what would go is being worked out.
        PREVIEWING = "previewing", "En revisión"
        #: A draft: it waits for a person's yes, and not for ever.
        READY = "ready", "Lista para enviar"
        #: Confirmed: its deliveries are being asked, or haven't all left.
        RUNNING = "running", "En curso"
        #: Nothing is asked, and what is in the queue is held.
        PAUSED = "paused", "En pausa"
        #: What hadn't left doesn't leave.
        CANCELLED = "cancelled", "Cancelada"
        #: Everything has left, or never will.
        DONE = "done", "Terminada"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="batches")
    kind = models.CharField(max_length=30)
    #: How its vouchers were chosen, as the grid told it; they themselves are its items.
    selection = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREVIEWING)
    total = models.PositiveIntegerField(default=0)
    #: What was asked before is asked once more.
    again = models.BooleanField(default=False)
    #: What was shown before the yes: `batches.preview.Preview`, as JSON.
    previewed = models.JSONField(null=True)
    #: Who opened it, then who confirmed it.
    requested_by = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    cancelled_by = models.CharField(max_length=300, blank=True)
    #: Done, or cancelled and nothing of it can leave any more.
    ended_at = models.DateTimeField(null=True)
    #: As it stood at its end: deliveries that had left, and what hadn't (deliveries, and vouchers that were refused).
    sent_count = models.PositiveIntegerField(null=True)
    unsent_count = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = "tanda"
        indexes = [
            # batches_due.sql, and the notice in the head of the pages
            models.Index(fields=["company", "requested_by"], condition=Q(ended_at=None), name="batch_open"),
            # the list of a company's
            models.Index(fields=["company", "-created_at"], name="batch_list"),
        ]


class BatchItem(models.Model):
    """One voucher of a batch."""

    class Outcome(models.TextChoices):
        #: Not worked out yet.
        WAITING = "", ""
        #: At least one message that was never asked.
        GOES = "goes", "Van"
        #: All of it was asked before, and is out of the queue.
        REPEATS = "repeats", "Ya se pidieron antes"
        #: All of it waits in the queue.
        QUEUED = "queued", "Ya están en cola"
        #: It can't be sent; see `reasons`.
        REFUSED = "refused", "No van"

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items", db_index=False)
    #: Without constraint and index of its own: 100,000 are written from the vouchers themselves while a person waits,
    #: and nothing looks for a voucher's items. One whose voucher is no more is passed over.
    voucher = models.ForeignKey(
        Voucher, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING, db_default="")
    #: Codes of `vouchers.sendability`.
    reasons = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    warnings = ArrayField(models.CharField(max_length=40), default=list, db_default=[])
    #: Where its messages go (`previewing.market_of`): those never asked, and those asked before.
    going = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    repeats = ArrayField(models.CharField(max_length=20), default=list, db_default=[])
    #: Each message, as `previewing.spot_of` tells it: those of `going` in its order, those of `repeats`, then those in
    #: the queue. What isn't in it was shown to nobody. None: worked out before this was kept.
    spots = ArrayField(models.CharField(max_length=280), null=True)
    #: Its deliveries are in the outbox, or it turned out that they can't be.
    asked = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            # the next slice to work out or to ask, and each list of the pages
            models.Index(fields=["batch", "outcome", "asked", "id"], name="batch_item_work"),
        ]


class DeliveryEvent(models.Model):
    """The timeline."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12)
    #: What a provider may tell twice is kept once.
    dedupe_key = models.CharField(max_length=120, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            # apply_receipts.sql relies on it
            models.UniqueConstraint(
                fields=["delivery", "dedupe_key"], condition=~Q(dedupe_key=""), name="delivery_event_once"
            ),
        ]


class MediaUpload(models.Model):
    """A file at the provider: uploaded once a lane, used until day 29."""

    id = models.BigAutoField(primary_key=True)
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="media")
    sha256 = models.CharField(max_length=64)
    media_id = models.CharField(max_length=120)
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "sha256"], name="media_upload_once")]


class Suspension(models.Model):
    """Something unusable: its deliveries wait in the queue. One is tried at `probe_at`; its success ends it."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="suspensions")
    #: lane, account or template (`channels.contract.Scope`).
    scope = models.CharField(max_length=10)
    #: The lane's id, the account's key or the template's key, as the deliveries hold them.
    key = models.CharField(max_length=640)
    cause_code = models.CharField(max_length=60)
    cause_text = models.CharField(max_length=500)
    cause_next_step = models.CharField(max_length=500, blank=True)
    since = models.DateTimeField()
    probe_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            # suspend.sql relies on it: one open suspension of a thing
            models.UniqueConstraint(fields=["scope", "key"], condition=Q(ended_at=None), name="suspension_open_once"),
        ]


#: What a message is searched by.
MESSAGE_TEXT = Concat(F("text"), Value(" "), F("sender_name"), output_field=models.TextField())


class InboundMessage(models.Model):
    """What somebody wrote to one of our senders."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="inbound")
    lane = models.ForeignKey(Lane, on_delete=models.CASCADE, related_name="inbound")
    provider_id = models.CharField(max_length=300)
    #: Digits as the provider gives them; blank for people known by a user id only.
    sender = models.CharField(max_length=40, blank=True)
    sender_user_id = models.CharField(max_length=160, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="inbound")
    #: The message that it answers.
    delivery = models.ForeignKey(Delivery, on_delete=models.SET_NULL, null=True, related_name="answers")
    at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    raw = models.JSONField()
    #: Somebody of the company dealt with it.
    handled_at = models.DateTimeField(null=True)
    handled_by = models.CharField(max_length=300, blank=True)
    #: It asked for no more messages (BAJA), and was obeyed.
    opted_out = models.BooleanField(default=False)
    #: The company had an `answers_to` when it came: what came before is never forwarded.
    to_forward = models.BooleanField(default=False)
    #: It was forwarded to the company's `answers_to`.
    forwarded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lane", "provider_id"], name="inbound_once")]
        indexes = [
            models.Index(fields=["company", "-at", "-id"], name="inbound_by_company"),
            # Mensajes recibidos opens with these, and the menu counts them
            models.Index(fields=["company", "-at"], condition=Q(handled_at=None), name="inbound_unhandled"),
            # searches by words of what was written
            GinIndex(Words(MESSAGE_TEXT), name="inbound_words"),
            # answers.py asks every few seconds
            models.Index(fields=["id"], condition=Q(to_forward=True, forwarded_at=None), name="inbound_to_forward"),
        ]


class ProviderCount(models.Model):
    """How often a provider told something that we don't know or couldn't apply, with the last example."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=10)
    key = models.CharField(max_length=120)
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()
    last = models.JSONField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "key"], name="provider_count_once")]


# theirs is a module of its own
from acuse.deliveries.figures.daily import DayCount, DayCountMark  # noqa: E402, F401
from acuse.deliveries.figures.rate import Rate as Rate  # noqa: E402
from acuse.deliveries.figures.reach import Reach  # noqa: E402, F401
from acuse.deliveries.waits import WaitingLook, WaitingPartyLook  # noqa: E402, F401
