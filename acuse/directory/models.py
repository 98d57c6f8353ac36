"""Who receives: parties, customer classes, contacts."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Concat

from acuse.companies.folding import Fold, MailKey, Words
from acuse.companies.models import Company
from acuse.kernel.ids import new_id


class PartyKind(models.TextChoices):
    #: Receives invoices, receipts, quotes, sales orders.
    CUSTOMER = "customer", "Cliente"
    #: Receives payment orders, withholding certificates, purchase orders.
    SUPPLIER = "supplier", "Proveedor"
    #: May receive any of them.
    BANK = "bank", "Banco"


class CustomerClass(models.Model):
    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="customer_classes")
    name = models.CharField("nombre", max_length=80)
    #: As lists sort it and searches compare it; PostgreSQL writes it.
    folded_name = models.GeneratedField(expression=Fold("name"), output_field=models.TextField(), db_persist=True)

    class Meta:
        verbose_name = "clase de cliente"
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="customer_class_once")]

    def __str__(self) -> str:
        return self.name


class Party(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="parties")
    kind = models.CharField("tipo", max_length=10, choices=PartyKind.choices)
    name = models.CharField("nombre", max_length=200)
    #: As lists sort it and searches compare it; PostgreSQL writes it.
    folded_name = models.GeneratedField(expression=Fold("name"), output_field=models.TextField(), db_persist=True)
    #: Digits of a CUIT, CUIL, CDI or DNI, or the text as given.
    tax_id = models.CharField("CUIT o documento", max_length=40, blank=True)
    #: ARCA's document type (80 CUIT, 96 DNI…), None for what isn't one.
    tax_id_type = models.PositiveSmallIntegerField(null=True, blank=True)
    #: The id that the company's own system gives it.
    external_id = models.CharField("código propio", max_length=120, blank=True)
    customer_class = models.ForeignKey(
        CustomerClass, on_delete=models.SET_NULL, null=True, blank=True, related_name="parties"
    )
    #: It was a duplicate: its ids lead to this one, which has everything that was its.
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "tercero"
        constraints = [
            # intake finds a party by its external id, else by tax id and kind
            models.UniqueConstraint(
                fields=["company", "kind", "external_id"], condition=~Q(external_id=""), name="party_external_id_once"
            ),
            models.UniqueConstraint(
                fields=["company", "kind", "tax_id"], condition=~Q(tax_id=""), name="party_tax_id_once"
            ),
        ]
        indexes = [
            # the grids of Tablas list a company's parties by name
            models.Index(
                fields=["company", "kind", "folded_name", "id"], name="party_by_name", condition=Q(merged_into=None)
            ),
            # searches by words of the name
            GinIndex(Words("name"), name="party_words"),
            # searches by CUIT, whole or its first digits
            models.Index("company", OpClass("tax_id", "varchar_pattern_ops"), name="party_by_tax_id"),
        ]

    def __str__(self) -> str:
        return self.name


class ConsentOrigin(models.TextChoices):
    """How whoever owns the address agreed to be written to there."""

    #: A form or a web page of the company.
    FORM = "form", "Lo dejó en un formulario"
    #: By telephone.
    PHONE = "phone", "Lo dijo por teléfono"
    #: In a contract, or in the conditions of sale that were signed.
    CONTRACT = "contract", "Figura en un contrato"
    #: Face to face.
    IN_PERSON = "in_person", "Lo dijo en persona"
    #: The first message was the customer's.
    WROTE_FIRST = "wrote_first", "Nos escribió primero"


#: What a search by words looks at.
CONTACT_TEXT = Concat(F("name"), Value(" "), F("email"), output_field=models.TextField())


class Contact(models.Model):
    """*Contacto envío comprobantes*: an address of a party and what it receives there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="contacts")
    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField("nombre", max_length=120, blank=True)
    #: As a person typed it.
    mobile_typed = models.CharField("celular", max_length=80, blank=True)
    #: E.164, or blank.
    mobile = models.CharField(max_length=16, blank=True)
    #: How it was inferred: `assumed_mobile`, `first_of_several`, `unverified_block`.
    mobile_flags = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    #: Why the last message couldn't reach the mobile; blank = nothing known against it.
    mobile_problem = models.CharField(max_length=300, blank=True)
    email = models.EmailField("correo", max_length=254, blank=True)
    email_problem = models.CharField(max_length=300, blank=True)
    #: Kinds of voucher it receives; None = all, empty = none by itself.
    kinds = ArrayField(models.CharField(max_length=30), null=True, blank=True)
    #: Blank = not told.
    consent_origin = models.CharField("consentimiento", max_length=20, blank=True, choices=ConsentOrigin.choices)
    consent_on = models.DateField("fecha del consentimiento", null=True, blank=True)
    consent_note = models.CharField(max_length=200, blank=True)
    #: One of its addresses asked not to be written to any more (BAJA): what `OptOut` says of them, and PostgreSQL alone
    #: writes it (ADR 0019), whatever is saved here.
    suppressed_at = models.DateTimeField(null=True, blank=True)
    suppressed_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "contacto"
        indexes = [
            # inbound messages and suppression look contacts up by address, also a trigger of the register's
            models.Index(fields=["company", "mobile"], name="contact_by_mobile"),
            models.Index("company", MailKey("email"), name="contact_by_mail"),
            # searches by words of the name or of the mail
            GinIndex(Words(CONTACT_TEXT), name="contact_words"),
        ]

    def __str__(self) -> str:
        return self.name or self.mobile or self.email


