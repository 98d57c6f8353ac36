"""Message text from placeholders: `{{comprobante}}` and its like, no expressions. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from acuse.kernel.names import fold

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
#: What a template's parameter may name besides: the mail's own texts, in one line.
MESSAGE_VARIABLES: Mapping[str, str] = {
    "asunto": "El asunto del correo, en una línea",
    "cuerpo": "El cuerpo del correo, en una línea",
}
PARAMETER_VARIABLES: Mapping[str, str] = {**VARIABLES, **MESSAGE_VARIABLES}

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


class UnknownVariable(ValueError):
    """The text names a variable that doesn't exist there."""

    def __init__(self, name: str, known: Collection[str] = VARIABLES) -> None:
        near = nearest(name, known)
        if near is not None:
            hint = f"¿Quisiste poner {{{{{near}}}}}?"
        else:
            hint = f"Podés usar: {' '.join('{{' + one + '}}' for one in known)}."
        super().__init__(f"No existe la variable {{{{{name[:40]}}}}}. {hint}")
        self.name = name


class BrokenVariable(ValueError):
    """Braces that open no variable, or close none."""

    def __init__(self) -> None:
        super().__init__("Hay llaves sueltas. Una variable va entre dos llaves de cada lado: {{cliente}}.")


def named_in(text: str) -> list[str]:
    """The variables that it names, whether they exist or not."""
    return _PLACEHOLDER.findall(text)


def check(text: str, known: Collection[str] = VARIABLES) -> str:
    """The text, if every variable in it exists. Raises UnknownVariable, BrokenVariable."""
    for name in named_in(text):
        if name not in known:
            raise UnknownVariable(name, known)
    rest = _PLACEHOLDER.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise BrokenVariable
    return text


def fill(text: str, values: Mapping[str, str], known: Collection[str] = VARIABLES) -> str:
    """Replace each known variable once; a value is never looked into again. Raises UnknownVariable."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in known:
            raise UnknownVariable(name, known)
        return values.get(name, "")

    return _PLACEHOLDER.sub(value, text)


def shielded(text: str, known: Collection[str] = VARIABLES) -> str:
    """With what is no variable as somebody wrote it, so that `fill` shows the rest: for a preview, never to be sent."""
    return _PLACEHOLDER.sub(lambda found: found[0] if found[1] in known else found[0].replace("{{", "{\u2060{"), text)


def nearest(name: str, known: Collection[str]) -> str | None:
    """The variable that was probably meant: one without regard to accents and case, or one or two letters away."""
    folded = {fold(one): one for one in known}
    found = get_close_matches(fold(name.strip()), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
