"""What pydantic found wrong, as the API tells it: its own paths, stable codes, Spanish texts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from acuse.api.problems import FieldError

#: Where a value may be of two shapes, pydantic puts the shape's name into the path.
SHAPES = frozenset({"<id>", "<contact>"})

#: pydantic's error type → (our code, text with its context).
_TEXTS: dict[str, tuple[str, str]] = {
    "missing": ("missing", "Falta este dato."),
    "extra_forbidden": ("unknown_field", "No conocemos este dato. Revisá el nombre o sacalo."),
    "string_type": ("invalid_type", "Tiene que ser un texto."),
    "string_unicode": ("invalid_text", "Tiene caracteres que no son texto válido."),
    "string_too_short": ("too_short", "Es demasiado corto: lleva al menos {min_length} caracteres."),
    "string_too_long": ("too_long", "Es demasiado largo: lleva hasta {max_length} caracteres."),
    "int_type": ("invalid_type", "Tiene que ser un número entero, sin comillas."),
    "int_parsing": ("invalid_type", "Tiene que ser un número entero."),
    "int_parsing_size": ("out_of_range", "El número es demasiado grande."),
    "int_from_float": ("invalid_type", "Tiene que ser un número entero."),
    "bool_type": ("invalid_type", "Tiene que ser true o false."),
    "greater_than_equal": ("out_of_range", "Tiene que ser {ge} o más."),
    "less_than_equal": ("out_of_range", "Tiene que ser {le} o menos."),
    "literal_error": ("unknown_value", "Tiene que ser uno de estos valores: {expected}."),
    "list_type": ("invalid_type", "Tiene que ser una lista."),
    "too_long": ("too_many", "Tiene demasiados elementos: van hasta {max_length}."),
    "too_short": ("too_few", "Tiene que tener al menos {min_length}."),
    "model_type": ("invalid_type", "Tiene que ser un objeto."),
    "model_attributes_type": ("invalid_type", "Tiene que ser un objeto."),
    "dict_type": ("invalid_type", "Tiene que ser un objeto."),
}
_UNKNOWN = ("invalid", "El valor no es válido.")


def field_errors(found: Iterable[Any], *, skip: int = 0) -> list[FieldError]:
    """From `ValidationError.errors()`; `skip`: how many steps of each path aren't the request's own."""
    return [_field_error(error, skip) for error in found]


def _field_error(error: Any, skip: int) -> FieldError:
    path = path_of(error["loc"][skip:])
    kind, context = error["type"], error.get("ctx") or {}
    if "spanish" in context:
        return FieldError(path, kind, context["spanish"])
    code, text = _TEXTS.get(kind, _UNKNOWN)
    values = {**context, "expected": str(context.get("expected", "")).replace("'", "").replace(" or ", " o ")}
    return FieldError(path, code, text.format(**values))


def path_of(steps: Sequence[int | str]) -> str | None:
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step not in SHAPES:
            path += f".{step}" if path else step
    return path or None
