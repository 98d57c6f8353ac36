"""Two people at one role, and a company that nobody can administer."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from acuse.companies.models import Membership, Role, User
from acuse.companies.permissions import roles
from acuse.companies.services import new_api_key
from tests.browser.conftest import sign_in
from tests.browser.looks import look
from tests.conftest import Cast
from tests.data.offices import acting_as

pytestmark = pytest.mark.browser


def test_what_another_person_did_to_a_role_meanwhile_is_shown(cast: Cast, page: Page) -> None:
    ana, role = acting_as(cast.ana, cast.company), Role.objects.get(company=cast.company, name="Compras")
    sign_in(page)
    page.goto(f"/seguridad/acciones/?rol={role.pk}")
    kept = roles.held_by([role]) - {("purchase_order", "send")}
    roles.set_grants(by=ana, role=role, pairs=kept)
    page.get_by_label("Ver en Auditoría").check()
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator("[data-errors]")).to_contain_text("cambió este rol mientras lo mirabas")
    expect(page.get_by_label("Enviar comprobante en Órdenes de compra")).not_to_be_checked()
    expect(page.get_by_label("Ver en Auditoría")).to_be_checked()
    look(page, "acciones-cambiadas")
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".notices")).to_contain_text("1 acción más")
    assert roles.held_by([role]) == kept | {("audit", "view")}


def test_a_company_left_without_an_administrator_is_pointed_at(cast: Cast, page: Page) -> None:
    User.objects.filter(pk=cast.ana.pk).update(is_installation_admin=True)
    Membership.objects.filter(company=cast.other_company).update(is_active=False)
    by = f"user:{cast.beto.email}"
    new_api_key(
        company=cast.company, role=Role.objects.get(company=cast.company, name="Ventas"), name="Facturación", actor=by
    )
    sign_in(page)
    page.goto("/instalacion/")
    expect(page.get_by_text("Nadie la puede administrar")).to_be_visible()
    look(page, "instalacion-sin-quien-administre")
    page.get_by_role("link", name="Invitar a quien administra Carla Díaz").click()
    look(page, "instalacion-invitar")
    page.goto(f"/seguridad/usuarios/{Membership.objects.get(user=cast.beto, company=cast.company).pk}/desactivar/")
    expect(page.get_by_role("link", name="Ver las claves de API")).to_be_visible()
    look(page, "usuario-desactivar-con-claves")
