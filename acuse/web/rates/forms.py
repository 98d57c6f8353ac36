from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from acuse.companies.models import Company
from acuse.deliveries.figures import rates
from acuse.deliveries.figures.rates import DECIMALS, MARKET_DIGITS, RateError
from acuse.deliveries.models import Rate
from acuse.kernel import money
from acuse.web.days import DayInput
from acuse.web.rates.words import CATEGORIES

#: Those in which Meta bills come first.
_FIRST = ("USD", "ARS", "EUR", "BRL", "MXN")


def _currencies() -> list[tuple[str, str]]:
    names = {c.iso: c.name for c in reversed(money.CURRENCIES) if c.iso}
    codes = [*_FIRST, *sorted(names.keys() - set(_FIRST))]
    return [(code, f"{code} · {names[code]}") for code in codes]


class PriceField(forms.DecimalField):
    """As people type it: with a comma or a point."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.strip().replace(",", ".") if isinstance(value, str) else value)


class RateForm(forms.Form):
    category = forms.ChoiceField(
        label="Categoría", choices=list(CATEGORIES.items()), initial=Rate.Category.UTILITY,
        help_text="La de la plantilla en Meta. Los comprobantes suelen ir por Servicio.",
    )  # fmt: skip
    market = forms.CharField(
        label="País", required=False, initial="54", max_length=MARKET_DIGITS + 1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text="El prefijo del número de quien recibe: 54 es Argentina, 598 Uruguay. Vacío: todos los demás.",
    )  # fmt: skip
    price = PriceField(
        label="Precio por mensaje", min_value=Decimal(0), max_digits=12, decimal_places=DECIMALS,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text="Hasta 6 decimales, como 0,026.",
    )  # fmt: skip
    currency = forms.ChoiceField(label="Moneda", choices=_currencies, help_text="La de tu cuenta de WhatsApp en Meta.")
    valid_from = forms.DateField(
        label="Vale desde", widget=DayInput(), help_text="Hasta que empiece la siguiente de lo mismo."
    )

    def __init__(self, *args: Any, company: Company, rate: Rate | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self._company, self._rate = company, rate
        self.fields["price"].error_messages["min_value"] = "El precio no puede ser negativo."

    def save(self, actor: str) -> Rate | None:
        """None when it was refused: the form says why."""
        try:
            return rates.save_rate(company=self._company, rate=self._rate, actor=actor, **self.cleaned_data)
        except RateError as error:
            self.add_error(error.field, str(error))
            return None
