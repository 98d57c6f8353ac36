from __future__ import annotations

import re
from typing import Any

from django import forms

from acuse.channels import registry
from acuse.channels.accounts import WhatsAppParameters
from acuse.channels.registry import DEFAULT_PORTS, Security, SmtpSettings
from acuse.kernel import phone
from acuse.kernel.numerals import thousands
from acuse.web.parameters.standing import Standing

#: The two names of the original.
TOKEN = "WhatsApp: Token Seguridad"  # noqa: S105
NUMBER = "WhatsApp: Número Teléfono (Sólo Números)"
#: Messages a second: what Meta gives at most, and more than any mailbox takes.
MAX_WHATSAPP_PACE, MAX_MAIL_PACE = 1000, 1_000_000


def _from_to(least: int, most: int | str) -> dict[str, str]:
    """Django's own words say *usted*."""
    text = f"Tiene que ser un número de {least} a {most}."
    return dict.fromkeys(("invalid", "min_value", "max_value"), text)


SECURITY = [
    (Security.STARTTLS.value, "STARTTLS (puerto 587)"),
    (Security.TLS.value, "SSL/TLS (puerto 465)"),
    (Security.PLAIN.value, "Sin cifrar (solo a esta misma máquina)"),
]
#: How people write an id that they copied: with spaces and dots between the digits.
_BETWEEN_DIGITS = re.compile(r"[\s.\-]+")


class SecretInput(forms.PasswordInput):
    """Never rendered with a value. `new-password`: or browsers would fill in the user's own."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "new-password", "spellcheck": "false"})


class SecretField(forms.CharField):
    """Blank: what is saved stays. `feminine`: it is *Guardada*."""

    def __init__(self, label: str, help_text: str, *, feminine: bool = False) -> None:
        self.feminine = feminine
        super().__init__(label=label, help_text=help_text, required=False, max_length=2000, widget=SecretInput())


class IdField(forms.CharField):
    """One of Meta's numbers."""

    def __init__(self, label: str, help_text: str) -> None:
        widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
        super().__init__(label=label, help_text=help_text, required=False, max_length=60, widget=widget)

    def to_python(self, value: Any) -> str:
        return _BETWEEN_DIGITS.sub("", str(super().to_python(value)))


class ParametersForm(forms.Form):
    """One group of the page; `standing` is what is saved."""

    def __init__(self, *args: Any, standing: Standing, **given: Any) -> None:
        super().__init__(*args, **given)
        self.standing = standing

    def read_only(self) -> None:
        for field in self.fields.values():
            field.disabled = True


class WhatsAppForm(ParametersForm):
    access_token = SecretField(
        TOKEN,
        "El token del usuario del sistema, que no vence. En Meta: Configuración del negocio, Usuarios del sistema.",
    )
    phone_number_id = IdField(
        NUMBER,
        "El «Identificador de número de teléfono» que da Meta, de unas 15 cifras. No es el número de celular. "
        "En Meta: WhatsApp, Primeros pasos.",
    )
    waba_id = IdField(
        "Identificador de la cuenta de WhatsApp",
        "En Meta aparece como «Identificador de la cuenta de WhatsApp Business» (WABA).",
    )
    app_id = IdField("Identificador de la app", "El de tu app en developers.facebook.com. Da la dirección del webhook.")
    app_secret = SecretField(
        "Clave secreta de la app",
        "En Meta: Configuración de la app, Básica. Comprueba que cada aviso es de Meta; sin ella se rechazan.",
        feminine=True,
    )

    def clean_phone_number_id(self) -> str:
        given = str(self.cleaned_data["phone_number_id"])
        if given and len(given.lstrip("+")) <= 13 and phone.parse(given, default_area=None).e164 is not None:
            raise forms.ValidationError(
                "Ese parece un número de celular. Acá va el identificador que le da Meta, de unas 15 cifras."
            )
        return given

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for name in ("phone_number_id", "waba_id", "app_id"):
            if self.initial.get(name) and name in given and not given[name]:
                self.add_error(name, "Ya había uno. Escribí el nuevo; para dejar de usar WhatsApp, quitá el token.")
        return given

    def parameters(self) -> WhatsAppParameters:
        names = ("access_token", "phone_number_id", "waba_id", "app_id", "app_secret")
        return WhatsAppParameters(**{name: self.cleaned_data[name] or None for name in names})


class MailForm(ParametersForm):
    host = forms.CharField(
        label="Servidor", max_length=253, help_text="El de salida (SMTP) de tu proveedor. Por ejemplo, smtp.gmail.com."
    )
    security = forms.ChoiceField(label="Seguridad", choices=SECURITY)
    port = forms.IntegerField(
        label="Puerto", required=False, min_value=1, max_value=65535, error_messages=_from_to(1, 65535),
        help_text="Vacío: el usual de esa seguridad.",
    )  # fmt: skip
    user = forms.CharField(
        label="Usuario", required=False, max_length=254, help_text="Casi siempre, la dirección entera.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    password = SecretField(
        "Clave", "En Gmail y Outlook suele hacer falta una «contraseña de aplicación».", feminine=True
    )
    from_address = forms.EmailField(
        label="Dirección del remitente", max_length=254,
        error_messages={"invalid": "La dirección no está bien escrita. Por ejemplo, facturas@tuempresa.com.ar."},
    )  # fmt: skip
    from_name = forms.CharField(
        label="Nombre del remitente", required=False, max_length=120, help_text="Vacío: la razón social."
    )

    #: What `clean` makes of the fields.
    account: SmtpSettings
    url: str

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        security = Security(given["security"])
        typed, user = given["password"], given["user"] or None
        account = SmtpSettings(
            given["host"].lower(), given["port"] or DEFAULT_PORTS[security], user, typed or None, security
        )
        kept = self.standing.smtp
        if user and not typed and kept is not None and kept.password:
            account = self._with_kept_password(account, kept)
        elif typed and not user:
            self.add_error("user", "Hay una clave pero falta el usuario.")
        self.account = account
        try:
            self.url = registry.mailbox_url(account)
        except ValueError as error:
            self.add_error("host", str(error))
        return given

    def _with_kept_password(self, account: SmtpSettings, kept: SmtpSettings) -> SmtpSettings:
        """The saved password goes only where it was saved for: whoever changes the server writes it again."""
        same = (kept.host, kept.port, kept.user, kept.security)
        if (account.host, account.port, account.user, account.security) == same:
            return kept
        self.add_error("password", "Cambiaste el servidor o el usuario: escribí la clave otra vez.")
        return account


class SendingForm(ParametersForm):
    whatsapp_pace = forms.IntegerField(
        label="WhatsApp: mensajes por segundo", min_value=1, max_value=MAX_WHATSAPP_PACE,
        error_messages=_from_to(1, thousands(MAX_WHATSAPP_PACE)),
        help_text="Meta permite 80, y hasta 1.000 a los números que más envían.",
    )  # fmt: skip
    mail_pace = forms.IntegerField(
        label="Correo: mensajes por segundo", min_value=1, max_value=MAX_MAIL_PACE,
        error_messages=_from_to(1, thousands(MAX_MAIL_PACE)),
        help_text="Si tu proveedor te frena, bajalo.",
    )  # fmt: skip

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        if self.standing.number is None:
            del self.fields["whatsapp_pace"]
        if self.standing.mailbox is None:
            del self.fields["mail_pace"]
