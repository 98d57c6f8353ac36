"""What a person would read in an inbound message of any type. Pure, never raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Item = Mapping[str, Any]


def human_text(kind: str, item: Item) -> str:
    """The text of a message of type `kind`; "" for a type that we don't know."""
    reader = _READERS.get(kind)
    return reader(_mapping(item.get(kind))) if reader else ""


def _mapping(value: Any) -> Item:
    return value if isinstance(value, Mapping) else {}


def _field(*names: str) -> Callable[[Item], str]:
    """The first of these fields that holds a text."""

    def read(content: Item) -> str:
        return next((v for n in names if isinstance(v := content.get(n), str) and v), "")

    return read


def _captioned(word: str) -> Callable[[Item], str]:
    read = _field("caption", "filename")

    def described(content: Item) -> str:
        text = read(content)
        return f"[{word}] {text}" if text else f"[{word}]"

    return described


def _interactive(content: Item) -> str:
    kind = content.get("type")
    reply = _mapping(content.get(kind)) if isinstance(kind, str) else {}
    return _field("title", "body", "name")(reply)


def _location(content: Item) -> str:
    text = _field("name", "address")(content)
    return f"[ubicación] {text}" if text else "[ubicación]"


def _fixed(text: str) -> Callable[[Item], str]:
    return lambda _content: text


_READERS: Mapping[str, Callable[[Item], str]] = {
    "text": _field("body"),
    "button": _field("text", "payload"),
    "interactive": _interactive,
    "document": _captioned("documento"),
    "image": _captioned("imagen"),
    "video": _captioned("video"),
    "audio": _captioned("audio"),
    "sticker": _captioned("sticker"),
    "reaction": _field("emoji"),
    "location": _location,
    "system": _field("body"),
    # Lists and the like, of which only the fact matters here.
    "contacts": _fixed("[contacto]"),
    "order": _fixed("[pedido]"),
    "unsupported": _fixed("[mensaje que WhatsApp no muestra]"),
}
