from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from acuse.companies import audit
from acuse.companies.membership import invitations
from acuse.companies.models import CompanyLogo, Invitation, Membership, Role, User
from acuse.companies.permissions.pages import ADMINISTRATOR
from acuse.kernel import clock
from tests.browser.conftest import sign_in
from tests.browser.drafts import wait_for_a_draft
from tests.browser.looks import look, manual
from tests.conftest import Cast
from tests.data.cast import PASSWORD, make_party, make_voucher
from tests.data.offices import acting_as, make_member, make_user

pytestmark = pytest.mark.browser
LONG = "María de los Ángeles Íñiguez Fernández de la Cruz"


def _people(cast: Cast) -> None:
    """Members of every look, and an invitation in each state."""
    User.objects.filter(pk=cast.ana.pk).update(name="Ana Oeste", is_installation_admin=True)
    roles = {role.name: role for role in Role.objects.filter(company=cast.company)}
    every = [roles["Administración"], roles["Ventas"], roles["Compras"], roles["Consulta"]]
    make_member(cast.company, make_user("maria.de.los.angeles.iniguez@distribuidora-oeste.example", LONG), *every)
    make_member(cast.company, make_user("raul@oeste.example", "Raúl Paz"), roles["Ventas"], active=False)
    User.objects.filter(email="raul@oeste.example").update(last_login=clock.now() - timedelta(days=40))
    ana = acting_as(cast.ana, cast.company)
    made = [invitations.invite(by=ana, email=f"{n}@sur.example", roles=[roles["Ventas"]]).row for n in "abcd"]
    moments = ("accepted_at", "refused_at", "expires_at")
    for row, name in zip(made, moments, strict=False):
        Invitation.objects.filter(pk=row.pk).update(**{name: clock.now() - timedelta(hours=2)})


#: The first letters of each are a page's name in the pictures; `{…}` are made by the test.
LOOKED_AT = [
    {
        "usuarios": "/seguridad/usuarios/",
        "usuarios-nadie": "/seguridad/usuarios/?q=nadie",
        "usuario-invitar": "/seguridad/usuarios/invitar/",
        "usuario": "/seguridad/usuarios/{beto}/",
        "usuario-desactivar": "/seguridad/usuarios/{beto}/desactivar/",
    },
    {
        "roles": "/seguridad/roles/",
        "rol-crear": "/seguridad/roles/nuevo/",
        "acciones": "/seguridad/acciones/?rol={sales}",
        "acciones-administrador": "/seguridad/acciones/?rol={admin}",
        "claves-ninguna": "/seguridad/claves/",
    },
    {
        "instalacion": "/instalacion/",
        "instalacion-crear": "/instalacion/empresas/nueva/",
        "instalacion-usuarios": "/instalacion/usuarios/",
        "automatico": "/administracion/envio-automatico/",
        "automatico-activar": "/administracion/envio-automatico/activar/",
    },
]


@pytest.mark.parametrize("part", LOOKED_AT, ids=lambda part: next(iter(part)))
def test_every_page_looks_right(cast: Cast, page: Page, part: dict[str, str]) -> None:
    _people(cast)
    roles = {role.name: role.pk for role in Role.objects.filter(company=cast.company)}
    keys = {"beto": Membership.objects.get(user=cast.beto).pk, "sales": roles["Ventas"], "admin": roles[ADMINISTRATOR]}
    sign_in(page)
    for name, path in part.items():
        page.goto(path.format_map(keys))
        look(page, name)


def test_what_happened_is_read_and_opened(cast: Cast, page: Page) -> None:
    voucher = make_voucher(cast.company, make_party(cast.company, name=LONG))
    _people(cast)
    audit.record(company=cast.company, actor="key:acuse_1a2b3c", event="voucher.voided", target=voucher.pk)
    audit.record(company=cast.company, actor="user:ana@oeste.example", event="algo.nuevo", target="x", dato="y")
    sign_in(page)
    page.goto("/seguridad/usuarios/")
    expect(page.locator("tbody tr")).to_have_count(4)
    manual(page, "usuarios")
    page.goto("/seguridad/auditoria/?q=nadie")
    look(page, "auditoria-nada")
    page.goto("/seguridad/auditoria/")
    look(page, "auditoria")
    manual(page, "auditoria")
    page.get_by_role("link", name="anuló Factura A").click()
    expect(page.get_by_role("dialog")).to_contain_text("voucher.voided")
    expect(page.get_by_role("dialog").get_by_role("link", name="Ver el comprobante")).to_be_visible()
    look(page, "auditoria-detalle")


