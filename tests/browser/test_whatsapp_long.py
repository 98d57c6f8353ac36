"""Templates as long as Meta takes them, without a space to break at: every page that shows them fits a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from acuse.channels.contract import Grade
from acuse.channels.models import WhatsAppTemplate
from acuse.deliveries import waking
from acuse.deliveries.models import DeliveryPolicy
from tests.browser.conftest import sign_in
from tests.browser.looks import fits, picture
from tests.conftest import Cast
from tests.data.watched import give_days, make_watched
from tests.integration.web.whatsapp_steps import BASE

pytestmark = pytest.mark.browser
NAME, OTHER = "comprobantes_" * 39 + "aaaaa", "recordatorios_" * 36 + "bbbbbbbb"
BODY = f"{'a' * 500}{{{{1}}}}{'b' * 519}"
COMPONENTS = [{"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": BODY},
              {"type": "FOOTER", "text": "c" * 60}]  # fmt: skip


@pytest.fixture(autouse=True)
def _works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "anybody_working", lambda: True)


def test_no_page_of_templates_is_wider_than_a_phone(cast: Cast, page: Page) -> None:
    assert (len(NAME), len(OTHER), len(BODY)) == (512, 512, 1024)
    account = make_watched(cast.company)
    rows = WhatsAppTemplate.objects.filter(account=account)
    rows.filter(name="comprobantes").update(name=NAME, components=COMPONENTS)
    rows.exclude(name=NAME).update(name=OTHER, components=COMPONENTS, status="REJECTED")
    DeliveryPolicy.objects.filter(company=cast.company).update(
        template_name=NAME, template_language="es_AR", template_parameters=["{número}"]
    )
    bad = (f"Plantilla {NAME}", Grade.ERROR, f"«{NAME}» no se puede usar: Meta la pausó por quejas.")
    give_days(cast.company, {2: bad, 3: bad}, days=4)
    sign_in(page)
    used, wrong = rows.get(name=NAME), rows.get(name=OTHER)
    for name, path in {
        "plantilla": f"{BASE}plantilla/",
        "corregir": f"{BASE}plantilla/?corregir={wrong.pk}",
        "usar": f"{BASE}plantilla/{used.pk}/usar/",
        "estado": f"{BASE}estado/",
        "configuraciones": "/administracion/configuraciones/",
        "configuracion": "/administracion/configuraciones/sales_invoice/",
    }.items():
        page.goto(path)
        expect(page.locator("main")).to_contain_text("comprobantes_" if name != "corregir" else "Corregir")
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        for width in (360, 768, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            fits(page, name, width)
            _nothing_is_cut(page, name, width)
        page.set_viewport_size({"width": 360, "height": 740})
        picture(page, f"plantilla-larga-{name}-360")


def _nothing_is_cut(page: Page, name: str, width: int) -> None:
    """Text that runs out of the box of its own paragraph, where something hides or scrolls what is too wide."""
    found: list[Any] = page.evaluate(
        """() => ["p", "h3", "h4", "li", "dd", "label", "summary", ".table-scroll"]
            .flatMap((kind) => [...document.querySelectorAll(`main ${kind}`)])
            .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
            .filter((one) => getComputedStyle(one).display !== "inline" && !one.closest(".visually-hidden"))
            .map((one) => [one.tagName, one.className, one.textContent.trim().slice(0, 60)])"""
    )
    assert not found, f"{name} {width}: {found}"
