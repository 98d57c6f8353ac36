"""Vouchers, their versions and their files."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from acuse.companies.models import Company
from acuse.directory.models import Party
from acuse.kernel.ids import new_id


class StoredFile(models.Model):
    """A file under `ACUSE_DATA_DIR/files`, named by its SHA-256 and written once."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    #: Bytes.
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=80, default="application/pdf")
    created_at = models.DateTimeField(auto_now_add=True)


class Voucher(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="vouchers")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="vouchers")
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
