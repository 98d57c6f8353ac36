"""A *configuración de envío* in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from acuse.channels.contract import Channel
from acuse.vouchers.kinds import Audience, VoucherKind
from acuse.web.states import CHANNEL_NAMES

#: Names of `PolicyValues`, as the page calls them.
FIELD_NAMES = {
    "enabled": "Habilitado",
    "automatic": "Envío Automático",
    "subject": "Asunto",
    "body": "Cuerpo",
    "every_channel": "Por cuáles sale",
    "channels": "Canales",
    "classes": "Clases de cliente",
    "unclassified": "Clases de cliente",
    "number": "Número por el que sale",
    "template_name": "Plantilla",
    "template_language": "Idioma",
    "template_parameters": "Variables de la plantilla",
    "file_name": "Nombre del archivo",
}

NOT_FILTERED = "A proveedores y bancos no se los filtra."


def channels_in_words(channels: Sequence[str], *, every: bool) -> str:
    names = [CHANNEL_NAMES.get(channel, channel) for channel in channels]
    if len(names) < 2:
        return names[0] if names else "Ninguno"
    then = "correo" if channels[1] == Channel.EMAIL else names[1]
    return f"{names[0]} y {then}" if every else f"{names[0]}; si no se puede, {then}"


def segment_in_words(kind: VoucherKind, classes: Iterable[str], *, unclassified: bool) -> str:
    if kind.audience is not Audience.CUSTOMER:
        return NOT_FILTERED
    names = [*sorted(classes), *(["(sin clase)"] if unclassified else [])]
    return ", ".join(names) if names else "Todos los clientes"


def changed_in_words(changed: Iterable[str]) -> str:
    listed = names_of(changed)
    return f"Guardado: {listed}. Vale para lo que se pida desde ahora." if listed else "No cambiaste nada."


def names_of(changed: Iterable[str]) -> str:
    """`Asunto, Cuerpo y Canales`."""
    asked = set(changed)
    names = list(dict.fromkeys(label for name, label in FIELD_NAMES.items() if name in asked))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} y {names[-1]}" if names else ""
