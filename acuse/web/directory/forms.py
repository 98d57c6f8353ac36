"""What people write of parties, contacts and classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from acuse.companies.models import Company
from acuse.directory import parties
from acuse.directory.contacts import ContactEntry, fingerprint
from acuse.directory.models import ConsentOrigin, Contact, CustomerClass, Party
from acuse.directory.services import DirectoryError
from acuse.kernel import phone
from acuse.web import clashes, understood
from acuse.web.days import DayInput
from acuse.web.directory.sections import Section, section_of
from acuse.web.directory.showing import document

ALL, CHOSEN, NONE = "all", "chosen", "none"
_ORIGINS = [("", "Sin dato"), *ConsentOrigin.choices]


def refuse(form: forms.Form, error: DirectoryError) -> None:
    """The refusal beside its field, with a way to who has it already."""
    field = error.field if error.field in form.fields else None
    message: str | SafeString = str(error)
    if error.holder is not None:
        url = reverse("web:party", args=[section_of(error.holder), error.holder.pk])
        message = format_html('{} <a href="{}">Abrir {}</a>', str(error), url, error.holder.name)
    form.add_error(field, message)


def _seen_field() -> forms.CharField:
    """The fingerprint of what the person had before them."""
    return forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-draft-keep": True}))


class PartyForm(forms.Form):
    seen = _seen_field()
    name = forms.CharField(label="Nombre o razón social", max_length=200)
    tax_id = forms.CharField(
        label="CUIT o documento", max_length=40, required=False,
        help_text="Con o sin guiones: un CUIT, CUIL o CDI de 11 dígitos, un DNI, u otro.",
    )  # fmt: skip
    external_id = forms.CharField(
        label="Código propio",
        max_length=120,
        required=False,
        help_text="El que le da tu sistema. Con él se reconoce lo que llegue por la API.",
    )
    customer_class = forms.CharField(label="Clase", max_length=80, required=False)

    def __init__(
        self, *args: Any, section: Section, company: Company, may_create_classes: bool = False, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        understood.show_document(self.fields["tax_id"])
        if section.has_classes:
            self._offer_classes(company, may_create_classes)
        else:
            del self.fields["customer_class"]

    def _offer_classes(self, company: Company, may_create: bool) -> None:
        names = list(
            CustomerClass.objects.filter(company=company).order_by("folded_name").values_list("name", flat=True)
        )
        typed = str(self["customer_class"].value() or "")
        if typed and typed not in names:
            names.append(typed)
        attrs = {"data-search-select": "", "class": "form-select"}
        if may_create:
            attrs["data-search-create"] = ""
            self.fields["customer_class"].help_text = "Si no está, escribila y se crea."
        choices = [("", "Sin clase"), *((name, name) for name in names)]
        self.fields["customer_class"].widget = forms.Select(attrs=attrs, choices=choices)

    @staticmethod
    def initial_of(party: Party) -> dict[str, str]:
        return {
            "seen": parties.fingerprint(party),
            "name": party.name,
            "tax_id": document(party.tax_id),
            "external_id": party.external_id,
            "customer_class": party.customer_class.name if party.customer_class else "",
        }


class ContactForm(forms.Form):
    seen = _seen_field()
    name = forms.CharField(
        label="Nombre", max_length=120, required=False, help_text="La persona o el área, por ejemplo Compras."
    )
    mobile = forms.CharField(label="Celular", max_length=80, required=False, help_text=understood.HOW_MOBILE)
    email = forms.CharField(label="Correo", max_length=254, required=False)
    receives = forms.ChoiceField(
        label="Recibe",
        choices=[(ALL, "Todos los comprobantes"), (CHOSEN, "Solo estos"), (NONE, "Ninguno por sí solo")],
        widget=forms.RadioSelect,
        initial=ALL,
    )
    kinds = forms.MultipleChoiceField(label="Comprobantes", required=False, widget=forms.CheckboxSelectMultiple)
    consent_origin = forms.ChoiceField(
        label="Consentimiento",
        choices=_ORIGINS,
        required=False,
        help_text="Cómo dio permiso para escribirle ahí. Es lo que se muestra si alguien reclama.",
    )
    consent_on = forms.DateField(label="Qué día lo dio", required=False, widget=DayInput())
    consent_note = forms.CharField(
        label="Nota", max_length=200, required=False, help_text="Por ejemplo, quién lo tomó o el número de contrato."
    )

    def __init__(self, *args: Any, section: Section, look_url: str, **options: Any) -> None:
        super().__init__(*args, **options)
        kinds = cast(forms.MultipleChoiceField, self.fields["kinds"])
        kinds.choices = [(kind.value, kind.plural) for kind in section.kinds]
        understood.show_mobile(self.fields["mobile"], look_url)
        self.fields["email"].widget.attrs |= {"inputmode": "email", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("receives") == CHOSEN and not cleaned.get("kinds"):
            self.add_error("kinds", "Elegí al menos uno, o marcá «Ninguno por sí solo».")
        return cleaned

    def entry(self) -> ContactEntry:
        given = self.cleaned_data
        kinds = {ALL: None, NONE: ()}.get(given["receives"], tuple(given["kinds"]))
        names = ("name", "mobile", "email", "consent_origin", "consent_on", "consent_note")
        return ContactEntry(kinds=kinds, **{name: given[name] for name in names})

    @staticmethod
    def initial_of(contact: Contact) -> dict[str, Any]:
        receives = ALL if contact.kinds is None else CHOSEN if contact.kinds else NONE
        return {
            "seen": fingerprint(contact),
            "name": contact.name,
            "mobile": contact.mobile_typed or phone.display(contact.mobile),
            "email": contact.email,
            "receives": receives,
            "kinds": contact.kinds or [],
            "consent_origin": contact.consent_origin,
            "consent_on": contact.consent_on,
            "consent_note": contact.consent_note,
        }


def differences(form: forms.Form, now: Mapping[str, Any]) -> Sequence[clashes.Difference]:
    """What the person wrote and what it says `now` (the form's `initial_of`), where they differ."""
    present = {name: value for name, value in now.items() if name != "seen"}
    return clashes.differences(form, present, lambda name, value: _shown(form, name, value))


def _shown(form: forms.Form, name: str, value: Any) -> str:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        words = dict(cast(Any, field.choices))
        values = value if isinstance(value, list) else [value or ""]
        text = ", ".join(str(words.get(one, one)) for one in values)
    else:
        text = f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value or "")
    return text or "(vacío)"