def test_a_person_is_invited_by_link_and_enters(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/seguridad/usuarios/")
    page.get_by_role("link", name="Invitar").click()
    page.get_by_label("Correo").fill("dora@sur.example")
    page.get_by_role("checkbox", name=re.compile("^Ventas")).check()
    page.get_by_role("button", name="Invitar").click()
    link = page.get_by_label("Enlace de la invitación").input_value()
    look(page, "invitacion-enlace")
    page.get_by_role("link", name="Listo").click()
    expect(page.locator(".sec-rows li", has_text="dora@sur.example")).to_contain_text("Espera respuesta")
    page.context.clear_cookies()
    page.goto(link[link.index("/invitacion/") :])
    expect(page.get_by_role("heading", name="Te invitaron a Ferretería Oeste SA")).to_be_visible()
    look(page, "invitacion")
    page.get_by_label("Tu nombre").fill("Dora Paz")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_repeated").fill("otra")
    page.get_by_role("button", name="Guardar e ingresar").click()
    expect(page.locator("#error_1_id_repeated")).to_contain_text("no son iguales")
    look(page, "invitacion-error")
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_repeated").fill(PASSWORD)
    page.get_by_role("button", name="Guardar e ingresar").click()
    expect(page.get_by_role("status")).to_contain_text("Ya estás en Ferretería Oeste SA.")
    page.goto(link[link.index("/invitacion/") :])
    expect(page.get_by_role("heading", name="La invitación ya no sirve")).to_be_visible()
    look(page, "invitacion-usada")


def test_who_has_an_account_signs_in_and_accepts(cast: Cast, page: Page) -> None:
    ana = acting_as(cast.ana, cast.company)
    role = Role.objects.get(company=cast.company, name="Ventas")
    made = invitations.invite(by=ana, email=cast.carla.email, roles=[role])
    page.goto(f"/invitacion/{made.token}/")
    page.get_by_role("button", name="Ya tengo cuenta").click()
    page.get_by_label("Correo").fill(cast.carla.email)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Ingresar", exact=True).click()
    page.get_by_role("button", name="Aceptar", exact=True).wait_for()
    look(page, "invitacion-aceptar")
    page.get_by_role("button", name="Aceptar", exact=True).click()
    expect(page.locator(".office")).to_contain_text("Ferretería Oeste SA")
    again = invitations.invite(by=ana, email="otra@sur.example", roles=[role])
    page.goto(f"/invitacion/{again.token}/")
    expect(page.get_by_role("heading", name="La invitación es para otra dirección")).to_be_visible()
    look(page, "invitacion-otra")


def test_the_matrix_ticks_what_goes_together_and_says_what_changes(cast: Cast, page: Page) -> None:
    role = Role.objects.get(company=cast.company, name="Consulta")
    role.grants.all().delete()
    sign_in(page)
    page.goto(f"/seguridad/acciones/?rol={role.pk}")
    page.get_by_label("Enviar comprobante en Cobros").check()
    expect(page.get_by_label("Ver en Cobros")).to_be_checked()
    expect(page.get_by_text("2 para agregar, sin guardar.")).to_be_visible()
    page.get_by_label("Todo en Tarifas").check()
    page.get_by_label("Exportar en todas las páginas").focus()
    page.keyboard.press("Space")
    expect(page.get_by_label("Exportar en Auditoría")).to_be_checked()
    manual(page, "acciones")
    look(page, "acciones-sin-guardar")
    page.get_by_label("Ver en Cobros").uncheck()
    expect(page.get_by_label("Exportar en Cobros")).not_to_be_checked()
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("status").first).to_contain_text("«Consulta» tiene")
    held = set(role.grants.values_list("page", "action"))
    assert ("rates", "configure") in held
    assert ("audit", "view") in held
    assert ("receipt", "view") not in held
    page.get_by_label("Copiar de").select_option("Compras")
    page.get_by_role("button", name="Copiar").click()
    expect(page.get_by_role("heading", name="Copiado de «Compras», sin guardar")).to_be_visible()
    assert set(role.grants.values_list("page", "action")) == held


def test_enter_in_the_list_of_roles_chooses_and_goes_nowhere(cast: Cast, page: Page) -> None:
    first, second = Role.objects.filter(company=cast.company).order_by("name")[:2]
    sign_in(page)
    page.goto(f"/seguridad/acciones/?rol={first.pk}")
    before, roles = page.url, page.get_by_label("Rol", exact=True)
    roles.focus()
    roles.press("Space")
    expect(page.locator("#rol:open")).to_be_attached()
    # as Firefox tells the page of it; Chromium keeps it to its list
    went = roles.evaluate("""select => {
      let went = false;
      select.form.addEventListener("submit", (event) => { went = true; event.preventDefault(); }, { once: true });
      const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
      return !select.dispatchEvent(enter) || went;
    }""")
    assert not went
    roles.press("ArrowDown")
    roles.press("Enter")
    expect(roles).to_have_value(str(second.pk))
    expect(page.locator("#rol:open")).to_have_count(0)
    assert page.url == before
    # closed, it goes where one got to by the arrows
    page.goto(before)
    roles.focus()
    roles.press("ArrowDown")
    roles.press("Enter")
    expect(page).to_have_url(f"{before.split('?')[0]}?rol={second.pk}")


