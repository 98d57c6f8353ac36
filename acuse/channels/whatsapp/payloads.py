"""The JSON of the messages that we send. Pure. Shapes: Meta, "Messages", Cloud API."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

#: Characters of the opaque data that Meta echoes in every receipt.
MAX_OPAQUE = 512
#: Characters of the whole body of a template once its parameters are in it: a single one can't be longer.
MAX_PARAMETER = 1024
#: Characters of the document's name; longer ones are cut before the extension. The usual limit of file systems.
MAX_FILENAME = 240
#: Characters of what may be an extension.
MAX_EXTENSION = 10
#: Meta refuses an empty parameter.
NOTHING = "-"
DEFAULT_LANGUAGE = "es_AR"

_BLANKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]")
_MANY_SPACES = re.compile(r"\s{5,}")
_PATH_SIGNS = re.compile(r'[\\/:*?"<>|]')
#: Joiners are part of how emoji and some scripts are written; every other format character (bidi overrides,
#: invisible separators) only serves to deceive.
_JOINERS = frozenset("\u200c\u200d")


def sanitise(text: str, limit: int = MAX_PARAMETER) -> str:
    """What Meta accepts as a parameter: one line, at most four spaces in a row, nothing invisible, never empty."""
    line = "".join(c for c in _BLANKS.sub(" ", text) if _visible(c))
    line = _MANY_SPACES.sub(" ", line).strip()
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line or NOTHING


def filename(name: str) -> str:
    """The document's name as the recipient sees it; WhatsApp takes its icon from the extension."""
    clean = _PATH_SIGNS.sub("-", sanitise(name, limit=len(name) + 1))
    stem, dot, extension = clean.rpartition(".")
    if not dot or len(extension) > MAX_EXTENSION:
        return clean[:MAX_FILENAME]
    return stem[: MAX_FILENAME - len(extension) - 1] + dot + extension


def template_message(
    *,
    to: str,
    media_id: str,
    file_name: str,
    template: Mapping[str, Any],
    opaque: str,
) -> dict[str, Any]:
    """A template with the document in its header, by id.

    `template`: {"name", "language", "parameters": [{"name"|absent, "text"}]}; all of them have a name, or none.
    Raises ValueError when the message can't be written."""
    if len(opaque) > MAX_OPAQUE:
        raise ValueError(f"opaque data of {len(opaque)} characters, the limit is {MAX_OPAQUE}")
    document = {"id": media_id, "filename": filename(file_name)}
    components: list[dict[str, Any]] = [
        {"type": "header", "parameters": [{"type": "document", "document": document}]},
    ]
    body = _body(template.get("parameters") or ())
    if body:
        components.append({"type": "body", "parameters": body})
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": to if to.startswith("+") else f"+{to}",
        "type": "template",
        "biz_opaque_callback_data": opaque,
        "template": {
            "name": template["name"],
            "language": {"code": template.get("language") or DEFAULT_LANGUAGE},
            "components": components,
        },
    }


def _body(parameters: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    named = [bool(p.get("name")) for p in parameters]
    if any(named) and not all(named):
        raise ValueError("named and positional parameters in one template")
    return [_parameter(p) for p in parameters]


def _parameter(parameter: Mapping[str, Any]) -> dict[str, str]:
    text = sanitise(str(parameter.get("text") or ""))
    if name := parameter.get("name"):
        return {"type": "text", "parameter_name": str(name), "text": text}
    return {"type": "text", "text": text}


def _visible(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
