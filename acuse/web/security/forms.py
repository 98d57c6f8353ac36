from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.html import format_html

from acuse.companies.models import Role
from acuse.companies.services import CompanyError
from acuse.web.security.role_words import words_of

BY_MAIL, BY_LINK = "mail", "link"
#: Django's own says it with *usted*.
BAD_ADDRESS = dict.fromkeys(
    ("invalid", "max_length"), "Esa dirección de correo no está bien escrita. Revisala: nombre@dominio."
)


def add_error(form: forms.Form, error: CompanyError) -> None:
    """Beside its field, or on top when the form has no such field."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def _roles_field(roles: Sequence[Role], **options: Any) -> forms.ModelMultipleChoiceField[Role]:
    queryset = Role.objects.filter(pk__in=[role.pk for role in roles]).prefetch_related("grants").order_by("name")
    field = forms.ModelMultipleChoiceField(
        queryset,
        label="Roles",
        required=True,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Elegí al menos un rol.",
            "invalid_choice": "Ese rol no lo podés dar. Elegí otro.",
        },
        **options,
    )
    field.label_from_instance = _told_role  # type: ignore[method-assign]
    return field


def _told_role(obj: Role) -> str:
    return format_html('{}<small class="role-words">{}</small>', obj.name, words_of(obj))


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="Correo",
        max_length=254,
        help_text="Con esa dirección va a ingresar.",
        error_messages=BAD_ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autofocus": True}),
    )

    def __init__(
        self, *args: object, roles: Sequence[Role], by_mail: bool, all_roles: bool = True, **options: object
    ) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        missing = "" if all_roles else "Los que no aparecen tienen permisos que vos no tenés."
        self.fields["roles"] = _roles_field(roles, help_text=missing)
        if by_mail:
            self.fields["how"] = forms.ChoiceField(
                label="Cómo le llega",
                choices=[(BY_MAIL, "Mandarle el enlace por correo"), (BY_LINK, "Mostrarme el enlace, se lo paso yo")],
                initial=BY_MAIL,
                widget=forms.RadioSelect,
            )


class MemberRolesForm(forms.Form):
    #: The keys of the roles that were shown.
    seen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-draft-keep": True}))

    def __init__(self, *args: object, roles: Sequence[Role], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["roles"] = _roles_field(roles)


class NewRoleForm(forms.Form):
    name = forms.CharField(label="Nombre", max_length=60, widget=forms.TextInput(attrs={"autofocus": True}))

    def __init__(self, *args: object, roles: Sequence[Role], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["copied_from"] = forms.ModelChoiceField(
            Role.objects.filter(pk__in=[role.pk for role in roles]).order_by("name"),
            label="Empezar con",
            required=False,
            empty_label="Nada: lo marco yo",
            help_text="Copia las acciones de ese rol. Después se cambian por separado.",
        )


class RoleNameForm(forms.Form):
    name = forms.CharField(label="Nombre", max_length=60, widget=forms.TextInput(attrs={"autofocus": True}))


class NewKeyForm(forms.Form):
    name = forms.CharField(
        label="Nombre",
        max_length=80,
        help_text="Para reconocerla: el sistema que la va a usar.",
        widget=forms.TextInput(attrs={"autofocus": True, "placeholder": "Facturación"}),
    )

    def __init__(self, *args: object, roles: Sequence[Role], **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.fields["role"] = forms.ModelChoiceField(
            Role.objects.filter(pk__in=[role.pk for role in roles]).order_by("name"),
            label="Rol",
            empty_label="Elegí un rol",
            help_text="La clave puede lo mismo que ese rol, ni más ni menos.",
            error_messages={"invalid_choice": "Ese rol no lo podés dar. Elegí otro."},
        )