def test_what_was_ticked_when_the_session_ended_is_there_and_brings_back_no_right(cast: Cast, page: Page) -> None:
    role, other = (
        Role.objects.get(company=cast.company, name="Consulta"),
        Role.objects.get(name="Compras", company=cast.company),
    )
    role.grants.all().delete()
    kept = role.grants.create(page="receipt", action="view")
    sign_in(page)
    page.goto(f"/seguridad/acciones/?rol={role.pk}")
    page.get_by_label("Ver en Presupuestos").check()
    wait_for_a_draft(page)
    page.goto(f"/seguridad/acciones/?rol={other.pk}")
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_have_count(0)
    # meanwhile somebody else takes a right away
    kept.delete()
    page.goto(f"/seguridad/acciones/?rol={role.pk}")
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_be_visible()
    expect(page.get_by_label("Ver en Presupuestos")).to_be_checked()
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("cambió este rol mientras lo mirabas")).to_be_visible()
    assert not role.grants.exists()
    expect(page.get_by_label("Ver en Presupuestos")).to_be_checked()
    expect(page.get_by_label("Ver en Cobros")).not_to_be_checked()
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("status").first).to_contain_text("«Consulta» tiene")
    assert list(role.grants.values_list("page", "action")) == [("quote", "view")]


def test_a_key_is_shown_once_and_copied(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/seguridad/claves/nueva/")
    page.get_by_label("Nombre").fill("Sistema de facturación")
    page.get_by_label("Rol").select_option("Administración")
    page.get_by_role("button", name="Crear").click()
    plain = page.get_by_label("Clave de API").input_value()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copiar").click()
    expect(page.get_by_role("button", name="Copiado")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == plain
    look(page, "clave-una-vez")
    page.get_by_role("link", name="Listo").click()
    expect(page.get_by_role("link", name="Anular")).to_be_visible()
    assert plain not in page.content()
    look(page, "claves")
    page.get_by_role("link", name="Anular").click()
    expect(page.get_by_role("button", name="Anular la clave")).to_be_visible()
    look(page, "clave-anular")
    page.get_by_role("button", name="Anular la clave").click()
    expect(page.get_by_role("heading", name="Anuladas")).to_be_visible()


def test_the_company_has_its_data_and_its_logo(cast: Cast, page: Page) -> None:
    make_voucher(cast.company, make_party(cast.company))
    sign_in(page)
    page.goto("/administracion/empresa/")
    look(page, "empresa")
    expect(page.get_by_label("CUIT")).to_be_disabled()
    page.get_by_label("Razón social").fill("")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_label("Razón social")).to_have_attribute("aria-invalid", "true")
    look(page, "empresa-error")
    page.get_by_label("Razón social").fill("Ferretería Oeste SA")
    page.get_by_label("Nombre de fantasía").fill("La Ferretería")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("status").first).to_contain_text("Guardado.")
    drawn = Image.new("RGB", (800, 240), "white")
    ImageDraw.Draw(drawn).ellipse((40, 40, 200, 200), fill="teal")
    out = io.BytesIO()
    drawn.save(out, "JPEG")
    given = {"name": "logo.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    page.locator("#id_logo").set_input_files(given)  # type: ignore[arg-type]
    page.get_by_role("button", name="Subir el logo").click()
    expect(page.get_by_role("img", name="Logo de Ferretería Oeste SA")).to_be_visible()
    assert CompanyLogo.objects.get().company_id == cast.company.pk
    look(page, "empresa-logo")
    manual(page, "empresa")


def test_who_administers_the_installation_without_a_company_works(cast: Cast, page: Page) -> None:
    user = make_user("jefa@nube.example", "Jefa")
    User.objects.filter(pk=user.pk).update(is_installation_admin=True)
    page.goto("/ingresar/")
    page.get_by_label("Correo").fill(user.email)
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Ingresar", exact=True).click()
    expect(page.get_by_role("heading", name="Instalación", exact=True)).to_be_visible()
    look(page, "instalacion-sin-empresa")
    page.get_by_role("link", name="Crear empresa").click()
    page.get_by_label("Razón social").fill("Nueva SRL")
    page.get_by_label("CUIT").fill("27-11111111-7")
    page.get_by_label("Correo de quien la administra").fill("dueña@nueva.example".replace("ñ", "n"))
    page.get_by_role("button", name="Crear e invitar").click()
    expect(page.get_by_label("Enlace de la invitación")).to_be_visible()
    page.get_by_role("link", name="Listo").click()
    page.get_by_role("link", name="Activar el envío automático de Nueva SRL").click()
    page.get_by_role("button", name="Activar").click()
    expect(page.locator(".sec-rows li", has_text="Nueva SRL")).to_contain_text("Envío automático")
    manual(page, "instalacion")
