from __future__ import annotations

from django import forms

from acuse.web.accounts.forms import PasswordForm


class NewPersonForm(PasswordForm):
    """The name and the password, twice, of who is invited for the first time."""

    name = forms.CharField(
        label="Tu nombre",
        max_length=120,
        help_text="Así te ven tus compañeros en Usuarios.",
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )

    field_order = ["name", "password", "repeated"]

    def __init__(self, *args: object, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["password"].widget.attrs.pop("autofocus", None)
