"""The filters of Clientes, Proveedores and Bancos."""

from __future__ import annotations

import re
from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery
from django.db.models import Exists, OuterRef, Q, QuerySet

from acuse.companies.folding import Words, words_query
from acuse.companies.models import Company
from acuse.directory.duplicates import with_duplicates
from acuse.directory.models import CONTACT_TEXT, Contact, CustomerClass, Party
from acuse.kernel import phone
from acuse.web.directory.sections import Section
from acuse.web.grids.filtering import keys_of

#: Digits from which a number is looked for among the phones.
_PHONE_FROM = 6
#: Their ids are sent to the database again.
_FEW = 2000
_LETTERS = re.compile(r"[^\W\d_]")

NO_CLASS = "none"
WITH, WITHOUT, PROBLEM, SUPPRESSED = "with", "without", "problem", "suppressed"
_PROBLEM = ~Q(mobile_problem="") | ~Q(email_problem="")


def search(parties: QuerySet[Party], company: Company, text: str) -> QuerySet[Party]:
    """By name, document, own code; by a contact's name, mail, or phone in any writing. Words by how they begin."""
    digits = "".join(character for character in text if character.isdecimal())
    if len(digits) >= _PHONE_FROM and not _LETTERS.search(text):
        return parties.filter(_numbered(company, text, digits))
    for word in text.split():
        parties = parties.filter(_worded(company, word))
    return parties


def _worded(company: Company, word: str) -> Q:
    coded = Q(external_id__istartswith=word) & ~Q(external_id="") | Q(tax_id__istartswith=word) & ~Q(tax_id="")
    query = words_query(word)
    if not query:
        return coded
    wanted = SearchQuery(query, search_type="raw", config="simple")
    named = Party.objects.alias(words=Words("name")).filter(words=wanted, company=company)
    people = Contact.objects.alias(words=Words(CONTACT_TEXT)).filter(words=wanted, company=company)
    return coded | Q(pk__in=named.values("pk")) | Q(pk__in=people.values("party"))


def _numbered(company: Company, text: str, digits: str) -> Q:
    read = phone.parse(text, default_area=company.default_area_code or None)
    mobiles = Q(mobile__contains=digits.lstrip("0")) | (Q(mobile=read.e164) if read.e164 else Q())
    people = Contact.objects.filter(mobiles, company=company).values("party")
    return Q(tax_id__contains=digits) | Q(external_id__contains=text.strip()) | Q(pk__in=people)


class PartyFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        label="Buscar",
        method="by_text",
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Nombre, CUIT o teléfono", "autocomplete": "off"}
        ),
    )
    contacts = django_filters.ChoiceFilter(
        label="Contactos",
        choices=[
            (WITH, "Con contactos"),
            (WITHOUT, "Sin contactos"),
            (PROBLEM, "Con un problema en el celular o el correo"),
            (SUPPRESSED, "Pidieron la baja"),
        ],
        empty_label="Todos",
        method="by_contacts",
    )
    duplicates = django_filters.BooleanFilter(
        label="Con posibles duplicados", method="by_duplicates", widget=forms.CheckboxInput()
    )

    class Meta:
        model = Party
        fields: list[str] = []

    def __init__(self, *args: Any, section: Section, **options: Any) -> None:
        super().__init__(*args, **options)
        self.section = section

    def by_text(self, parties: QuerySet[Party], name: str, text: str) -> QuerySet[Party]:
        return parties.filter(pk__in=keys_of(search(parties, self.request.actor.company, text), _FEW))

    def by_contacts(self, parties: QuerySet[Party], name: str, choice: str) -> QuerySet[Party]:
        theirs = Contact.objects.filter(party=OuterRef("pk"))
        if choice == WITHOUT:
            return parties.filter(~Exists(theirs))
        narrowed = {
            WITH: theirs,
            PROBLEM: theirs.filter(_PROBLEM),
            SUPPRESSED: theirs.filter(suppressed_at__isnull=False),
        }
        return parties.filter(Exists(narrowed[choice]))

    def by_duplicates(self, parties: QuerySet[Party], name: str, wanted: bool) -> QuerySet[Party]:
        if not wanted:
            return parties
        found = with_duplicates(parties, self.request.actor.company, self.section.kind.value)
        return parties.filter(pk__in=keys_of(found, _FEW))


class CustomerFilter(PartyFilter):
    customer_class = django_filters.ChoiceFilter(
        label="Clase",
        choices=(),
        empty_label="Todas",
        method="by_class",
        widget=forms.Select(attrs={"data-search-select": ""}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        ours = CustomerClass.objects.filter(company=self.request.actor.company).order_by("folded_name")
        choices = [(NO_CLASS, "(sin clase)"), *((str(one.pk), one.name) for one in ours)]
        self.filters["customer_class"].extra["choices"] = choices

    def by_class(self, parties: QuerySet[Party], name: str, choice: str) -> QuerySet[Party]:
        return parties.filter(customer_class=None if choice == NO_CLASS else int(choice))
