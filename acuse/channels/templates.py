"""What sending needs of a message template as the provider has it now. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

VARIABLE = re.compile(r"\{\{\s*(.*?)\s*\}\}")
#: The category that costs more, and that some people don't get (Meta, templates).
MARKETING = "MARKETING"
APPROVED = "APPROVED"


def variables(text: str) -> list[str]:
    """The names between braces, in order, with repetitions."""
    return VARIABLE.findall(text)


@dataclass(frozen=True, slots=True)
class Shape:
    #: DOCUMENT, TEXT, IMAGE… or blank without a header.
    header: str
    body: str
    footer: str
    #: The variables of the body: numbers, or names where it is NAMED.
    names: tuple[str, ...]
    named: bool
    #: Buttons whose address has a variable: those need a parameter that we don't send.
    open_buttons: int = 0


def shape_of(parts: Sequence[Mapping[str, Any]], parameter_format: str = "POSITIONAL") -> Shape:
    by_type = {str(part.get("type", "")).upper(): part for part in parts}
    header = by_type.get("HEADER", {})
    body = str(by_type.get("BODY", {}).get("text") or "")
    buttons = by_type.get("BUTTONS", {}).get("buttons")
    addresses = [str(b.get("url", "")) for b in buttons if isinstance(b, Mapping)] if isinstance(buttons, list) else []
    return Shape(
        header=str(header.get("format") or ("TEXT" if header else "")).upper(),
        body=body,
        footer=str(by_type.get("FOOTER", {}).get("text") or ""),
        names=tuple(dict.fromkeys(variables(body))),
        named=parameter_format.upper() == "NAMED",
        open_buttons=sum("{{" in address for address in addresses),
    )


def misfit(shape: Shape, parameters: int) -> str:
    """Why a mapping of so many texts doesn't fit the template; blank when it does. In Spanish."""
    if shape.header != "DOCUMENT":
        return "La plantilla no lleva un documento arriba: así no se puede adjuntar el PDF."
    if shape.open_buttons:
        return "La plantilla tiene un botón con una variable, y Acuse no la llena."
    wanted = len(shape.names)
    if wanted != parameters:
        have = "ninguna variable" if wanted == 0 else "una variable" if wanted == 1 else f"{wanted} variables"
        return f"La plantilla tiene {have} y la configuración llena {parameters}."
    return ""
