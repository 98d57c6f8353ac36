"""What the page of a configuration says of *Asunto* and *Cuerpo* in WhatsApp, in every state."""

from __future__ import annotations

import pytest

from acuse.deliveries.policies.rules import PolicyValues
from acuse.web.policies.carried import carried


def _values(
    channels: tuple[str, ...] = ("whatsapp", "email"), template: str = "facturas", *filled: str
) -> PolicyValues:
    return PolicyValues(
        enabled=True, automatic=False, subject="", body="", every_channel=False, channels=channels,
        template_name=template, template_language="es_AR", template_parameters=filled, file_name="x",
    )  # fmt: skip


BOTH, ALONE = ("whatsapp", "email"), ("whatsapp",)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            _values(("email",)),
            "WhatsApp no está entre los canales: por ahí no sale nada. El Asunto y el Cuerpo van enteros en el correo.",
        ),
        (_values(()), "WhatsApp no está entre los canales: por ahí no sale nada."),
        (
            _values(BOTH, ""),
            "No hay plantilla elegida: por WhatsApp no sale nada, tampoco el Asunto ni el Cuerpo.",
        ),
        (
            _values(BOTH, "aviso"),
            "La plantilla «aviso» sale siempre con el mismo texto, sin variables: no lleva ni el Asunto ni el Cuerpo. "
            "Llegan solo por correo.",
        ),
        (
            _values(ALONE, "aviso", "{{cliente}}"),
            "La plantilla «aviso» no lleva ni el Asunto ni el Cuerpo: sale su texto, con lo que pusiste en sus "
            "variables. Como tampoco sale por correo, nadie los lee.",
        ),
        (
            _values(BOTH, "aviso", "{{cliente}}", "{{ asunto }}", "De {{asunto}}"),
            "La plantilla «aviso» lleva el Asunto en {{2}} y en {{3}}, en una sola línea y hasta 1.024 caracteres. "
            "El Cuerpo llega solo por correo.",
        ),
        (
            _values(ALONE, "aviso", "{{cuerpo}}"),
            "La plantilla «aviso» lleva el Cuerpo en {{1}}, en una sola línea y hasta 1.024 caracteres. "
            "El Asunto no llega.",
        ),
        (
            _values(BOTH, "aviso", "{{asunto}}", "{{cuerpo}}"),
            "La plantilla «aviso» lleva el Asunto en {{1}} y el Cuerpo en {{2}}, en una sola línea y hasta 1.024 "
            "caracteres.",
        ),
    ],
)
def test_it_says_what_of_the_mails_texts_goes_by_whatsapp(values: PolicyValues, told: str) -> None:
    assert carried(values) == told
