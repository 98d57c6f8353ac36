"""The filters of the grids of vouchers."""

from __future__ import annotations

import django_filters
from django import forms
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from acuse.directory.models import Contact
from acuse.vouchers.kinds import FISCAL
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import AUTHORIZED, Authorization
from acuse.web.states import STATE_CHOICES
from acuse.web.vouchers.progress import RANKS, with_reach


class Fold(Func):
    """Lower case without accents; see `acuse_fold` in the migrations of companies."""

    function = "acuse_fold"
    output_field = TextField()


_ELECTRONIC = Q(electronic=True, kind__in=[kind.value for kind in FISCAL])
_AUTHORIZED = Q(cae__regex=r"^[0-9]{14}$") & Q(authorization__in=["", *[a.value for a in AUTHORIZED]])

NEVER = "none"
READY, NO_CAE, REFUSED, NO_PDF = "ready", "no_cae", "refused", "no_pdf"


def ready(vouchers: QuerySet[Voucher]) -> QuerySet[Voucher]:
    """Those that sendability lets go, told by SQL: the voucher, its file, and somebody to send it to."""
    contact = Contact.objects.filter(
        Q(kinds=None) | Q(kinds__contains=[OuterRef("kind")]),
        ~Q(mobile="") | ~Q(email=""),
        party=OuterRef("party"),
        suppressed_at=None,
    )
    return vouchers.filter(
        ~_ELECTRONIC | _AUTHORIZED,
        Exists(contact),
        voided_at=None,
        file__isnull=False,
        qr_contradictions=[],
    )


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        # what the browser's own control takes
        super().__init__(format="%Y-%m-%d")


class VoucherFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        label="Buscar",
        method="search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Número, nombre o CUIT", "autocomplete": "off"}),
    )
    since = django_filters.DateFilter(label="Desde", field_name="issued_on", lookup_expr="gte", widget=DateInput())
    until = django_filters.DateFilter(label="Hasta", field_name="issued_on", lookup_expr="lte", widget=DateInput())
    state = django_filters.ChoiceFilter(
        label="Estado del envío",
        choices=[(NEVER, "Sin enviar"), *STATE_CHOICES],
        empty_label="Todos",
        method="by_state",
    )
    ready = django_filters.ChoiceFilter(
        label="Se puede enviar",
        choices=[
            (READY, "Listos para enviar"),
            (NO_CAE, "Falta el CAE"),
            (REFUSED, "ARCA lo rechazó"),
            (NO_PDF, "Falta el PDF"),
        ],
        empty_label="Todos",
        method="by_readiness",
    )
    voided = django_filters.ChoiceFilter(
        label="Anulados",
        choices=[("no", "Sin los anulados"), ("only", "Solo los anulados")],
        empty_label="Todos",
        method="by_void",
    )

    class Meta:
        model = Voucher
        fields: list[str] = []

    def search(self, vouchers: QuerySet[Voucher], name: str, text: str) -> QuerySet[Voucher]:
        folded = Fold(Concat(F("title"), Value(" "), F("party__name"), Value(" "), F("party__tax_id")))
        found = vouchers.annotate(searched=folded)
        for word in text.split():
            found = found.filter(searched__contains=Fold(Value(word)))
        return found

    def by_state(self, vouchers: QuerySet[Voucher], name: str, state: str) -> QuerySet[Voucher]:
        return with_reach(vouchers).filter(Q(reach=None if state == NEVER else RANKS[state]))

    def by_readiness(self, vouchers: QuerySet[Voucher], name: str, choice: str) -> QuerySet[Voucher]:
        if choice == READY:
            return ready(vouchers)
        if choice == NO_PDF:
            return vouchers.filter(file=None)
        refused = Q(authorization=Authorization.REJECTED.value)
        return vouchers.filter(_ELECTRONIC & refused if choice == REFUSED else _ELECTRONIC & ~_AUTHORIZED & ~refused)

    def by_void(self, vouchers: QuerySet[Voucher], name: str, choice: str) -> QuerySet[Voucher]:
        return vouchers.filter(voided_at__isnull=choice == "no")
