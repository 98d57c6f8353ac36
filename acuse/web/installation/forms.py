from __future__ import annotations

from django import forms

from acuse.web.security.forms import BAD_ADDRESS


class NewCompanyForm(forms.Form):
    legal_name = forms.CharField(
        label="Razón social", max_length=200, widget=forms.TextInput(attrs={"autofocus": True})
    )
    cuit = forms.CharField(
        label="CUIT",
        max_length=20,
        help_text="Con guiones o sin ellos.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "30-00000000-7"}),
    )
    email = forms.EmailField(
        label="Correo de quien la administra",
        max_length=254,
        error_messages=BAD_ADDRESS,
        help_text="Le llega una invitación con el rol Administrador. Si el correo no sale, te mostramos el enlace.",
    )


class FirstAdministratorForm(forms.Form):
    email = forms.EmailField(
        label="Correo",
        max_length=254,
        error_messages=BAD_ADDRESS,
        widget=forms.EmailInput(attrs={"autofocus": True}),
    )
