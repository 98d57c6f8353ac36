from __future__ import annotations

import django_filters
from django import forms
from django.db.models import QuerySet

from acuse.deliveries.models import Delivery
from acuse.web.states import CHANNEL_NAMES, STATE_CHOICES


class DeliveryFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.ChoiceFilter(label="Estado", choices=STATE_CHOICES, empty_label="Todos")
    channel = django_filters.ChoiceFilter(label="Canal", choices=list(CHANNEL_NAMES.items()), empty_label="Todos")
    unresolved = django_filters.BooleanFilter(
        label="Sin los que ya se volvieron a pedir", method="only_last", widget=forms.CheckboxInput()
    )

    class Meta:
        model = Delivery
        fields: list[str] = []

    def only_last(self, deliveries: QuerySet[Delivery], name: str, wanted: bool) -> QuerySet[Delivery]:
        return deliveries.filter(resends=None) if wanted else deliveries
