"""Vouchers, their versions and their files."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from acuse.companies.folding import Words
from acuse.companies.models import Company
from acuse.directory.models import Party
from acuse.kernel.ids import new_id

#: Electronic, and ARCA's authorisation isn't there.
UNAUTHORIZED = Q(electronic=True) & (Q(cae="") | Q(authorization__in=["pending", "rejected"]))
#: By number, those without one first.
BY_NUMBER = (Coalesce("point_of_sale", -1), Coalesce("number", -1))


class StoredFile(models.Model):
    """A file under `ACUSE_DATA_DIR/files`, named by its SHA-256 and written once."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    #: Bytes.
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80, default="application/pdf")
    created_at = models.DateTimeField(auto_now_add=True)


class Voucher(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # no index of their own: `voucher_list` and `voucher_by_party` begin with them
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="vouchers", db_index=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="vouchers", db_index=False)
    #: The party's name, folded, to sort by. A trigger keeps it; what is written here counts for nothing. See ADR 0013.
    party_name = models.TextField(default="", editable=False, db_collation="C")
    kind = models.CharField(max_length=30)
    #: The id that the company's own system gives it; None until one does.
    external_id = models.CharField(max_length=120, null=True, blank=True)
    #: CUIT of the issuer; blank = the company itself.
    issuer = models.CharField(max_length=11, blank=True)
    title = models.CharField(max_length=200)
    arca_type = models.PositiveSmallIntegerField(null=True, blank=True)
    letter = models.CharField(max_length=1, blank=True)
    point_of_sale = models.PositiveIntegerField(null=True, blank=True)
    number = models.BigIntegerField(null=True, blank=True)
    issued_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)
    #: ARCA's code (PES, DOL, 060…).
    currency = models.CharField(max_length=3, default="PES")
    #: Pesos a unit of the currency; None = not told.
    exchange_rate = models.DecimalField(max_digits=19, decimal_places=6, null=True, blank=True)
    #: In the voucher's currency.
    total = models.DecimalField(max_digits=15, decimal_places=2)
    electronic = models.BooleanField(default=False)
    #: 14 digits, CAE or CAEA, or blank.
    cae = models.CharField(max_length=14, blank=True)
    #: `cae` or `caea`.
    cae_type = models.CharField(max_length=4, blank=True)
    cae_due_on = models.DateField(null=True, blank=True)
    #: pending, approved, observed, rejected; blank = not electronic.
    authorization = models.CharField(max_length=10, blank=True)
    observations = models.JSONField(default=list, blank=True)
    #: ARCA's QR as read from the file, None = none found.
    qr = models.JSONField(null=True, blank=True)
    #: Fields in which the QR contradicts the data: [{field, expected, found}].
    qr_contradictions = models.JSONField(default=list, blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="vouchers")
    #: Digest of what was given (fields and bytes): the same content again is the same voucher.
    content_digest = models.CharField(max_length=64, blank=True)
    #: When automatic sending was asked, once a voucher.
    automatic_asked_at = models.DateTimeField(null=True, blank=True)
    #: The wish to send that waits until it can be done: {"when": "auto"|"now", "contacts": [ids]|null, "by": label,
    #: "origin": …}. None: nothing is wished (any more).
    wish = models.JSONField(null=True, blank=True)
    #: Where it came from: `api`, `command`, `web`, `demo`.
    source = models.CharField(max_length=20, default="api")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "comprobante"
        constraints = [
            # registering is idempotent by the company's own id…
            models.UniqueConstraint(
                fields=["company", "external_id"],
                condition=Q(external_id__isnull=False),
                name="voucher_external_id_once",
            ),
            # …and by number, within ARCA's type, or within the kind where there is no type
            models.UniqueConstraint(
                fields=["company", "issuer", "arca_type", "point_of_sale", "number"],
                condition=Q(arca_type__isnull=False, number__isnull=False) & Q(point_of_sale__isnull=False),
                name="voucher_arca_number_once",
            ),
            models.UniqueConstraint(
                fields=["company", "issuer", "kind", "point_of_sale", "number"],
                condition=Q(arca_type__isnull=True, number__isnull=False),
                nulls_distinct=False,
                name="voucher_kind_number_once",
            ),
        ]
        indexes = [
            # each grid: one kind of one company, newest first
            models.Index(fields=["company", "kind", "-issued_on", "-id"], name="voucher_grid"),
            # what waits to be sent when something comes
            models.Index(fields=["company", "party"], condition=Q(wish__isnull=False), name="voucher_waiting"),
            # the API's list of every kind
            models.Index(fields=["company", "-issued_on", "-id"], name="voucher_list"),
            # a party's page
            models.Index(fields=["party", "-issued_on"], name="voucher_by_party"),
            # the grids by their other columns, up and down
            models.Index("company", "kind", *BY_NUMBER, "id", name="voucher_by_number"),
            models.Index(fields=["company", "kind", "party_name", "id"], name="voucher_by_party_name"),
            models.Index(fields=["company", "kind", "total", "id"], name="voucher_by_total"),
            # what is searched by what it is called: "nota de crédito". So few values that it is small
            models.Index(fields=["company", "kind", "arca_type"], name="voucher_by_type"),
            # what is searched by its number alone
            models.Index(fields=["company", "number"], condition=Q(number__isnull=False), name="voucher_number"),
            # what is searched by the title that it was given
            GinIndex(Words("title"), condition=Q(number__isnull=True), name="voucher_words"),
            # the few that filters of a grid are for
            models.Index(
                fields=["company", "kind", "-issued_on", "-id"], condition=UNAUTHORIZED, name="voucher_unauthorized"
            ),
            models.Index(
                fields=["company", "kind", "-issued_on", "-id"], condition=Q(file__isnull=True), name="voucher_no_file"
            ),
            models.Index(
                fields=["company", "kind", "-issued_on", "-id"],
                condition=Q(voided_at__isnull=False),
                name="voucher_voided",
            ),
            models.Index(
                fields=["company", "kind", "cae_due_on"],
                condition=Q(cae_due_on__isnull=False),
                name="voucher_by_cae_due",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class VoucherVersion(models.Model):
    """What the voucher said and the file it had, as they were. Never changed."""

    id = models.BigAutoField(primary_key=True)
    voucher = models.ForeignKey(Voucher, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="+")
    content = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["voucher", "version"], name="voucher_version_once")]


class VoucherDraft(models.Model):
    """A PDF that a person uploaded and whose data isn't saved yet. It goes with its voucher, or after a week."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="voucher_drafts")
    kind = models.CharField(max_length=30)
    #: The voucher whose PDF it would replace; None: a new one.
    voucher = models.ForeignKey(Voucher, on_delete=models.CASCADE, null=True, blank=True, related_name="drafts")
    #: The actor's label: nobody else sees it.
    created_by = models.CharField(max_length=300)
    #: As the person's machine calls the file.
    file_name = models.CharField(max_length=200)
    #: Name of the staged file.
    staged = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    #: Bytes.
    size = models.BigIntegerField()
    #: What was read from it: {pages, encrypted, problem, text, qr_text}.
    reading = models.JSONField(default=dict)
    #: What the person had typed when the PDF came.
    typed = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # the form lists what the person left half done
            models.Index(fields=["company", "created_by", "kind"], name="voucher_draft_of"),
        ]
