"""Estado de WhatsApp: who sees and does what, each act once and audited, and nothing secret in any page."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from acuse.channels import notices
from acuse.channels.contract import Grade
from acuse.channels.models import AccountNotice, WhatsAppAccount, WhatsAppApp, WhatsAppNumber, WhatsAppTemplate
from acuse.companies.models import AuditEntry, Company, RoleGrant
from acuse.deliveries.models import Suspension
from acuse.hooks.checks import running
from acuse.kernel import clock
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.data.cast import make_whatsapp
from tests.data.watched import make_troubled, make_watched
from tests.integration.web.conftest import signed_in

URL = "/administracion/whatsapp/estado/"
TOKEN, SECRET, PIN = "simulator-token", "simulator-app-secret", "918273"
HTMX: dict[str, Any] = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def account(people: Cast) -> WhatsAppAccount:
    """Watched, with what the simulator knows."""
    made = make_troubled(people.company)
    made.access_token = TOKEN
    made.save()
    for app in WhatsAppApp.objects.all():
        app.app_secret = SECRET
        app.save()
    WhatsAppNumber.objects.update(sandbox="off")
    return made


def _text(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def _messages(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def _acts() -> list[str]:
    """Every act of the page, on the rows that are there."""
    violation = AccountNotice.objects.get(key__endswith=":violation").pk
    template, number = WhatsAppTemplate.objects.get(name="comprobantes").pk, WhatsAppNumber.objects.get().pk
    return [
        reverse("web:whatsapp_sync"),
        reverse("web:whatsapp_notice_attend", args=[violation]),
        reverse("web:whatsapp_template_accept", args=[template]),
        reverse("web:whatsapp_template_unpause", args=[template]),
        reverse("web:whatsapp_new_pin", args=[number]),
        reverse("web:whatsapp_sandbox", args=[number]),
        reverse("web:whatsapp_move_queue", args=[number]),
    ]


def test_with_nothing_connected_it_says_what_it_will_show(ana: Client, beto: Client) -> None:
    page = ana.get(URL)
    assert "WhatsApp todavía no está conectado" in _text(page)
    assert reverse("web:whatsapp") in page.content.decode()
    assert "Conectar WhatsApp" not in _text(beto.get(URL))


def test_what_is_wrong_comes_first_with_its_mend_and_said_once(account: WhatsAppAccount, ana: Client) -> None:
    page = ana.get(URL)
    text = _text(page)
    assert text.index("fallas") < text.index("Qué hacer") < text.index("Números") < text.index("Plantillas")
    # a notice of the same thing as a check is the same line
    to_do = text.split("Números")[0]
    assert to_do.count("pausó por quejas") == to_do.count("no se puede usar: Meta la pausó por quejas") == 1
    assert "Meta dice que la cuenta no cumplió una política (SPAM)." in text
    assert "Meta dejó de avisar a Acuse." in text.split("que ya pasó")[1]


def test_each_mend_leads_to_the_step_that_mends_it(account: WhatsAppAccount, ana: Client) -> None:
    found = {trouble.about: trouble.url for trouble in ana.get(URL).context["troubles"]}
    assert found["Token"] == reverse("web:whatsapp_credentials")
    assert found["Avisos de Meta"] == reverse("web:whatsapp_webhook")
    # it is mended here, with its button, or at Meta's
    assert found["Plantilla comprobantes"] == found["Aviso de Meta"] == ""


def test_every_check_of_the_doctors_list_is_there(account: WhatsAppAccount, people: Cast, ana: Client) -> None:
    text = _text(ana.get(URL))
    found = running.seen_by(people.company, now=clock.now())
    assert len(found) > 12
    assert [check.text for check in found if " ".join(check.text.split()) not in text] == []
    assert [check.mend for check in found if " ".join(check.mend.split()) not in text] == []


def test_who_may_only_look_finds_nothing_to_press(account: WhatsAppAccount, beto: Client) -> None:
    page = beto.get(URL)
    assert page.status_code == 200
    body = page.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    assert "<form" not in body
    assert "Poner otro PIN" not in body
    for url in _acts():
        assert beto.post(url).status_code == 403, url
        assert beto.get(url).status_code in (403, 405), url


def test_without_parameters_there_is_no_page(account: WhatsAppAccount, beto: Client) -> None:
    RoleGrant.objects.filter(page="parameters").delete()
    assert beto.get(URL).status_code == 403
    assert "WhatsApp necesita" not in beto.get("/").content.decode()
    assert URL not in beto.get("/").content.decode()


def test_another_companys_rows_do_not_exist(account: WhatsAppAccount, carla: Client) -> None:
    before = list(AuditEntry.objects.values_list("event", flat=True))
    for url in _acts()[1:]:
        assert carla.post(url).status_code == 404, url
        assert carla.get(url).status_code in (404, 405), url
    text = carla.get(URL).content.decode()
    assert "comprobantes</strong>" not in text
    assert "SPAM" not in text
    assert list(AuditEntry.objects.values_list("event", flat=True)) == before


def test_no_secret_is_in_any_page(account: WhatsAppAccount, ana: Client, meta: SimulatorProcess) -> None:
    number = WhatsAppNumber.objects.get()
    number.pin = PIN
    number.save()
    app = WhatsAppApp.objects.get()
    for answer in (ana.get(URL), ana.post(reverse("web:whatsapp_sync"), **HTMX), ana.get(URL), ana.get("/")):
        body = answer.content.decode()
        for secret in (TOKEN, SECRET, PIN, app.verify_token.reveal()):
            assert secret not in body


def test_it_is_read_again_without_javascript_and_with_it(
    account: WhatsAppAccount, ana: Client, meta: SimulatorProcess
) -> None:
    url = reverse("web:whatsapp_sync")
    plain = ana.post(url, follow=True)
    assert plain.redirect_chain == [(URL, 302)]
    assert "Cuenta leída: 1 número y" in _messages(plain)
    fragment = ana.post(url, **HTMX)
    body = fragment.content.decode()
    assert "<html" not in body
    assert 'id="wa-said"' in body
    assert "hx-swap-oob" in body
    assert "Cuenta leída: 1 número y" in body
    entries = AuditEntry.objects.filter(event="whatsapp.synced")
    assert {entry.actor for entry in entries} == {"user:ana@oeste.example"}
    # what Meta says now: the template isn't paused any more, and its notice is over
    assert WhatsAppTemplate.objects.get(name="comprobantes").status == "APPROVED"
    assert not AccountNotice.objects.filter(key__endswith=":status", cleared_at=None).exists()


@pytest.mark.parametrize("fault", ["html_500", "cut"])
def test_a_reading_that_fails_says_why_and_keeps_what_is_known(
    account: WhatsAppAccount, ana: Client, meta: SimulatorProcess, fault: str
) -> None:
    meta.control("fault", kind=fault, where="message_templates")
    answer = ana.post(reverse("web:whatsapp_sync"), **HTMX)
    assert answer.status_code == 200
    assert "No se pudo leer la cuenta." in _text(answer)
    assert WhatsAppTemplate.objects.get(name="comprobantes").status == "PAUSED"
    assert "La última lectura de la cuenta falló." in _text(ana.get(URL))


def test_a_token_that_meta_refuses_is_told_on_the_page(
    account: WhatsAppAccount, ana: Client, meta: SimulatorProcess
) -> None:
    meta.control("tokens", token=TOKEN, valid=False)
    answer = ana.post(reverse("web:whatsapp_sync"), follow=True)
    assert "No se pudo leer la cuenta." in _messages(answer)
    assert "Meta no acepta el token desde el" in _text(answer)
    assert Suspension.objects.filter(ended_at=None, scope="account").count() == 1


def test_without_an_account_chosen_there_is_nothing_to_read(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    WhatsAppAccount.objects.update(waba_id="")
    page = ana.get(URL)
    assert reverse("web:whatsapp_sync") not in page.content.decode()
    assert "Falta elegir la cuenta de WhatsApp" in _text(page)
    answer = ana.post(reverse("web:whatsapp_sync"), follow=True)
    assert "Todavía no elegiste la cuenta" in _messages(answer)


def test_what_happened_is_ended_by_a_person_once(account: WhatsAppAccount, ana: Client) -> None:
    notice = AccountNotice.objects.get(key__endswith=":violation")
    url = reverse("web:whatsapp_notice_attend", args=[notice.pk])
    assert "Aviso cerrado." in _messages(ana.post(url, follow=True))
    assert "se cierra solo" in _messages(ana.post(url, follow=True))
    assert AuditEntry.objects.filter(event="notice.attended", actor="user:ana@oeste.example").count() == 1
    token = AccountNotice.objects.get(key__endswith=":token")
    ana.post(reverse("web:whatsapp_notice_attend", args=[token.pk]))
    token.refresh_from_db()
    assert token.cleared_at is None


def _marketing(account: WhatsAppAccount) -> str:
    WhatsAppTemplate.objects.filter(name="comprobantes").update(category="MARKETING", status="APPROVED")
    template = WhatsAppTemplate.objects.get(name="comprobantes")
    notices.put_up(
        account.company_id, key=f"template:{account.pk}/comprobantes/es_AR:category", grade=Grade.ERROR,
        text="«comprobantes» ahora es de marketing.", next_step="Aceptá el costo.", now=clock.now(),
    )  # fmt: skip
    return reverse("web:whatsapp_template_accept", args=[template.pk])


def test_what_costs_more_is_asked_and_accepted_once(account: WhatsAppAccount, ana: Client) -> None:
    url = _marketing(account)
    assert url in ana.get(URL).content.decode()
    asked = ana.get(url)
    assert "se cobra como marketing" in _text(asked)
    assert WhatsAppTemplate.objects.get(name="comprobantes").category_accepted_at is None
    assert "Aceptaste el costo" in _messages(ana.post(url, follow=True))
    assert "no espera que nadie acepte" in _messages(ana.post(url, follow=True))
    assert "no espera que nadie acepte" in _messages(ana.get(url, follow=True))
    assert AuditEntry.objects.filter(event="template.category_accepted").count() == 1
    assert not AccountNotice.objects.filter(key__endswith=":category", cleared_at=None).exists()
    assert url not in ana.get(URL).content.decode()


def test_a_pause_is_lifted_at_meta(account: WhatsAppAccount, ana: Client, meta: SimulatorProcess) -> None:
    meta.control("templates", name="comprobantes", status="PAUSED")
    ana.post(reverse("web:whatsapp_sync"))
    template = WhatsAppTemplate.objects.get(name="comprobantes")
    url = reverse("web:whatsapp_template_unpause", args=[template.pk])
    assert url in ana.get(URL).content.decode()
    assert Suspension.objects.filter(scope="template", ended_at=None).exists()
    assert "Meta quitó la pausa de «comprobantes»." in _messages(ana.post(url, follow=True))
    template.refresh_from_db()
    assert template.status == "APPROVED"
    assert not Suspension.objects.filter(scope="template", ended_at=None).exists()
    assert AuditEntry.objects.filter(event="whatsapp.template_unpaused").count() == 1
    assert url not in ana.get(URL).content.decode()


def test_a_new_pin_is_asked_shown_once_and_kept_encrypted(
    account: WhatsAppAccount, ana: Client, meta: SimulatorProcess
) -> None:
    number = WhatsAppNumber.objects.get()
    url = reverse("web:whatsapp_new_pin", args=[number.pk])
    assert "se muestra una sola vez" in _text(ana.get(url))
    assert WhatsAppNumber.objects.get().pin.reveal() == ""
    answer = ana.post(url)
    pin = WhatsAppNumber.objects.get().pin.reveal()
    assert re.fullmatch(r"[0-9]{6}", pin)
    assert pin in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert pin not in ana.get(url).content.decode()
    assert pin not in ana.get(URL).content.decode()
    entry = AuditEntry.objects.get(event="whatsapp.pin_changed")
    assert pin not in str(entry.detail) + entry.target


def test_a_pin_that_meta_refuses_is_told(account: WhatsAppAccount, ana: Client, meta: SimulatorProcess) -> None:
    meta.control("tokens", token=TOKEN, valid=False)
    number = WhatsAppNumber.objects.get()
    answer = ana.post(reverse("web:whatsapp_new_pin", args=[number.pk]), follow=True)
    assert answer.redirect_chain == [(URL, 302)]
    assert "El token" in _messages(answer)
    assert WhatsAppNumber.objects.get().pin.reveal() == ""


def test_a_test_numbers_way_of_writing_is_chosen(account: WhatsAppAccount, ana: Client) -> None:
    number = WhatsAppNumber.objects.get()
    url = reverse("web:whatsapp_sandbox", args=[number.pk])
    assert url in ana.get(URL).content.decode()
    assert "con el 15" in _messages(ana.post(url, {"sandbox": "with_15"}, follow=True))
    ana.post(url, {"sandbox": "with_15"})
    assert AuditEntry.objects.filter(event="whatsapp.sandbox_set").count() == 1
    assert "Elegí una de las tres formas." in _messages(ana.post(url, {"sandbox": "otra"}, follow=True))
    assert WhatsAppNumber.objects.get().sandbox == "with_15"


def test_a_real_number_is_not_asked_how_it_writes(people: Cast, ana: Client) -> None:
    make_watched(people.company)
    number = WhatsAppNumber.objects.get()
    assert reverse("web:whatsapp_sandbox", args=[number.pk]) not in ana.get(URL).content.decode()


def test_a_template_shows_what_uses_it(account: WhatsAppAccount, people: Cast, ana: Client) -> None:
    text = _text(ana.get(URL))
    assert "comprobantes es_AR Todos los comprobantes" in text
    assert "recordatorio_pago es_AR No la usa ningún comprobante" in text


def test_errors_are_on_inicio_and_in_the_menu_until_they_end(account: WhatsAppAccount, people: Cast) -> None:
    ana = signed_in(people.ana)
    page = ana.get("/")
    assert "WhatsApp necesita que hagas algo" in _text(page)
    assert "Meta pausó la plantilla «comprobantes» por quejas." in _text(page)
    # a warning doesn't call from there
    assert "no cumplió una política" not in _text(page)
    assert _badge(page) == "1"
    notices.take_down(
        account.company_id, key=f"template:{account.pk}/comprobantes/es_AR:status", text="Ya está.", now=clock.now()
    )
    page = ana.get("/")
    assert "WhatsApp necesita que hagas algo" not in _text(page)
    assert _badge(page) == ""


def _badge(page: Any) -> str:
    items = {item.name: item for module in page.context["menu"]().modules for item in module.items}
    return str(items["Estado de WhatsApp"].count_text)


def test_of_another_company_inicio_says_nothing(account: WhatsAppAccount, people: Cast, carla: Client) -> None:
    assert Company.objects.count() == 2
    page = carla.get("/")
    assert "WhatsApp necesita" not in page.content.decode()
    assert _badge(page) == ""
