"""What Meta refuses in a template (Meta, templates: limits and format errors). Raises GraphError."""

import re
from typing import Any

from acuse_simulator.errors import GraphError
from acuse_simulator.world import World

CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")
NAME_LIMIT, BODY_LIMIT, FOOTER_LIMIT, HEADER_LIMIT, LABEL_LIMIT = 512, 1024, 60, 60, 25
#: Words a variable: the platform's own figure isn't published; this one refuses what integrators report as refused.
WORDS_A_VARIABLE = 3
VARIABLE = re.compile(r"\{\{\s*([a-z0-9_]+)\s*\}\}")
#: Words that make a utility template a marketing one.
PROMOTIONAL = re.compile(r"\b(oferta|promo\w*|descuento|sorteo|aprovech\w+)\b", re.IGNORECASE)


def _refused(subcode: int, title: str, text: str) -> GraphError:
    return GraphError(100, message="Invalid parameter", subcode=subcode, user=(title, text))


def check(world: World, body: dict[str, Any]) -> None:
    name = str(body.get("name", ""))
    if not re.fullmatch(r"[a-z0-9_]{1,512}", name):
        raise GraphError(100, message="Param name must be lower case letters, digits and underscores, 512 at most.")
    if not re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", str(body.get("language", ""))):
        raise GraphError(100, message="Param language must be one of the supported languages.")
    if str(body.get("category", "")).upper() not in CATEGORIES:
        raise GraphError(100, message=f"Param category must be one of {{{', '.join(CATEGORIES)}}}")
    check_components(world, body.get("components"), named=body.get("parameter_format") == "NAMED")


def check_components(world: World, components: Any, *, named: bool) -> None:
    if not isinstance(components, list) or not all(isinstance(c, dict) for c in components):
        raise GraphError(100, message="Param components must be an array of objects.")
    kinds = [str(c.get("type", "")).upper() for c in components]
    if "BODY" not in kinds or len(set(kinds)) != len(kinds):
        raise _refused(2388042, "Body is missing", "A template needs one body, and each component once.")
    for kind, component in zip(kinds, components, strict=True):
        if kind == "HEADER":
            _header(world, component)
        elif kind == "BODY":
            _body(component, named=named)
        elif kind == "FOOTER":
            _footer(component)
        elif kind == "BUTTONS":
            _buttons(component)
        else:
            raise GraphError(100, message=f"Param components has a component of unknown type {kind}")


def _header(world: World, header: dict[str, Any]) -> None:
    if str(header.get("format", "")).upper() == "TEXT":
        if len(str(header.get("text", ""))) > HEADER_LIMIT:
            raise _refused(2388040, "Header is too long", f"The header has more than {HEADER_LIMIT} characters.")
        return
    handles = header.get("example", {}).get("header_handle") if isinstance(header.get("example"), dict) else None
    known = {u.handle for u in world.uploads.values() if u.handle}
    if not isinstance(handles, list) or len(handles) != 1 or handles[0] not in known:
        raise _refused(2388273, "Sample is missing", "The header's sample file is missing or its handle isn't valid.")


def _body(body: dict[str, Any], *, named: bool) -> None:
    text = str(body.get("text", ""))
    if not text.strip() or len(text) > BODY_LIMIT:
        raise _refused(2388040, "Body is too long", f"The body must have 1 to {BODY_LIMIT} characters.")
    names = VARIABLE.findall(text)
    if not names:
        return
    if not named and sorted(set(map(int, filter(str.isdigit, names)))) != list(range(1, len(set(names)) + 1)):
        raise _refused(2388073, "Variables are out of order", "Variables must be {{1}}, {{2}}… without gaps.")
    stripped = text.strip()
    if re.match(VARIABLE, stripped) or re.search(VARIABLE.pattern + r"\s*$", stripped):
        raise _refused(2388299, "Leading or trailing variables", "Variables can't be at the start or end of the text.")
    if re.search(r"\}\}\s*\{\{", text):
        raise _refused(2388072, "Adjacent variables", "Two variables can't be beside each other.")
    words = len(re.findall(r"\w+", VARIABLE.sub(" ", text)))
    if words < WORDS_A_VARIABLE * len(names):
        raise _refused(
            2388293, "Too many variables", "This template has too many variables for its length. Use more words."
        )
    _example(body, names, named=named)


def _example(body: dict[str, Any], names: list[str], *, named: bool) -> None:
    example = body.get("example") if isinstance(body.get("example"), dict) else {}
    if named:
        given = example.get("body_text_named_params", [])  # type: ignore[union-attr]
        right = {str(p.get("param_name")) for p in given if isinstance(p, dict)} == set(names)
    else:
        rows = example.get("body_text", [])  # type: ignore[union-attr]
        right = bool(rows) and isinstance(rows[0], list) and len(rows[0]) == len(set(names))
    if not right:
        raise _refused(2388043, "Sample is missing", "Each variable of the body needs a sample.")


def _footer(footer: dict[str, Any]) -> None:
    text = str(footer.get("text", ""))
    if not text.strip() or len(text) > FOOTER_LIMIT:
        raise _refused(2388040, "Footer is too long", f"The footer must have 1 to {FOOTER_LIMIT} characters.")
    if VARIABLE.search(text):
        raise _refused(2388047, "Variables in the footer", "The footer can't have variables.")


def _buttons(component: dict[str, Any]) -> None:
    buttons = component.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 10:
        raise GraphError(100, message="Param buttons must be an array of 1 to 10 objects.")
    if any(len(str(b.get("text", ""))) > LABEL_LIMIT for b in buttons):
        raise _refused(2388040, "Button is too long", f"A button has more than {LABEL_LIMIT} characters.")
