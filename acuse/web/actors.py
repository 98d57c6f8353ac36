"""Who did something, as people know them: the one reading of an actor's label. Pure."""

from __future__ import annotations


def who(label: object) -> str:
    """At the beginning: `ana@oeste.example`, `La clave acuse_1a2b3c…`, `El comando setup`, `Acuse`."""
    kind, name = _parts(label)
    return {"key": f"La clave {name}…", "command": f"El comando {name}"}.get(kind, name)


def by_whom(label: object) -> str:
    """Within a sentence: `la clave acuse_1a2b3c…`."""
    kind, name = _parts(label)
    return {"key": f"la clave {name}…", "command": f"el comando {name}"}.get(kind, name)


def _parts(label: object) -> tuple[str, str]:
    text = str(label or "system")
    kind, _, name = text.partition(":")
    if kind in ("user", "key", "command") and name:
        return kind, name
    return "", "Acuse" if kind == "system" else text
