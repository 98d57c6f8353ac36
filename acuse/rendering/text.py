"""Message text from placeholders: `{{comprobante}}` and its like, no expressions. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Every variable that a subject, a body, a template's parameter or a file name may name, with its meaning on screen.
VARIABLES: Mapping[str, str] = {
    "cliente": "Nombre del cliente, proveedor o banco",
    "contacto": "Nombre del contacto",
    "comprobante": "Tipo y número: Factura A 00003-00000042",
    "numero": "Punto de venta y número: 00003-00000042",
    "fecha": "Fecha de emisión: 24/11/2026",
    "total": "Total con su moneda: $ 1.234,56",
    "vencimiento": "Fecha de vencimiento del pago",
    "empresa": "Tu razón social",
}

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class UnknownVariable(ValueError):
    """The text names a variable that doesn't exist."""

    def __init__(self, name: str) -> None:
        offered = " ".join("{{" + known + "}}" for known in VARIABLES)
        super().__init__(f"No existe la variable {{{{{name}}}}}. Podés usar: {offered}.")
        self.name = name


def check(text: str) -> str:
    """The text, if every variable in it exists. Raises UnknownVariable."""
    for name in _PLACEHOLDER.findall(text):
        if name not in VARIABLES:
            raise UnknownVariable(name)
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace each known variable once; a value is never looked into again. Raises UnknownVariable."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in VARIABLES:
            raise UnknownVariable(name)
        return values.get(name, "")

    return _PLACEHOLDER.sub(value, text)
