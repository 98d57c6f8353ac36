from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import AuthenticationForm

RULES = (
    "Al menos 10 caracteres. No puede ser solo de números, ni una contraseña común, ni parecerse a tu nombre o correo."
)


class SignInForm(AuthenticationForm):
    username = forms.EmailField(
        label="Correo", widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"})
    )
    password = forms.CharField(
        label="Contraseña", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    error_messages = {
        "invalid_login": "El correo y la contraseña no coinciden. Revisalos y probá de nuevo.",
        "inactive": "Tu usuario está desactivado. Pedile a quien administra Acuse que lo active.",
    }

    def clean_username(self) -> str:
        # sign-in ignores case as PostgreSQL's upper() does, and so must the count of failed tries: ſ and ı are S and I,
        # or each spelling of an address would have tries of its own
        return str(self.cleaned_data["username"]).upper().lower()

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
    """The password that an invitation sets, twice."""

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
