from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django import forms

from acuse.web import refusals


@pytest.mark.parametrize(
    ("field", "given", "words"),
    [
        (forms.CharField(), "", "Completá este campo."),
        (forms.DateField(), "31/31/2026", refusals.DAY),
        (forms.IntegerField(), "dos", refusals.WHOLE),
        (forms.IntegerField(min_value=1), "0", "Tiene que ser 1 o más."),
        (forms.IntegerField(max_value=80), "81", "Tiene que ser 80 o menos."),
        (forms.DecimalField(), "dos", refusals.NUMBER),
        (forms.DecimalField(max_digits=3), Decimal("1234"), "Son demasiadas cifras: entran 3."),
        (forms.DecimalField(decimal_places=1), Decimal("1.25"), "Son demasiados decimales: entran 1."),
        (forms.CharField(max_length=3), "cuatro", "Es muy largo: entran 3 caracteres, y tiene 6."),
        (forms.CharField(min_length=3), "si", "Es muy corto: van al menos 3 caracteres, y tiene 2."),
        (forms.EmailField(), "ana", "Esa dirección de correo no está bien escrita. Revisala: nombre@dominio."),
        (forms.ChoiceField(choices=[("a", "A")]), "b", refusals.OPTION),
        (forms.MultipleChoiceField(choices=[("a", "A")]), ["b"], refusals.OPTION),
    ],
)
def test_what_a_field_refuses_is_said_with_vos(field: forms.Field, given: Any, words: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        field.clean(given)
    assert refused.value.messages == [words]


def test_what_a_form_says_itself_goes_first() -> None:
    field = forms.IntegerField(error_messages={"invalid": "Poné cuántos."})
    with pytest.raises(forms.ValidationError) as refused:
        field.clean("dos")
    assert refused.value.messages == ["Poné cuántos."]
