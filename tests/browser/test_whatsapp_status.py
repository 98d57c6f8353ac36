"""Estado de WhatsApp as a person sees it: nothing connected, all well, and with trouble."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from acuse.channels.models import AccountNotice, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.deliveries import waking
from acuse.hooks.models import RawHook
from acuse.kernel import clock
from acuse_simulator.process import SimulatorProcess
from tests.browser.conftest import sign_in
from tests.browser.looks import look, manual
from tests.conftest import Cast
from tests.data.watched import give_days, make_troubled, make_watched

pytestmark = pytest.mark.browser
STATUS = "/administracion/whatsapp/estado/"


@pytest.fixture(scope="module")
def meta() -> Iterator[SimulatorProcess]:
    with SimulatorProcess({}) as started:
        yield started


@pytest.fixture(autouse=True)
def _works(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that runs, and an address that Meta can reach."""
    settings.BASE_URL = "https://acuse.oeste.example"
    monkeypatch.setattr(waking, "anybody_working", lambda: True)


def _connect(account: WhatsAppAccount) -> None:
    """With what the simulator knows."""
    account.access_token = "simulator-token"
    account.save()
    WhatsAppApp.objects.filter(accounts=account).update(app_secret="simulator-app-secret")


def test_with_nothing_connected_it_teaches(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto(STATUS)
    expect(page.get_by_role("heading", name="WhatsApp todavía no está conectado")).to_be_visible()
    look(page, "estado-whatsapp-vacio")
    page.get_by_role("link", name="Conectar WhatsApp").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("WhatsApp")


def test_with_all_well_it_says_so_first(cast: Cast, page: Page) -> None:
    account = make_watched(cast.company)
    RawHook.objects.create(app=WhatsAppApp.objects.get(accounts=account), body=b"{}", received_at=clock.now())
    give_days(cast.company, {})
    sign_in(page)
    page.goto(STATUS)
    expect(page.get_by_text("Todo bien: 15 controles.")).to_be_visible()
    expect(page.get_by_role("heading", name="Números")).to_be_visible()
    look(page, "estado-whatsapp-bien")


def test_with_trouble_it_says_what_to_do(cast: Cast, page: Page) -> None:
    make_troubled(cast.company)
    sign_in(page)
    expect(page.get_by_text("WhatsApp necesita que hagas algo")).to_be_visible()
    look(page, "inicio-aviso-whatsapp")
    page.get_by_role("link", name="Ver Estado de WhatsApp").click()
    expect(page.get_by_text("Meta la pausó por quejas").first).to_be_visible()
    manual(page, "estado-whatsapp")
    look(page, "estado-whatsapp-mal")
    strip = page.locator(".wa-strip", has=page.locator(".wa-strip-name", has_text="Plantilla comprobantes"))
    strip.locator("summary").click()
    expect(strip.get_by_role("table")).to_contain_text("Meta la pausó por quejas.")
    page.locator(".wa-fold > summary").first.click()
    look(page, "estado-whatsapp-abierto")
    page.get_by_role("button", name="Ya me ocupé").click()
    expect(page.get_by_text("Aviso cerrado.")).to_be_visible()
    assert AccountNotice.objects.get(key__endswith=":violation").cleared_at is not None
    page.get_by_label("Cómo escribe los celulares").select_option("with_15")
    page.locator(".wa-sandbox").get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("escribe los celulares así: con el 15")).to_be_visible()
    assert WhatsAppNumber.objects.get().sandbox == "with_15"


def test_it_is_read_again_where_it_stands(cast: Cast, page: Page, meta: SimulatorProcess, settings: Any) -> None:
    settings.GRAPH_URL = meta.url
    _connect(make_watched(cast.company))
    meta.control("templates", name="comprobantes", status="REJECTED")
    sign_in(page)
    page.goto(STATUS)
    page.get_by_role("button", name="Sincronizar").click()
    expect(page.locator("#wa-said")).to_contain_text("Cuenta leída: 1 número y")
    expect(page.locator("#wa-status")).to_contain_text("Meta la rechazó")
    # where it was, with the keyboard too
    expect(page.get_by_role("button", name="Sincronizar")).to_be_enabled()
    look(page, "estado-whatsapp-sincronizado")


def test_the_new_pin_is_shown_once(cast: Cast, page: Page, meta: SimulatorProcess, settings: Any) -> None:
    settings.GRAPH_URL = meta.url
    _connect(make_watched(cast.company))
    sign_in(page)
    page.goto(STATUS)
    page.get_by_role("link", name="Poner otro PIN").click()
    look(page, "estado-whatsapp-pin-pregunta")
    page.get_by_role("button", name="Poner otro PIN").click()
    pin = page.get_by_label("PIN", exact=True).input_value()
    assert pin == WhatsAppNumber.objects.get().pin.reveal()
    look(page, "estado-whatsapp-pin")
    page.get_by_role("link", name="Ya lo anoté").click()
    expect(page.get_by_role("heading", name="Estado de WhatsApp")).to_be_visible()
    assert pin not in page.content()