class OptOutForm(forms.Form):
    reason = forms.CharField(
        label="Cómo lo pidió", max_length=200, help_text="Por ejemplo: «Llamó el 3/11 y pidió que no le escribamos»."
    )


class RestoreForm(forms.Form):
    consent_origin = forms.ChoiceField(label="Cómo lo pidió", choices=[("", "Elegí"), *ConsentOrigin.choices])
    consent_on = forms.DateField(label="Qué día lo pidió", widget=DayInput())
    asked = forms.BooleanField(
        label="La persona pidió que le volvamos a escribir",
        error_messages={"required": "Sin que la persona lo pida no se le puede volver a escribir."},
    )


class ClassForm(forms.Form):
    name = forms.CharField(label="Nombre", max_length=80, help_text="Por ejemplo Mayoristas, Zona sur o Crédito.")


class SetClassForm(forms.Form):
    customer_class = forms.ChoiceField(label="Clase", required=False)

    def __init__(self, *args: Any, company: Company, **options: Any) -> None:
        super().__init__(*args, **options)
        ours = CustomerClass.objects.filter(company=company).order_by("folded_name")
        field = cast(forms.ChoiceField, self.fields["customer_class"])
        field.widget = forms.Select(attrs={"data-search-select": "", "class": "form-select"})
        field.choices = [("", "Sin clase"), *((str(one.pk), one.name) for one in ours)]
