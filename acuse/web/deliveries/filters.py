"""The filters of Envíos."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import django_filters
from django import forms
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from acuse.channels.models import Lane
from acuse.companies.folding import MailKey
from acuse.companies.models import Company, Membership
from acuse.deliveries.figures import statistics
from acuse.deliveries.figures.counting import bounds
from acuse.deliveries.models import Delivery
from acuse.deliveries.selectors import last_asked
from acuse.deliveries.states import Origin, State
from acuse.directory.models import Contact
from acuse.directory.optout import mail_key
from acuse.kernel import phone
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.days import DayInput
from acuse.web.grids.filtering import keys_of
from acuse.web.grids.periods import PERIODS, check_day, span_of
from acuse.web.states import CHANNEL_NAMES, STATE_CHOICES, first_sentence
from acuse.web.vouchers import searching

ORIGINS = {
    Origin.MANUAL: "Una persona",
    Origin.AUTOMATIC: "El envío automático",
    Origin.API: "Un sistema, por la API",
    Origin.COMMAND: "Un comando del servidor",
    Origin.SYSTEM: "Acuse, después de un aviso",
}
WAITING_WORDS = {
    "failed": "No se entregaron (30 días)",
    "uncertain": "Sin confirmar",
    "undelivered": "Enviados y sin entregar hace 24 h",
}
#: The states that have a cause.
_CAUSED = (State.FAILED, State.CANCELLED, State.UNCERTAIN)


class DeliveryFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        label="Buscar",
        method="search",
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Número, nombre o celular", "autocomplete": "off"}
        ),
    )
    waiting = django_filters.ChoiceFilter(
        label="Espera a una persona", choices=list(WAITING_WORDS.items()), empty_label="Todos", method="by_waiting"
    )
    state = django_filters.MultipleChoiceFilter(
        label="Estado",
        method="by_state",
        choices=STATE_CHOICES,
        widget=forms.SelectMultiple(attrs={"data-search-select": True, "data-search-placeholder": "Todos"}),
    )
    kind = django_filters.ChoiceFilter(label="Tipo", empty_label="Todos")
    cause_code = django_filters.ChoiceFilter(label="Causa", empty_label="Todas", method="by_cause")
    channel = django_filters.ChoiceFilter(label="Canal", choices=list(CHANNEL_NAMES.items()), empty_label="Todos")
    lane = django_filters.ModelChoiceFilter(label="Línea", queryset=Lane.objects.none(), empty_label="Todas")
    period = django_filters.ChoiceFilter(
        label="Pedido", choices=PERIODS, empty_label="Cualquier día", method="by_period"
    )
    since = django_filters.DateFilter(label="Desde", method="by_since", widget=DayInput(), validators=[check_day])
    until = django_filters.DateFilter(label="Hasta", method="by_until", widget=DayInput(), validators=[check_day])
    origin = django_filters.ChoiceFilter(label="Lo pidió", choices=list(ORIGINS.items()), empty_label="Cualquiera")
    requested_by = django_filters.ChoiceFilter(label="Quién", empty_label="Cualquiera", method="by_person")
    unresolved = django_filters.BooleanFilter(
        label="Sin los que ya se volvieron a pedir", method="only_last", widget=forms.CheckboxInput()
    )

    class Meta:
        model = Delivery
        fields: list[str] = []

    def __init__(self, *args: Any, company: Company, kinds: Collection[VoucherKind], **options: Any) -> None:
        super().__init__(*args, **options)
        self._company, self._zone = company, ZoneInfo(company.time_zone)
        #: Of a role that doesn't see them all; None: it does.
        self._some = kinds if len(kinds) < len(VoucherKind) else None
        self.filters["kind"].extra["choices"] = [(kind.value, kind.plural) for kind in kinds]
        self.filters["lane"].queryset = Lane.objects.filter(company=company).order_by("name")
        # asked when somebody looks at them, and once
        self.filters["requested_by"].extra["choices"] = cache(lambda: _people(company))
        self.filters["cause_code"].extra["choices"] = cache(lambda: _causes(company, self.data.get("cause_code", "")))

    def gathers(self, sort: str) -> bool:
        if sort != "state":
            return False
        # a cause is nearly always of one state, and in the index of the states all of another may come first
        if self.form.is_valid() and self.form.cleaned_data.get("cause_code"):
            return True
        return self._sees_few()

    def _sees_few(self) -> bool:
        """Of some kinds, which may be rare among all that are in a state."""
        if self._some is None:
            return False
        return bool(self.queryset.order_by()[: _GATHERED + 1].count() <= _GATHERED)

    def search(self, deliveries: QuerySet[Delivery], name: str, text: str) -> QuerySet[Delivery]:
        found = Q(contact__in=contacts) if (contacts := self._contacts(text)) else Q()
        if "@" not in text:
            ours = Voucher.objects.filter(company=self._company)
            if self._some is not None:
                ours = ours.filter(kind__in=[kind.value for kind in self._some])
            # a few by their ids: beside another condition, a query would be asked about every delivery that there is
            found |= Q(voucher__in=keys_of(searching.search(ours, self._company, text), _FEW))
        return deliveries.filter(found) if found else deliveries.none()

    def _contacts(self, text: str) -> list[Any]:
        """Whose address it is, as one would type it."""
        ours = Contact.objects.filter(company=self._company)
        if "@" in text:
            theirs = ours.alias(mail_key=MailKey("email")).filter(mail_key=mail_key(text))
            return list(theirs.values_list("pk", flat=True)[:_FEW])
        typed = phone.parse(text, default_area=self._company.default_area_code or None)
        return list(ours.filter(mobile=typed.e164).values_list("pk", flat=True)[:_FEW]) if typed.e164 else []

    def by_state(self, deliveries: QuerySet[Delivery], name: str, states: list[str]) -> QuerySet[Delivery]:
        return deliveries.filter(state__in=states) if states else deliveries

    def by_cause(self, deliveries: QuerySet[Delivery], name: str, code: str) -> QuerySet[Delivery]:
        # one that waits in the queue keeps the cause of its last try
        return deliveries.filter(cause_code=code, state__in=[state.value for state in _CAUSED])

    def by_person(self, deliveries: QuerySet[Delivery], name: str, label: str) -> QuerySet[Delivery]:
        # a person's are manual, which the index begins with
        return deliveries.filter(origin=Origin.MANUAL, requested_by=label)

    def by_waiting(self, deliveries: QuerySet[Delivery], name: str, choice: str) -> QuerySet[Delivery]:
        return statistics.WAITING[choice](deliveries)

    def by_period(self, deliveries: QuerySet[Delivery], name: str, period: str) -> QuerySet[Delivery]:
        since, until = bounds(*span_of(period, timezone.localdate()), self._zone)
        return deliveries.filter(created_at__gte=since, created_at__lt=until)

    def by_since(self, deliveries: QuerySet[Delivery], name: str, day: Any) -> QuerySet[Delivery]:
        return deliveries.filter(created_at__gte=bounds(day, day, self._zone)[0])

    def by_until(self, deliveries: QuerySet[Delivery], name: str, day: Any) -> QuerySet[Delivery]:
        return deliveries.filter(created_at__lt=bounds(day, day, self._zone)[1])

    def only_last(self, deliveries: QuerySet[Delivery], name: str, wanted: bool) -> QuerySet[Delivery]:
        return last_asked(deliveries) if wanted else deliveries


#: As many keys are sorted in the time of a page.
_GATHERED = 100_000
#: Contacts who share an address.
_FEW = 500


def _people(company: Company) -> list[tuple[str, str]]:
    members = Membership.objects.filter(company=company).select_related("user").order_by("user__email")
    return [(f"user:{member.user.email}", str(member.user)) for member in members]


def _causes(company: Company, chosen: str) -> list[tuple[str, str]]:
    """Those of the last weeks, in words, and the chosen one."""
    caused = Delivery.objects.filter(company=company, state__in=[state.value for state in _CAUSED])
    told = statistics.recent(caused).order_by().exclude(cause_code="").values_list("cause_code")
    found = {code: first_sentence(text) for code, text in told.annotate(text=Max("cause_text"))}
    if chosen and chosen not in found:
        text = caused.filter(cause_code=chosen).values_list("cause_text", flat=True).first()
        if text:
            found[chosen] = first_sentence(text)
    return sorted(found.items(), key=lambda pair: pair[1])
