"""The filters of the grids of vouchers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from acuse.companies.models import Company
from acuse.deliveries import readiness
from acuse.deliveries.figures.reach import NEVER_ASKED, REACHES, Reach
from acuse.deliveries.states import State
from acuse.directory.models import Contact, CustomerClass, Party
from acuse.vouchers.kinds import FISCAL, Audience, VoucherKind
from acuse.vouchers.models import UNAUTHORIZED, Voucher
from acuse.vouchers.sendability import Authorization
from acuse.web.days import DayInput
from acuse.web.grids.choosing import SearchSelect
from acuse.web.grids.periods import PERIODS, span_of
from acuse.web.states import STATE_CHOICES
from acuse.web.vouchers import numbers, searching

_REFUSED = Q(authorization=Authorization.REJECTED.value)
WITHOUT_CAE = UNAUTHORIZED & ~_REFUSED

NEVER = "none"
READY, NO_PDF, NO_CONTACT = "ready", "no_pdf", "no_contact"
WITH_CAE, NO_CAE, REFUSED, EXPIRED, EXPIRING = "with", "no_cae", "refused", "expired", "expiring"
#: Days until a CAE's date, from which on one would hurry.
_SOON = timedelta(days=7)
#: What is filtered by, that `Reach` has.
_OF_REACH = {"state", "period", "since", "until"}


def usable_contact(party: OuterRef, kind: str) -> QuerySet[Contact]:
    """Somebody of the party who gets this kind and has some address, whatever it is sent by."""
    return readiness.receivers(party, kind).filter(~Q(mobile="") | ~Q(email=""))


class VoucherFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        label="Buscar",
        method="search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Número, nombre o CUIT", "autocomplete": "off"}),
    )
    period = django_filters.ChoiceFilter(label="Fecha", choices=PERIODS, empty_label="Cualquiera", method="by_period")
    since = django_filters.DateFilter(label="Desde", field_name="issued_on", lookup_expr="gte", widget=DayInput())
    until = django_filters.DateFilter(label="Hasta", field_name="issued_on", lookup_expr="lte", widget=DayInput())
    number = django_filters.CharFilter(
        label="Número",
        method="by_number",
        widget=forms.TextInput(attrs={"placeholder": "3-42", "autocomplete": "off"}),
    )
    party = django_filters.ModelChoiceFilter(label="Cliente", queryset=Party.objects.none(), empty_label="Todos")
    customer_class = django_filters.ModelChoiceFilter(
        label="Clase",
        field_name="party__customer_class",
        queryset=CustomerClass.objects.none(),
        empty_label="Todas",
        null_label="(sin clase)",
    )
    state = django_filters.ChoiceFilter(
        label="Estado del envío",
        choices=[
            (NEVER, "Sin enviar"),
            *[(value, "En cola o enviando" if value == State.QUEUED else word) for value, word in STATE_CHOICES
              if value != State.SENDING],
        ],
        empty_label="Todos",
        method="by_state",
    )  # fmt: skip
    cae = django_filters.ChoiceFilter(
        label="CAE",
        choices=[
            (WITH_CAE, "Con CAE"),
            (NO_CAE, "Falta el CAE"),
            (REFUSED, "ARCA lo rechazó"),
            (EXPIRING, "Vence en 7 días"),
            (EXPIRED, "Vencido"),
        ],
        empty_label="Todos",
        method="by_cae",
    )
    ready = django_filters.ChoiceFilter(
        label="Se puede enviar",
        choices=[(READY, "Listos para enviar"), (NO_PDF, "Falta el PDF"), (NO_CONTACT, "Sin contacto")],
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

    def __init__(self, *args: Any, kind: VoucherKind, company: Company, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kind, self._company = kind, company
        # where the index of what is in one state has it
        self._day = "reach__issued_on" if self.data.get("state") else "issued_on"
        for name in ("since", "until"):
            self.filters[name].field_name = self._day
        of_customers = kind.audience is Audience.CUSTOMER
        self.filters["party"].queryset = Party.objects.filter(company=company)
        self.filters["party"].label = "Cliente o banco" if of_customers else "Proveedor o banco"
        self.filters["party"].extra["widget"] = SearchSelect(reverse("web:voucher_parties", args=[kind]), "Todos")
        self.filters["customer_class"].queryset = CustomerClass.objects.filter(company=company).order_by("name")
        if not of_customers:
            del self.filters["customer_class"]
        if kind not in FISCAL:
            del self.filters["cae"]

    def exceeds(self, most: int) -> bool:
        """By state and date alone, which `Reach` has in one index: the vouchers themselves needn't be read."""
        given = {name: value for name, value in self.form.cleaned_data.items() if value} if self.form.is_valid() else {}
        if "state" not in given or not given.keys() <= _OF_REACH:
            return False
        days = Q()
        if "period" in given:
            days &= Q(issued_on__range=span_of(given["period"], timezone.localdate()))
        if "since" in given:
            days &= Q(issued_on__gte=given["since"])
        if "until" in given:
            days &= Q(issued_on__lte=given["until"])
        found = Reach.objects.filter(days, company=self._company, kind=self._kind.value, rank=_rank(given["state"]))
        return bool(found[: most + 1].count() > most)

    def search(self, vouchers: QuerySet[Voucher], name: str, text: str) -> QuerySet[Voucher]:
        return searching.search(vouchers, self._company, text)

    def by_period(self, vouchers: QuerySet[Voucher], name: str, period: str) -> QuerySet[Voucher]:
        return vouchers.filter(**{f"{self._day}__range": span_of(period, timezone.localdate())})

    def by_number(self, vouchers: QuerySet[Voucher], name: str, text: str) -> QuerySet[Voucher]:
        number = numbers.read(text)
        # without sense it finds nothing, which shows, instead of everything
        return vouchers.filter(searching.by_number(number)) if number else vouchers.none()

    def by_state(self, vouchers: QuerySet[Voucher], name: str, state: str) -> QuerySet[Voucher]:
        return in_state(vouchers, self._company, self._kind, state)

    def by_cae(self, vouchers: QuerySet[Voucher], name: str, choice: str) -> QuerySet[Voucher]:
        today = timezone.localdate()
        if choice == EXPIRED:
            return vouchers.filter(cae_due_on__lt=today)
        if choice == EXPIRING:
            return vouchers.filter(cae_due_on__range=(today, today + _SOON))
        if choice == WITH_CAE:
            return vouchers.filter(electronic=True).exclude(UNAUTHORIZED)
        return vouchers.filter(UNAUTHORIZED & _REFUSED if choice == REFUSED else WITHOUT_CAE)

    def by_readiness(self, vouchers: QuerySet[Voucher], name: str, choice: str) -> QuerySet[Voucher]:
        if choice == READY:
            return readiness.sendable(vouchers, self._company, self._kind)
        if choice == NO_PDF:
            return vouchers.filter(file__isnull=True)
        reached = Exists(usable_contact(OuterRef("pk"), self._kind.value))
        return vouchers.filter(party__in=Party.objects.filter(~reached, company=self._company))

    def by_void(self, vouchers: QuerySet[Voucher], name: str, choice: str) -> QuerySet[Voucher]:
        return vouchers.filter(voided_at__isnull=choice == "no")


def in_state(vouchers: QuerySet[Voucher], company: Company, kind: VoucherKind, state: str) -> QuerySet[Voucher]:
    """By the furthest of their deliveries; `NEVER`: without any."""
    return with_reach(vouchers, company, kind).filter(reach__rank=_rank(state))


def _rank(state: str) -> int:
    return NEVER_ASKED if state == NEVER else REACHES[state]


def with_reach(vouchers: QuerySet[Voucher], company: Company, kind: VoucherKind) -> QuerySet[Voucher]:
    """Joined so that the index of `Reach` is of use."""
    return vouchers.filter(reach__company=company, reach__kind=kind.value)
