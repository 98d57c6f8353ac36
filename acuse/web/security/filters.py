from __future__ import annotations

import django_filters
from django import forms
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Concat

from acuse.companies.folding import Fold
from acuse.companies.models import Membership, Role
from acuse.web.access import ActorRequest


def _roles(request: ActorRequest) -> QuerySet[Role]:
    return Role.objects.filter(company=request.actor.company).order_by("name")


class MemberFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        label="Buscar",
        method="search",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Nombre o correo", "autocomplete": "off"}),
    )
    state = django_filters.ChoiceFilter(
        label="Estado",
        choices=[("on", "Activos"), ("off", "Desactivados")],
        empty_label="Todos",
        method="by_state",
    )
    role = django_filters.ModelChoiceFilter(label="Rol", field_name="roles", queryset=_roles, empty_label="Todos")
    two_factor = django_filters.ChoiceFilter(
        label="Dos pasos",
        choices=[("yes", "Con dos pasos"), ("no", "Sin dos pasos")],
        empty_label="Todos",
        method="by_two_factor",
    )

    class Meta:
        model = Membership
        fields: list[str] = []

    def search(self, members: QuerySet[Membership], name: str, text: str) -> QuerySet[Membership]:
        found = members.annotate(
            searched=Fold(Concat(F("user__name"), Value(" "), F("user__email"), output_field=TextField()))
        )
        for word in text.split():
            found = found.filter(searched__contains=Fold(Value(word)))
        return found

    def by_state(self, members: QuerySet[Membership], name: str, state: str) -> QuerySet[Membership]:
        return members.filter(is_active=state == "on")

    def by_two_factor(self, members: QuerySet[Membership], name: str, choice: str) -> QuerySet[Membership]:
        return members.filter(user__second_factor__isnull=choice == "no")
