from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm

from acuse.companies.models import User
from acuse.web.security.forms import BAD_ADDRESS

RULES = (
    "Al menos 10 caracteres. No puede ser solo de números, ni una contraseña común, ni parecerse a tu nombre o correo."
)


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label="Correo",
        # of the users' column, and of the one that counts tries
        max_length=254,
        error_messages=BAD_ADDRESS,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    password = forms.CharField(
        label="Contraseña", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    error_messages = {
        "invalid_login": "El correo y la contraseña no coinciden. Revisalos y probá de nuevo.",
        "inactive": "Tu usuario está desactivado. Pedile a quien administra Acuse que lo active.",
    }

    def clean(self) -> dict[str, Any]:
        email, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if email and password:
            # named as the model names it: django-axes counts the tries under that name, and under "username" it would
            # find none of them when the right password comes
            self.user_cache = authenticate(self.request, email=email, password=password)
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


class PasswordForm(forms.Form):
    """The password that a link sets, twice."""

    password = forms.CharField(
        label="Contraseña",
        strip=False,
        help_text=RULES,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )
    repeated = forms.CharField(
        label="La misma contraseña, otra vez",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("password") and given.get("repeated") and given["password"] != given["repeated"]:
            self.add_error("repeated", "Las dos contraseñas no son iguales. Escribila de nuevo.")
        return given


class ChangePasswordForm(PasswordForm):
    current = forms.CharField(
        label="Contraseña actual",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("current", "password", "repeated")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = "Contraseña nueva"
        self.fields["password"].widget.attrs.pop("autofocus")


class ProveForm(forms.Form):
    password = forms.CharField(
        label="Tu contraseña",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label="Código",
        max_length=40,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, label: str = "Código", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = label


class ForgottenForm(forms.Form):
    email = forms.EmailField(
        label="Correo",
        max_length=254,
        error_messages=BAD_ADDRESS,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )


class ProfileForm(forms.Form):
    name = forms.CharField(
        label="Nombre",
        max_length=120,
        required=False,
        help_text="Lo ven tus compañeros en Usuarios. En lo que hacés figura tu correo.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    formats = forms.ChoiceField(
        label="Números y fechas",
        choices=User.Formats.choices,
        help_text="Cómo los ves. Al escribirlos, y en lo que se exporta o se envía, se usa siempre el de Argentina.",
    )
    theme = forms.ChoiceField(label="Colores", choices=User.Theme.choices)


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label="Nombre de la llave",
        max_length=60,
        help_text="Para reconocerla: el teléfono de Ana, la compu del mostrador.",
        widget=forms.TextInput(attrs={"autofocus": True}),
    )
