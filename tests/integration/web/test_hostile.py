"""What no page of ours asks for, asked by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from acuse.companies.models import Membership, Role, RoleGrant
from acuse.companies.permissions.pages import ADMINISTRATOR, Action, Page
from acuse.companies.scope import actor_of_user
from acuse.deliveries.models import Batch
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher

GRID = "/comprobantes/sales_invoice/"


@pytest.mark.parametrize("query", ["per_page=1000", "per_page=-1", "page=-1", "page=x", "page=9"])
def test_the_address_does_not_say_how_many_rows_a_page_has(people: Cast, ana: Client, query: str) -> None:
    party = make_party(people.company)
    for number in range(1, 53):
        make_voucher(people.company, party, number=number)
    assert ana.get(f"{GRID}?{query}").content.decode().count(" data-pick ") == 50


def test_a_role_of_another_company_grants_nothing_here(people: Cast) -> None:
    theirs = Role.objects.get(company=people.other_company, name=ADMINISTRATOR)
    assert RoleGrant.objects.filter(role=theirs, page=Page.QUOTE, action=Action.SEND).exists()
    Membership.objects.get(user=people.beto, company=people.company).roles.add(theirs)
    actor = actor_of_user(people.beto, people.company)
    assert actor is not None
    assert actor.may(Page.QUOTE, Action.VIEW)
    assert not actor.may(Page.QUOTE, Action.SEND)


@pytest.mark.parametrize(
    "path",
    [
        f"{GRID}?q=%00", f"{GRID}?party=%00", f"{GRID}terceros/?q=%00", "/envios/?cause_code=%00",
        "/envios/varios/cancelar/?all=1&filtros=cause_code%3D%2500", "/envios/mensajes/?q=%00",
        "/tablas/clientes/?q=%00", "/tablas/clientes/opciones/?q=%00", "/seguridad/auditoria/?q=a&author=b%00",
        "/instalacion/usuarios/?q=%00", "/mi-cuenta/?x=%00",
    ],
)  # fmt: skip
def test_no_page_reads_a_nul(people: Cast, ana: Client, path: str) -> None:
    people.ana.is_installation_admin = True
    people.ana.save()
    answer = ana.get(path)
    assert answer.status_code == 400
    assert "El pedido no se entiende" in answer.content.decode()


def test_no_list_behind_a_number_of_a_batch_reads_a_nul(people: Cast, ana: Client) -> None:
    batch = Batch.objects.create(
        company=people.company, kind="sales_invoice", state=Batch.State.RUNNING, requested_by="test",
        created_at=clock.now(),
    )  # fmt: skip
    for name, which in (("motivo", "van"), ("aviso", "van"), ("causa", "enviados")):
        assert ana.get(f"/envios/tandas/{batch.pk}/filas/", {name: "\0", "que": which}).status_code == 400


def test_no_form_takes_a_nul(people: Cast, ana: Client) -> None:
    saved = {"grid": GRID, "query": "q=oeste", "name": "a\0"}
    assert ana.post("/filtros/", saved).status_code == 400
    policy = {"template_parameters": ["a\0"]}
    assert ana.post("/administracion/configuraciones/sales_invoice/", policy).status_code == 400


@pytest.mark.parametrize("path", ["/ingresar/", "/api/v1/vouchers"])
def test_the_server_refuses_what_is_far_too_large_before_it_reads_it(path: str) -> None:
    from acuse.config.asgi import application

    sent: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("it was read")

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    length = str(2 * 1024**3).encode()
    scope = {"type": "http", "method": "POST", "path": path, "headers": [(b"content-length", length)]}
    asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] == 413
