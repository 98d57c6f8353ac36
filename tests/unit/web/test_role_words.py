from __future__ import annotations

import pytest

from acuse.companies.permissions.pages import PAGE_ACTIONS, READY_ROLES, Page
from acuse.web.security.role_words import words


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "Administración",
            "Envía en Ventas y Compras. Atiende Envíos. Edita Tablas, "
            "Configuraciones de envío de comprobantes, Tarifas y Empresa. Ve Parámetros.",
        ),
        (
            "Ventas",
            "Envía en Ventas. Atiende Envíos. Edita Clientes. "
            "Ve Bancos, Clases de cliente y Configuraciones de envío de comprobantes.",
        ),
        ("Consulta", "Ve Ventas, Compras, Tablas y Envíos."),
    ],
)
def test_a_ready_role_says_what_it_may_do(name: str, told: str) -> None:
    assert words(READY_ROLES[name]) == told


def test_what_grants_nothing_isnt_told() -> None:
    assert words([]) == "Todavía no puede nada."
    assert words([("moon", "view"), (Page.AUDIT, "send")]) == "Todavía no puede nada."


def test_every_page_is_told_once() -> None:
    everything = words((page, action) for page, actions in PAGE_ACTIONS.items() for action in actions)
    assert everything == (
        "Envía en Ventas y Compras. Atiende Envíos. "
        "Edita Tablas, Administración, Usuarios, Roles y Claves de API. Ve Auditoría."
    )
