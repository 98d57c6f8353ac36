"""What Django's own fields refuse, said with *vos*: its Spanish says *usted*, and not what to do."""

from __future__ import annotations

from django import forms
from django.core import validators

DAY = "Esa fecha no está bien escrita. Va día, mes y año: 31/12/2026."
NUMBER, WHOLE = "Escribí un número.", "Escribí un número entero."
OPTION = "Esa opción no está. Elegí otra de la lista."
_OPTIONS = {"invalid_choice": OPTION, "invalid_list": OPTION, "invalid_pk_value": OPTION}
_FILE = {
    "invalid": "El archivo no llegó. Elegilo de nuevo.",
    "missing": "Elegí un archivo.",
    "empty": "El archivo está vacío. Elegí otro.",
    "max_length": "El nombre del archivo es muy largo: hasta %(max)d caracteres.",
}

_FIELDS: dict[type[forms.Field], dict[str, str]] = {
    forms.Field: {"required": "Completá este campo."},
    forms.DateField: {"invalid": DAY},
    forms.IntegerField: {"invalid": WHOLE},
    forms.FloatField: {"invalid": NUMBER},
    forms.DecimalField: {"invalid": NUMBER},
    forms.ChoiceField: _OPTIONS,
    forms.MultipleChoiceField: _OPTIONS,
    forms.ModelChoiceField: _OPTIONS,
    forms.ModelMultipleChoiceField: _OPTIONS,
    forms.FileField: _FILE,
}
_VALIDATORS: dict[type[validators.BaseValidator] | type[validators.EmailValidator], str] = {
    validators.MinValueValidator: "Tiene que ser %(limit_value)s o más.",
    validators.MaxValueValidator: "Tiene que ser %(limit_value)s o menos.",
    validators.MinLengthValidator: "Es muy corto: van al menos %(limit_value)d caracteres, y tiene %(show_value)d.",
    validators.MaxLengthValidator: "Es muy largo: entran %(limit_value)d caracteres, y tiene %(show_value)d.",
    validators.EmailValidator: "Esa dirección de correo no está bien escrita. Revisala: nombre@dominio.",
}
_DECIMALS = {
    "invalid": NUMBER,
    "max_digits": "Son demasiadas cifras: entran %(max)s.",
    "max_decimal_places": "Son demasiados decimales: entran %(max)s.",
    "max_whole_digits": "Es demasiado grande: entran %(max)s cifras antes de la coma.",
}


def say_with_vos() -> None:
    """Once a process, before a form is made. What a form says itself still goes first."""
    for field, words in _FIELDS.items():
        field.default_error_messages = {**getattr(field, "default_error_messages", {}), **words}
    for validator, text in _VALIDATORS.items():
        validator.message = text
    validators.DecimalValidator.messages = {**validators.DecimalValidator.messages, **_DECIMALS}
