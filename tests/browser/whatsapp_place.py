"""A whole installation for the assistant's journey: an empty company, its Meta account without a number, and a person
who has just been invited. Web, worker and simulator are real processes, so that webhooks arrive."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.acceptance.installation import APP_ID, SECRET, TOKEN, WABA_ID, Installation, installation, wait_for

BASE = "/administracion/whatsapp/"
PASSWORD = "tilo-menta-cedron-1"
CUSTOMER = "+5493415550190"


@contextlib.contextmanager
def empty_place() -> Iterator[tuple[Installation, str, str]]:
    """The installation, its address, and the invitation of who administers it."""
    with installation(numbers=[], templates=[], review_seconds=0.2, hooks={"first_wait": 0.1}) as made:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            bind = f"127.0.0.1:{probe.getsockname()[1]}"
        url = f"http://{bind}"
        made.environment |= {"ACUSE_BIND": bind, "ACUSE_BASE_URL": url}
        made.hold_database()
        done = made.acuse(
            "setup", "--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "ana@prueba.example",
            "--area-code", "341", "--json",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        made.spawn("acuse.config.cli", "serve")
        assert wait_for(lambda: _answers(f"{url}/ingresar/"), 60), made.log()
        yield made, url, json.loads(done.stdout)["admin"]["invitation_url"]


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def accept_invitation(page: Page, invitation: str) -> None:
    page.goto(invitation)
    page.get_by_label("Tu nombre").fill("Ana")
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(re.compile(r"://[^/]+/(?:$|\?)"))


def give_credentials(page: Page, *, secret: str = SECRET) -> None:
    """Step 2."""
    page.get_by_role("textbox", name="Identificador de la app").fill(APP_ID)
    page.locator("#id_app_secret").fill(secret)
    page.locator("#id_token").fill(TOKEN)
    page.get_by_role("button", name="Comprobar y guardar").click()


def choose_account(page: Page) -> None:
    """Step 3, the account."""
    page.get_by_role("textbox", name="Identificador de la cuenta de WhatsApp").fill(WABA_ID)
    page.get_by_role("button", name="Elegir esta cuenta").click()
    expect(page.locator("main")).to_contain_text("La cuenta todavía no tiene números")


def add_number(page: Page, place: Installation) -> None:
    """Step 3, a number: typed, verified by the code that the simulator sent, registered with a PIN."""
    page.get_by_text("Agregar un número").click()
    page.get_by_label("Número", exact=True).fill("0341 15 555-9000")
    page.get_by_label("Nombre que ven tus clientes").fill("Prueba SA")
    page.get_by_role("button", name="Agregar", exact=True).click()
    page.get_by_role("button", name="Pedirlo por SMS").click()
    expect(page.locator("main")).to_contain_text("Meta manda el código por SMS")
    (number,) = place.control("state")["numbers"]
    page.get_by_label("Código").fill(number["code"])
    page.get_by_role("button", name="Verificar").click()
    expect(page.locator("main")).to_contain_text("Registrar 0341 15 555-9000")


def register_number(page: Page) -> str:
    """Answers the PIN, which is shown this once."""
    page.get_by_label("Entiendo que el número deja de andar").check()
    page.get_by_role("button", name="Registrar").click()
    expect(page.locator("main")).to_contain_text("está registrado")
    pin = page.get_by_label("PIN del número").input_value()
    page.get_by_role("link", name="Listo, lo guardé").click()
    expect(page.locator("main")).to_contain_text("Principal")
    return pin


def save_profile(page: Page) -> None:
    """Step 4."""
    page.get_by_label("Info").fill("Comprobantes de Prueba SA")
    page.get_by_label("Rubro").select_option("RETAIL")
    page.get_by_role("button", name="Guardar en Meta").click()
    expect(page.locator("main")).to_contain_text("El perfil está guardado en Meta")


def send_template(page: Page) -> None:
    """Step 6: written with the live preview, sent, and approved while one looks."""
    page.get_by_role("button", name="Usar este texto").nth(1).click()
    expect(page.locator("#draft-seen")).to_contain_text("Cumple las reglas")
    page.get_by_role("button", name="Mandar a revisión de Meta").last.click()
    expect(page.locator("main")).to_contain_text("La plantilla «comprobantes» está en Meta")
    expect(page.locator("#templates")).to_contain_text("Aprobada", timeout=60_000)


def send_trial(page: Page, place: Installation) -> None:
    """Step 8: it reaches the simulated phone, which opens it, and both ticks come back on the page."""
    page.get_by_label("Tu celular").fill("0341 15 555-0190")
    expect(page.locator("#mobile-look")).to_contain_text("+54 9 341 555-0190")
    page.get_by_role("button", name="Enviar la prueba").dblclick()
    state = page.locator("#trial-state")
    expect(state).to_contain_text("Llegó al teléfono.", timeout=60_000)
    expect(state.locator(".stages .here")).to_contain_text("Leído", timeout=60_000)
    expect(state).to_contain_text("Listo")
    # two clicks are one
    assert len(place.accepted(CUSTOMER)) == 1


def connect_webhook(page: Page, place: Installation) -> None:
    """Step 5: connected, and a customer's message makes the first webhook come."""
    page.get_by_role("button", name="Conectar los avisos").click()
    expect(page.locator("#llegadas")).to_contain_text("Meta comprobó la dirección")
    expect(page.locator("#llegadas")).to_contain_text("La app y la cuenta le avisan a Acuse")
    place.control("inbound", {"from": CUSTOMER, "text": "Hola"})
    expect(page.locator("#llegadas")).to_contain_text("Ida y vuelta comprobada", timeout=20_000)
