"""A template filled with the parameters of a message, checked as Meta does."""

import re
from dataclasses import dataclass
from typing import Any

from acuse_simulator.entities import Template
from acuse_simulator.errors import GraphError

BODY_LIMIT = 1024
_VARIABLE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")
#: Reported by integrators as 132018; Meta's own text doesn't give the code.
_FORBIDDEN = re.compile(r"[\n\r\t]| {5,}")


@dataclass
class Filled:
    text: str
    footer: str
    parameters: list[str]
    document: dict[str, Any] | None


def fill(template: Template, components: Any) -> Filled:
    given = _by_kind(components)
    header = template.component("HEADER")
    document = _document(header, given.get("header", []))
    body = template.component("BODY") or {"text": ""}
    values = _values(template, _names(body["text"]), given.get("body", []))
    text = _VARIABLE.sub(lambda match: values[match[1]], body["text"])
    if len(text) > BODY_LIMIT:
        raise GraphError(132005, f"body: the text has {len(text)} characters, {BODY_LIMIT} are allowed")
    title = _header_text(template, header, given.get("header", []))
    footer = (template.component("FOOTER") or {}).get("text", "")
    _check_buttons(template, given)
    return Filled("\n\n".join(part for part in (title, text) if part), footer, list(values.values()), document)


def _by_kind(components: Any) -> dict[str, list[dict[str, Any]]]:
    """Component kind (`button:0` for buttons) → its parameters."""
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise GraphError(100, message="Param template['components'] must be an array of objects.")
    found: dict[str, list[dict[str, Any]]] = {}
    for component in components:
        kind = str(component.get("type", "")).lower()
        if kind not in ("header", "body", "button"):
            raise GraphError(100, message="Param template['components'] has a component of an unknown type.")
        parameters = component.get("parameters", [])
        if not isinstance(parameters, list) or not all(isinstance(p, dict) for p in parameters):
            raise GraphError(100, message=f"Param parameters of component {kind} must be an array of objects.")
        found[f"button:{component.get('index', '')}" if kind == "button" else kind] = parameters
    return found


def _names(text: str) -> list[str]:
    return list(dict.fromkeys(_VARIABLE.findall(text)))


def _values(
    template: Template, names: list[str], parameters: list[dict[str, Any]], where: str = "body"
) -> dict[str, str]:
    if len(parameters) != len(names):
        raise GraphError(
            132000,
            f"{where}: number of localizable_params ({len(parameters)}) does not match the expected number of params "
            f"({len(names)})",
        )
    texts = [_text(where, p) for p in parameters]
    if template.parameter_format != "NAMED":
        return dict(zip(names, texts, strict=True))
    given = {str(p.get("parameter_name", "")): text for p, text in zip(parameters, texts, strict=True)}
    if set(given) != set(names):
        raise GraphError(100, f"{where}: parameter names {sorted(given)} are not the template's {sorted(names)}")
    return {name: given[name] for name in names}


def _text(where: str, parameter: dict[str, Any]) -> str:
    if parameter.get("type") != "text":
        raise GraphError(132012, f"{where}: Format mismatch, expected TEXT, received {parameter.get('type')!r}")
    text = parameter.get("text")
    if not isinstance(text, str) or not text:
        raise GraphError(131008, f"{where}: Parameter of type text is missing text value")
    if _FORBIDDEN.search(text):
        raise GraphError(
            132018, f"{where}: Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        )
    return text


def _document(header: dict[str, Any] | None, parameters: list[dict[str, Any]]) -> dict[str, Any] | None:
    wanted = str((header or {}).get("format", "")).upper()
    if wanted in ("", "TEXT"):
        if header is None and parameters:
            raise GraphError(132000, f"header: number of params ({len(parameters)}) does not match the expected (0)")
        return None
    received = str(parameters[0].get("type", "UNKNOWN")).upper() if len(parameters) == 1 else "UNKNOWN"
    if received != wanted:
        raise GraphError(132012, f"header: Format mismatch, expected {wanted}, received {received}")
    document = parameters[0].get(wanted.lower())
    if not isinstance(document, dict):
        raise GraphError(131008, f"header: the parameter has no {wanted.lower()}")
    return document


def _header_text(template: Template, header: dict[str, Any] | None, parameters: list[dict[str, Any]]) -> str:
    if header is None or str(header.get("format", "")).upper() != "TEXT":
        return ""
    text = str(header.get("text", ""))
    values = _values(template, _names(text), parameters, "header")
    return _VARIABLE.sub(lambda match: values[match[1]], text)


def _check_buttons(template: Template, given: dict[str, list[dict[str, Any]]]) -> None:
    """An address with a variable needs its text; quick replies need none."""
    buttons = (template.component("BUTTONS") or {}).get("buttons", [])
    for index, button in enumerate(buttons):
        parameters = given.get(f"button:{index}", [])
        if "{{" in str(button.get("url", "")) and len(parameters) != 1:
            raise GraphError(131008, f"buttons: Button at index {index} of type Url requires a parameter")
    known = {f"button:{index}" for index in range(len(buttons))}
    if unknown := sorted(k for k in given if k.startswith("button:") and k not in known):
        raise GraphError(132000, f"buttons: {unknown[0]} is not in the template")
