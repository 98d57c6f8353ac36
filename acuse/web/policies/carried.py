"""What of *Asunto* and *Cuerpo* the WhatsApp template takes along, in one sentence or two. Pure."""

from __future__ import annotations

from acuse.channels.contract import Channel
from acuse.deliveries.policies.rules import PolicyValues
from acuse.rendering.text import named_in

_TEXTS = {"asunto": "el Asunto", "cuerpo": "el Cuerpo"}


def carried(values: PolicyValues) -> str:
    mailed = Channel.EMAIL.value in values.channels
    if Channel.WHATSAPP.value not in values.channels:
        told = "WhatsApp no está entre los canales: por ahí no sale nada."
        return f"{told} El Asunto y el Cuerpo van enteros en el correo." if mailed else told
    if not values.template_name:
        return "No hay plantilla elegida: por WhatsApp no sale nada, tampoco el Asunto ni el Cuerpo."
    template = f"La plantilla «{values.template_name}»"
    places = {text: _places(values, text) for text in _TEXTS}
    if not any(places.values()):
        if not values.template_parameters:
            told = f"{template} sale siempre con el mismo texto, sin variables: no lleva ni el Asunto ni el Cuerpo."
        else:
            told = f"{template} no lleva ni el Asunto ni el Cuerpo: sale su texto, con lo que pusiste en sus variables."
        return f"{told} {'Llegan solo por correo.' if mailed else 'Como tampoco sale por correo, nadie los lee.'}"
    taken = [f"{_TEXTS[text]} en {' y en '.join(found)}" for text, found in places.items() if found]
    left = [_TEXTS[text] for text, found in places.items() if not found]
    told = f"{template} lleva {' y '.join(taken)}, en una sola línea y hasta 1.024 caracteres."
    if not left:
        return told
    (text,) = left
    return f"{told} {text[0].upper()}{text[1:]} {'llega solo por correo' if mailed else 'no llega'}."


def _places(values: PolicyValues, text: str) -> list[str]:
    given = enumerate(values.template_parameters, start=1)
    return [f"{{{{{number}}}}}" for number, parameter in given if text in named_in(parameter)]