class OptOut(models.Model):
    """*BAJA*: an address of a company's to which nothing goes, whoever has it as a contact. A row's end lifts it."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="optouts")
    #: A mobile in E.164, a mail as `optout.mail_key` has it, or WhatsApp's user id of who has no number we know.
    address = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    #: The message that asked for it, by its provider's id; blank when a person noted it.
    provider_id = models.CharField(max_length=300, blank=True)
    noted_by = models.CharField(max_length=300)
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.CharField(max_length=300, blank=True)
    #: How and when the person asked to be written to again.
    lifted_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            # claim.sql looks it up for every delivery, and the trigger of contacts for each that is written
            models.UniqueConstraint(fields=["company", "address"], condition=Q(lifted_at=None), name="optout_once"),
        ]


class ChoiceOrigin(models.TextChoices):
    #: WhatsApp told what the person chose.
    TOLD = "told", "WhatsApp lo avisó"
    #: WhatsApp refused a message and said why.
    REFUSED = "refused", "WhatsApp rechazó un envío"


class MarketingChoice(models.Model):
    """What a person told WhatsApp of this company's marketing messages; the last word, whoever has the number."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="marketing_choices")
    #: E.164, as contacts have it.
    mobile = models.CharField(max_length=16)
    stopped = models.BooleanField()
    #: When the person chose it, or when a message was refused for it: an older word that comes later changes nothing.
    told_at = models.DateTimeField()
    origin = models.CharField(max_length=10, choices=ChoiceOrigin.choices, default=ChoiceOrigin.TOLD)

    class Meta:
        constraints = [
            # claim.sql looks it up for every delivery
            models.UniqueConstraint(fields=["company", "mobile"], name="marketing_choice_once"),
        ]


class ContactIdentity(models.Model):
    """Another name under which a provider knows the contact. Learnt, never used to merge contacts by itself."""

    class Kind(models.TextChoices):
        #: Digits that WhatsApp gives for the phone.
        WA_ID = "wa_id"
        #: Business-scoped user id (`AR.1349…`); changes when the user changes phone number.
        BSUID = "bsuid"
        #: WhatsApp's @username.
        USERNAME = "username"

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=160)
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact", "kind", "value"], name="contact_identity_once")]
        indexes = [
            # inbound without a phone is matched by its BSUID
            models.Index(fields=["kind", "value"], name="contact_identity_by_value"),
        ]
