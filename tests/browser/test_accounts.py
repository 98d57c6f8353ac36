"""One's own account: the second step, passkeys, colours, and what is typed when the session ends."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from acuse.companies.identity import second_factor
from acuse.companies.models import Passkey, SecondFactor, User, UserSession
from acuse.kernel import clock, totp
from tests.browser.conftest import sign_in
from tests.browser.drafts import KEPT, wait_for_a_draft
from tests.browser.looks import look, manual
from tests.conftest import Cast
from tests.data.cast import PASSWORD, make_party

pytestmark = pytest.mark.browser


def _sign_out(page: Page) -> None:
    page.get_by_label("Tu usuario").click()
    page.get_by_role("button", name="Salir").click()
    page.wait_for_url("**/ingresar/")


def _give_password(page: Page) -> None:
    page.get_by_label("Correo").fill("ana@oeste.example")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Ingresar", exact=True).click()


def _end_the_session() -> None:
    UserSession.objects.all().delete()


def test_the_second_step_by_an_app(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.get_by_label("Tu usuario").click()
    page.get_by_role("link", name="Mi cuenta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mi cuenta")
    look(page, "mi-cuenta")
    page.get_by_role("link", name="Activar con una app").click()
    expect(page.locator(".app-key")).to_be_visible()
    manual(page, "verificacion-app")
    look(page, "mi-cuenta-app")
    key = page.locator(".app-key").inner_text().replace(" ", "")
    page.get_by_label("Código que muestra la app").fill("000000")
    page.get_by_role("button", name="Activar").click()
    expect(page.locator("main [data-errors]")).to_contain_text("Ese código no es")
    expect(page.get_by_label("Código que muestra la app")).to_be_focused()
    look(page, "mi-cuenta-app-error")
    page.get_by_label("Código que muestra la app").fill(totp.code_of(key, totp.step_at(clock.now())))
    page.get_by_role("button", name="Activar").click()
    expect(page.locator(".recovery-codes code")).to_have_count(10)
    codes = page.locator(".recovery-codes code").all_inner_texts()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Descargar").click()
    assert codes[3] in saved.value.path().read_text(encoding="utf-8")
    look(page, "mi-cuenta-codigos")
    page.get_by_role("link", name="Ya los guardé").click()
    expect(page.get_by_text("Te quedan 10 de 10")).to_be_visible()
    look(page, "mi-cuenta-dos-pasos")
    manual(page, "mi-cuenta")
    _sign_out(page)
    _give_password(page)
    page.wait_for_url("**/ingresar/codigo/")
    manual(page, "ingresar-codigo")
    look(page, "ingresar-codigo")
    page.get_by_label("Código").fill(codes[0])
    page.get_by_role("button", name="Ingresar", exact=True).click()
    expect(page.get_by_text("Te quedan 9")).to_be_visible()


def test_the_second_step_is_turned_off(cast: Cast, page: Page) -> None:
    sign_in(page)
    key = totp.new_key()
    second_factor.turn_on_app(cast.ana, key=key, code=totp.code_of(key, totp.step_at(clock.now())))
    page.goto("/mi-cuenta/dos-pasos/desactivar/")
    look(page, "mi-cuenta-desactivar")
    page.get_by_role("button", name="Desactivar").click()
    expect(page.get_by_text("Desde ahora ingresás con tu contraseña sola")).to_be_visible()
    assert not SecondFactor.objects.exists()


def _virtual_authenticator(page: Page) -> Any:
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return protocol


def test_a_passkey_is_added_and_enters_by_itself(cast: Cast, page: Page) -> None:
    _virtual_authenticator(page)
    sign_in(page)
    page.goto("/mi-cuenta/llaves/")
    page.get_by_label("Nombre de la llave").fill("La compu del mostrador")
    look(page, "mi-cuenta-llave")
    page.get_by_role("button", name="Agregar").click()
    expect(page.get_by_role("heading", name="Guardá estos códigos")).to_be_visible()
    # the same authenticator holds one already
    page.goto("/mi-cuenta/llaves/")
    page.get_by_label("Nombre de la llave").fill("Otra vez")
    page.get_by_role("button", name="Agregar").click()
    expect(page.get_by_text("ya tiene tu llave de acceso")).to_be_visible()
    page.goto("/mi-cuenta/")
    expect(page.get_by_text("La compu del mostrador").first).to_be_visible()
    look(page, "mi-cuenta-llaves")
    _sign_out(page)
    page.goto("/ingresar/?next=/envios/")
    page.get_by_role("button", name="Usar una llave de acceso").click()
    expect(page.get_by_label("Tu usuario")).to_be_visible()
    assert urlsplit(page.url).path == "/envios/"
    assert Passkey.objects.get().last_used_at is not None
    # and after the password, as the second step
    _sign_out(page)
    _give_password(page)
    page.wait_for_url("**/ingresar/codigo/")
    look(page, "ingresar-llave")
    page.get_by_role("button", name="Usar una llave de acceso").click()
    expect(page.get_by_label("Tu usuario")).to_be_visible()


def test_who_says_no_to_the_passkey_is_told_so(cast: Cast, page: Page) -> None:
    protocol = _virtual_authenticator(page)
    protocol.send("WebAuthn.disable")
    # a browser that refuses at once, as when the person cancels
    page.add_init_script("navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError'));")
    page.goto("/ingresar/")
    page.get_by_role("button", name="Usar una llave de acceso").click()
    expect(page.get_by_text("No se completó")).to_be_visible()
    expect(page.get_by_role("button", name="Usar una llave de acceso")).to_be_enabled()


def test_the_pages_of_a_forgotten_password(cast: Cast, page: Page, settings: Any) -> None:
    page.goto("/ingresar/olvide/")
    look(page, "olvide-sin-correo")
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "correo.example", "acuse@oeste.example"
    page.goto("/ingresar/")
    manual(page, "ingresar")
    page.get_by_role("link", name="¿Te olvidaste la contraseña?").click()
    look(page, "olvide")
    page.get_by_label("Correo").fill("ana@oeste.example")
    page.get_by_role("button", name="Mandar el enlace").click()
    look(page, "olvide-mandado")
    page.goto("/ingresar/nueva/x/y/")
    look(page, "olvide-vencido")
    for _ in range(8):
        page.goto("/ingresar/")
        page.get_by_label("Correo").fill("beto@oeste.example")
        page.get_by_label("Contraseña").fill("mala")
        page.get_by_role("button", name="Ingresar", exact=True).click()
    expect(page.get_by_role("heading", name="Esperá unos minutos")).to_be_visible()
    look(page, "esperar")


def test_the_colours_that_one_chooses_are_kept_by_the_server(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.get_by_label("Tu usuario").click()
    with page.expect_response("**/mi-cuenta/colores/") as answered:
        page.get_by_role("button", name="Oscuro").click()
    assert answered.value.status == 204
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert User.objects.get(pk=cast.ana.pk).theme == "dark"
    page.get_by_label("Tu usuario").click()
    expect(page.get_by_role("button", name="Oscuro")).to_have_attribute("aria-pressed", "true")
    with page.expect_response("**/mi-cuenta/colores/"):
        page.get_by_role("button", name="Automático").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_what_was_typed_when_the_session_ended_is_there_after_signing_in(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/mi-cuenta/")
    page.get_by_label("Nombre", exact=True).fill("Ana María de los Ángeles")
    page.get_by_label("Números y fechas").select_option("en-us")
    _end_the_session()
    page.get_by_role("button", name="Guardar").click()
    page.wait_for_url("**/ingresar/?next=*")
    _give_password(page)
    page.wait_for_url("**/mi-cuenta/")
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_be_visible()
    expect(page.get_by_label("Nombre", exact=True)).to_have_value("Ana María de los Ángeles")
    expect(page.get_by_label("Números y fechas")).to_have_value("en-us")
    look(page, "mi-cuenta-recuperado")
    assert User.objects.get(pk=cast.ana.pk).name == ""
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Guardamos tus datos")).to_be_visible()
    assert User.objects.get(pk=cast.ana.pk).name == "Ana María de los Ángeles"
    page.goto("/mi-cuenta/")
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_have_count(0)
    assert page.evaluate(KEPT) == 0


def test_what_was_typed_in_the_panel_when_the_session_ended_is_there_too(cast: Cast, page: Page) -> None:
    party = make_party(cast.company)
    sign_in(page)
    page.goto("/tablas/clientes/")
    page.get_by_role("link", name="Editar contactos").first.click()
    panel = page.get_by_role("dialog")
    panel.get_by_role("link", name="Crear").click()
    panel.get_by_label("Nombre").fill("Tesorería")
    panel.get_by_label("Celular").fill("341 15 555 0142")
    _end_the_session()
    panel.get_by_role("button", name="Crear").click()
    page.wait_for_url("**/ingresar/?next=*")
    _give_password(page)
    # where the form of the panel is a page of its own
    page.wait_for_url(f"**/tablas/clientes/{party.pk}/contactos/nuevo/")
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_be_visible()
    expect(page.get_by_label("Nombre")).to_have_value("Tesorería")
    page.get_by_role("button", name="Crear").click()
    expect(page.get_by_text("Guardado: Tesorería")).to_be_visible()
    assert party.contacts.get().mobile == "+5493415550142"


def test_parameters_come_back_without_the_secret(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/administracion/parametros/")
    page.get_by_label("WhatsApp: Token Seguridad").fill("secreto-que-no-se-guarda")
    page.get_by_label("WhatsApp: Número Teléfono (Sólo Números)").fill("106540352242922")
    wait_for_a_draft(page)
    assert "secreto" not in page.evaluate("JSON.stringify(sessionStorage)")
    _end_the_session()
    page.locator("#whatsapp").get_by_role("button", name="Guardar").click()
    page.wait_for_url("**/ingresar/?next=*")
    _give_password(page)
    page.wait_for_url("**/administracion/parametros/**")
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_be_visible()
    expect(page.get_by_label("WhatsApp: Número Teléfono (Sólo Números)")).to_have_value("106540352242922")
    expect(page.get_by_label("WhatsApp: Token Seguridad")).to_have_value("")


def test_what_was_typed_can_be_discarded_and_nobody_else_sees_it(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/mi-cuenta/")
    page.get_by_label("Nombre", exact=True).fill("Ana María")
    wait_for_a_draft(page)
    _end_the_session()
    page.goto("/mi-cuenta/")
    page.get_by_label("Correo").fill("beto@oeste.example")
    page.get_by_label("Contraseña").fill(PASSWORD)
    page.get_by_role("button", name="Ingresar", exact=True).click()
    page.wait_for_url("**/mi-cuenta/")
    expect(page.get_by_label("Nombre", exact=True)).to_have_value("")
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_have_count(0)
    page.get_by_label("Nombre", exact=True).fill("Beto")
    wait_for_a_draft(page)
    page.reload()
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_be_visible()
    page.get_by_role("button", name="Descartarlo").click()
    expect(page.get_by_label("Nombre", exact=True)).to_have_value("")
    page.reload()
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_have_count(0)


def test_a_page_that_got_old_leads_back_and_keeps_what_was_typed(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/mi-cuenta/")
    page.get_by_label("Nombre", exact=True).fill("Ana María")
    # as after signing in in another tab
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').value = 'x'.repeat(64)")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("heading", name="La página quedó vieja")).to_be_visible()
    look(page, "pagina-vieja")
    page.get_by_role("link", name="Volver a la página").click()
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_be_visible()
    expect(page.get_by_label("Nombre", exact=True)).to_have_value("Ana María")


def test_passwords_are_not_kept(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/mi-cuenta/contrasena/")
    for label in ("Contraseña actual", "Contraseña nueva", "La misma contraseña, otra vez"):
        page.get_by_label(label).fill("secreto-que-no-se-guarda")
    look(page, "mi-cuenta-contrasena")
    page.wait_for_timeout(400)
    kept = page.evaluate("JSON.stringify(sessionStorage)")
    assert "secreto" not in kept


def test_what_the_page_asks_by_itself_is_told_apart(cast: Cast, page: Page) -> None:
    sign_in(page)
    told = page.evaluate(
        """() => ["click", null].map((kind) => {
          const headers = {};
          const triggeringEvent = kind ? new Event(kind) : undefined;
          const detail = { headers, triggeringEvent };
          document.body.dispatchEvent(new CustomEvent("htmx:configRequest", { bubbles: true, detail }));
          return Object.keys(headers);
        })"""
    )
    assert told == [[], ["X-Acuse-By-Itself"]]
