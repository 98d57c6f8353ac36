from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import available_timezones

from django import forms
from django.http import QueryDict

from acuse.companies import mail
from acuse.companies.models import Company
from acuse.companies.services import CompanyData
from acuse.kernel import taxid
from acuse.web.security.forms import BAD_ADDRESS

_ARGENTINA = "America/Argentina/"


#: Places of Argentina that the zones write without their accent, or cut short.
_SPELT = {
    "ComodRivadavia": "Comodoro Rivadavia",
    "Cordoba": "Córdoba",
    "Rio_Gallegos": "Río Gallegos",
    "Tucuman": "Tucumán",
}


def _zone_name(zone: str) -> str:
    place = zone.removeprefix(_ARGENTINA)
    shown = _SPELT.get(place, place).replace("_", " ")
    return shown if place == zone else f"Argentina: {shown}"


def zone_choices() -> list[tuple[str, str]]:
    """Argentina's first, Buenos Aires before all; then every other that has a place."""
    every = available_timezones()
    argentine = sorted(zone for zone in every if zone.startswith(_ARGENTINA) and zone.count("/") == 2)
    argentine.sort(key=lambda zone: not zone.endswith("Buenos_Aires"))
    places = (
        "Africa/",
        "America/",
        "Antarctica/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    )
    others = sorted(zone for zone in every if zone.startswith(places) and zone not in argentine)
    return [(zone, _zone_name(zone)) for zone in (*argentine, *others, "UTC")]


class CompanyForm(forms.Form):
    legal_name = forms.CharField(label="Razón social", max_length=200)
    cuit = forms.CharField(label="CUIT", max_length=20)
    trade_name = forms.CharField(
        label="Nombre de fantasía", max_length=200, required=False, help_text="Si te conocen por otro nombre."
    )
    address = forms.CharField(label="Domicilio", max_length=200, required=False)
    phone = forms.CharField(label="Teléfono", max_length=80, required=False)
    email = forms.EmailField(label="Correo", max_length=254, required=False, error_messages=BAD_ADDRESS)
    answers_to = forms.EmailField(
        label="Reenviar respuestas a",
        max_length=254,
        required=False,
        error_messages=BAD_ADDRESS,
        help_text="Lo que contestan tus clientes por WhatsApp te llega también a este correo. Vacío: se ve solo acá.",
    )
    default_area_code = forms.CharField(
        label="Característica",
        max_length=5,
        required=False,
        help_text=(
            "Completa los celulares que se cargan sin ella: con 341, 15 555-1234 se entiende como +54 9 341 555-1234. "
            "Vacía: esos números quedan para revisar."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "341"}),
    )
    time_zone = forms.ChoiceField(
        label="Zona horaria",
        choices=zone_choices,
        help_text="Con ella se muestran las fechas y horas, y se decide qué día es hoy.",
        widget=forms.Select(attrs={"data-search-select": ""}),
    )

    def __init__(self, given: QueryDict | None = None, *, company: Company, may_change_cuit: bool) -> None:
        super().__init__(given, initial=_initial(company))
        if not mail.configured():
            self.fields["answers_to"].help_text = (
                "Por ahora no se reenvía nada: al servidor le falta el correo propio. Lo define quien instaló Acuse, "
                "en ACUSE_MAIL_URL. Lo que contestan se ve en Mensajes recibidos."
            )
        if not may_change_cuit:
            field = self.fields["cuit"]
            field.disabled = True
            field.help_text = "No se cambia: ya hay comprobantes registrados con él. Otro CUIT es otra empresa."

    @property
    def data_given(self) -> CompanyData:
        return CompanyData(**{name: value for name, value in self.cleaned_data.items() if name != "cuit"})


def _initial(company: Company) -> dict[str, str]:
    names: Iterable[str] = (name for name in CompanyForm.base_fields if name != "cuit")
    return {name: getattr(company, name) for name in names} | {"cuit": taxid.format_cuit(company.cuit)}


class LogoForm(forms.Form):
    logo = forms.FileField(
        label="Archivo",
        help_text="PNG, JPEG o WebP de hasta 2 MB. Se achica a 600 × 200 píxeles.",
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        error_messages={"required": "Elegí un archivo.", "empty": "El archivo está vacío."},
    )


class MaxAgeForm(forms.Form):
    days = forms.IntegerField(
        label="Días", min_value=0, max_value=365, error_messages={"required": "Poné una cantidad de días."}
    )
