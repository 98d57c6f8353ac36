"""Asistente de WhatsApp, step 6: the template, against the simulator over real HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from acuse.channels.models import WhatsAppAccount, WhatsAppTemplate
from acuse.channels.whatsapp.template_draft import BETTER_BODY, ORIGINAL_BODY
from acuse.companies.models import AuditEntry
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import syncing
from acuse.deliveries.models import DeliveryPolicy, Suspension
from acuse.kernel import clock
from acuse.web.whatsapp.status_rows import MOST_SHOWN
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.web.whatsapp_steps import BASE, connect, grant, trouble, words

URL = f"{BASE}plantilla/"
SUBMIT, PREVIEW, READ, STATE = (f"{URL}{path}" for path in ("enviar/", "vista-previa/", "leer/", "estado/"))
GIVEN: dict[str, Any] = {
    "name": "oeste", "body": BETTER_BODY, "footer": "Ferretería Oeste SA", "examples": ["Factura A 00003-00000042"],
}  # fmt: skip
OTHER: dict[str, Any] = {
    "name": "con_dos", "language": "es_AR",
    "components": [
        {"type": "HEADER", "format": "DOCUMENT"},
        {"type": "BODY", "text": "Hola {{1}}, va {{2}}. Gracias."},
    ],
}  # fmt: skip


def preview(client: Client, **given: Any) -> str:
    answer = client.post(PREVIEW, GIVEN | given, headers={"HX-Request": "true"})
    return str(answer.content.decode())


def poll(client: Client) -> Any:
    return client.get(STATE)


def statuses() -> dict[str, str]:
    return dict(WhatsAppTemplate.objects.filter(gone_at=None).values_list("name", "status"))


def look_again() -> None:
    """As if nobody had looked for a while."""
    WhatsAppAccount.objects.update(tried_at=clock.now() - timedelta(minutes=5))


def test_it_opens_with_both_texts_and_the_companys_own_footer(people: Cast, ana: Client) -> None:
    page = words(ana.get(URL))
    assert "Ya podes descargar tu comprobante Factura A 00003-00000042." in page
    assert "Lo tenés adjunto en este mensaje." in page
    assert "Powered by" not in page
    assert 'value="Ferretería Oeste SA"' in ana.get(URL).content.decode()


def test_either_text_is_taken_without_javascript_and_the_rest_stays(people: Cast, ana: Client) -> None:
    answer = ana.post(PREVIEW, GIVEN | {"body": "Otro", "footer": "Mi pie", "start": "original", "examples": []})
    page = answer.content.decode()
    assert ORIGINAL_BODY.split("\n", maxsplit=1)[0] in page.split('name="body"', 1)[1].split("</textarea>")[0]
    assert 'value="Mi pie"' in page
    assert 'value="Factura A 00003-00000042"' in page


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("{{1}} está listo para descargar.", "no puede empezar ni terminar"),
        ("Está listo {{1}}", "no puede empezar ni terminar"),
        ("Va {{1}} {{2}} para vos, que lo disfrutes mucho.", "dos variables juntas"),
        ("Va tu {{2}} para vos, que lo disfrutes mucho.", "en orden y sin saltos"),
        ("Va {{cliente}} para vos.", "van numeradas"),
        ("Va {{1} para vos.", "llaves sueltas"),
        ("x" * 1025, "acepta hasta 1024"),
        ("", "Falta el texto"),
        ("Hola, {{1}} ya.", "pocas palabras"),
        ("Hola, te mandamos {{1}} con un descuento para vos.", "marketing"),
    ],
)
def test_meta_s_rules_are_told_while_one_types(ana: Client, body: str, said: str) -> None:
    assert said in preview(ana, body=body)
    assert not WhatsAppTemplate.objects.exists()


def test_the_preview_shows_the_message_and_asks_for_the_examples_that_are_missing(ana: Client) -> None:
    one = preview(ana)
    assert "Lo tenés adjunto" in one
    assert "Cumple las reglas" in one
    assert "hx-swap-oob" not in one
    two = preview(ana, body="Hola {{2}}, te mandamos tu comprobante {{1}}. Gracias por todo.")
    assert 'id="id_examples" hx-swap-oob="true"' in two
    assert 'value="Almacén Norte SRL"' in two
    assert "tu comprobante Factura A 00003-00000042" in two


def test_it_is_sent_reviewed_and_used_by_default(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    answer = ana.post(SUBMIT, GIVEN, follow=True)
    assert "está en Meta" in words(answer)
    assert "En revisión" in words(answer)
    assert "hx-trigger" in answer.content.decode().split('id="templates"', 1)[1].split(">", 1)[0]
    assert AuditEntry.objects.get(event="whatsapp.template_sent").actor == "user:ana@oeste.example"
    made = next(t for t in meta.get("/control/state")["templates"] if t["name"] == "oeste")
    assert (made["category"], made["language"]) == ("UTILITY", "es_AR")
    meta.control("event", event="template_approved", template="oeste")
    look_again()
    assert "Aprobada" in words(poll(ana))
    assert statuses()["oeste"] == "APPROVED"


def test_the_page_asks_meta_seldom_and_says_nothing_when_nothing_is_new(
    people: Cast, ana: Client, meta: SimulatorProcess
) -> None:
    connect(people.company)
    ana.post(SUBMIT, GIVEN)
    first = poll(ana)
    meta.control("event", event="template_approved", template="oeste")
    seen = first.content.decode().split("?seen=", 1)[1].split('"', 1)[0]
    assert ana.get(f"{STATE}?seen={seen}").status_code == 204
    assert statuses()["oeste"] == "PENDING"
    meta.control("fault", kind="html_500", where="message_templates")
    look_again()
    assert "En revisión" in words(poll(ana))
    look_again()
    assert "Aprobada" in words(ana.get(f"{STATE}?seen={seen}"))


def test_a_rejection_says_why_and_the_same_one_is_corrected(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    ana.post(SUBMIT, GIVEN)
    meta.control("event", event="template_rejected", template="oeste", reason="INVALID_FORMAT")
    look_again()
    said = words(poll(ana))
    assert "Rechazada" in said
    assert "el formato o las variables no están bien" in said
    row = WhatsAppTemplate.objects.get(name="oeste")
    page = ana.get(f"{URL}?corregir={row.pk}").content.decode()
    assert 'name="name" value="oeste"' in page
    again = ana.post(SUBMIT, GIVEN | {"body": f"{BETTER_BODY} Gracias."}, follow=True)
    assert "está en Meta" in words(again)
    row.refresh_from_db()
    assert (row.status, row.rejected_reason) == ("PENDING", "")
    kept = [t for t in meta.get("/control/state")["templates"] if t["name"] == "oeste"]
    assert [t["status"] for t in kept] == ["PENDING"]


def test_a_rejected_one_is_seen_among_the_many_of_other_systems(people: Cast, ana: Client) -> None:
    account = connect(people.company).account
    others = [(f"de_otro_{place}", "DISABLED") for place in range(MOST_SHOWN)]
    WhatsAppTemplate.objects.bulk_create(
        WhatsAppTemplate(account=account, meta_id=name, name=name, language="es_AR", status=status)
        for name, status in [*others, ("oeste", "REJECTED")]
    )
    page = words(ana.get(URL))
    assert "Rechazada" in page
    assert "1–50 de 51" in page


def test_a_new_rejected_one_comes_before_the_many_that_were(people: Cast, ana: Client) -> None:
    account = connect(people.company).account
    names = [*(f"vieja_{place:03}" for place in range(MOST_SHOWN + 10)), "zeta"]
    WhatsAppTemplate.objects.bulk_create(
        WhatsAppTemplate(account=account, meta_id=name, name=name, language="es_AR", status="REJECTED")
        for name in names
    )
    first = words(ana.get(URL))
    assert "zeta" in first
    last = ana.get(URL, {"page": "2"})
    assert "51–61 de 61" in words(last)
    assert {name for name in names if name in first + words(last)} == set(names)
    # what a review's news bring is the same page; one that isn't there is the nearest
    assert f'hx-get="{STATE}' not in last.content.decode()
    WhatsAppTemplate.objects.filter(name="vieja_000").update(status="PENDING")
    second = ana.get(URL, {"page": "2"}).content.decode()
    poller = re.search(rf'hx-get="({STATE}[^"]+)"', second)
    assert poller
    assert "51–61 de 61" in words(ana.get(unescape(poller[1]).replace("seen=", "seen=x")))
    assert "51–61 de 61" in words(ana.get(URL, {"page": "99"}))
    assert "1–50 de 61" in words(ana.get(URL, {"page": "nada"}))


def test_what_waited_for_the_review_goes_on(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    """The look of the page carries out what it finds, as the daily one does."""
    connect(people.company)
    DeliveryPolicy.objects.filter(company=people.company).update(template_name="oeste")
    ana.post(SUBMIT, GIVEN)
    syncing.sync_templates(people.company, now=clock.now())
    assert Suspension.objects.filter(scope="template", ended_at=None).count() == 1
    meta.control("event", event="template_approved", template="oeste")
    look_again()
    poll(ana)
    assert not Suspension.objects.filter(ended_at=None).exists()


def test_a_second_click_is_the_same_template(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    for _ in range(2):
        assert "está en Meta" in words(ana.post(SUBMIT, GIVEN, follow=True))
    assert WhatsAppTemplate.objects.filter(name="oeste").count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": "comprobantes"}, "Ya hay una plantilla con ese nombre"),
        ({"name": "vieja"}, "30 días"),
        ({"name": "Con Espacios"}, "Podés usar «con_espacios»"),
        ({"body": "{{1}} va."}, "no puede empezar"),
        ({"footer": "x" * 61}, "acepta hasta 60"),
        ({"footer": "Va {{1}}"}, "sin variables"),
        ({"examples": []}, "Falta un ejemplo por variable"),
        ({"examples": ["x" * 201]}, "muy largo"),
        ({"sample": SimpleUploadedFile("a.pdf", b"hola")}, "tiene que ser un PDF"),
        ({"sample": SimpleUploadedFile("a.pdf", b"")}, "está vacío"),
        ({"sample": SimpleUploadedFile("a.pdf", b"%PDF-1.7\n" + b"0" * 5 * 1024 * 1024)}, "más de 5 MB"),
    ],
)
def test_what_is_refused_is_told_and_what_was_typed_stays(
    people: Cast, ana: Client, meta: SimulatorProcess, given: dict[str, Any], said: str
) -> None:
    connect(people.company)
    meta.control("account", blocked_names={"vieja": 4102444800.0})
    answer = ana.post(SUBMIT, {**GIVEN, "footer": "Pie de Oeste"} | given)
    assert said in words(answer)
    if "footer" not in given:
        assert 'value="Pie de Oeste"' in answer.content.decode()
    assert not WhatsAppTemplate.objects.exists()
    assert len(meta.get("/control/state")["templates"]) == 1


def test_an_example_whose_variable_left_the_text_is_passed_over(
    people: Cast, ana: Client, meta: SimulatorProcess
) -> None:
    """The page takes it out with the next preview, and whoever sends may be quicker."""
    connect(people.company)
    given = GIVEN | {"examples": ["Factura A 00003-00000042", "Almacén Norte SRL"]}
    assert "está en Meta" in words(ana.post(SUBMIT, given, follow=True))
    [kept] = [one for one in meta.get("/control/state")["templates"] if one["name"] == "oeste"]
    [body] = [one for one in kept["components"] if one["type"] == "BODY"]
    assert body["example"]["body_text"] == [["Factura A 00003-00000042"]]


@pytest.mark.parametrize("fault", ["json_500", "html_500", "cut", "half", "rate_limited", "slow"])
@pytest.mark.parametrize("where", ["uploads", "message_templates"])
def test_trouble_at_meta_loses_nothing(
    people: Cast, ana: Client, meta: SimulatorProcess, fault: str, where: str
) -> None:
    connect(people.company)
    meta.control("fault", kind=fault, where=where, method="POST")
    own = SimpleUploadedFile("mio.pdf", b"%PDF-1.7\n%%EOF\n")
    answer = ana.post(SUBMIT, GIVEN | {"sample": own}, follow=True)
    if fault == "slow":
        assert "está en Meta" in words(answer)
        return
    assert "Probar de nuevo" in trouble(answer)
    assert "Ante cualquier duda respondé por acá." in answer.content.decode()
    assert "Elegí el archivo otra vez" in words(answer)
    assert "está en Meta" in words(ana.post(SUBMIT, GIVEN, follow=True))


def test_own_sample_goes_to_meta(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    own = SimpleUploadedFile("mio.pdf", b"%PDF-1.7\n%%EOF\n")
    assert "está en Meta" in words(ana.post(SUBMIT, GIVEN | {"sample": own}, follow=True))
    neutral = ana.get(f"{URL}ejemplo.pdf")
    assert (neutral["Content-Type"], neutral.content[:5]) == ("application/pdf", b"%PDF-")


def test_without_account_or_app_it_says_which_step_comes_first(people: Cast, ana: Client) -> None:
    assert "Hacé primero el paso 2" in trouble(ana.post(SUBMIT, GIVEN))
    assert "Hacé primero el paso 2" in trouble(ana.post(READ))


def test_those_of_the_account_are_read_and_told_which_fit(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    meta.control("templates", **OTHER)
    no_header = [{"type": "BODY", "text": "Hola, gracias por tu compra."}]
    meta.control("templates", name="saludo", category="MARKETING", components=no_header)
    answer = ana.post(READ, follow=True)
    said = words(answer)
    assert "3 plantillas" in said
    assert "no lleva un documento arriba" in said
    assert "Es de marketing" in said
    assert "Sale con ella: Todos los comprobantes" in said
    # one that works is there: writing another isn't the first thing
    assert '<details class="new-template" id="otra">' in answer.content.decode()
    meta.control("fault", kind="json_500", where="message_templates")
    assert "Probar de nuevo" in trouble(ana.post(READ))


def test_kinds_are_chosen_for_a_template_with_what_fills_it(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    meta.control("templates", **OTHER)
    ana.post(READ)
    row = WhatsAppTemplate.objects.get(name="con_dos")
    use = f"{URL}{row.pk}/usar/"
    page = ana.get(use).content.decode()
    assert 'name="parameters" value="{{comprobante}}"' in page
    given = {"kinds": ["quote", "payment_order"], "parameters": ["{{contacto}}", "{{comprobante}}"]}
    said = words(ana.post(use, given, follow=True))
    assert "desde ahora con «con_dos»" in said
    assert "Sale con ella: Órdenes de pago, Presupuestos" in said or "Sale con ella: Presupuestos" in said
    policies = DeliveryPolicy.objects.filter(company=people.company, template_name="con_dos")
    assert {p.kind: p.template_parameters for p in policies} == dict.fromkeys(given["kinds"], given["parameters"])
    assert AuditEntry.objects.filter(event="policy.changed").count() == 2
    assert "No cambiaste nada" in words(ana.post(use, given, follow=True))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kinds": [], "parameters": ["a", "b"]}, "al menos un tipo"),
        ({"kinds": ["nada"], "parameters": ["a", "b"]}, "no existe"),
        ({"kinds": ["quote"], "parameters": ["a"]}, "2 variables y la configuración llena 1"),
        ({"kinds": ["quote"], "parameters": ["{{totl}}", "b"]}, "¿Quisiste poner {{total}}?"),
        ({"kinds": ["quote"], "parameters": ["", "b"]}, "falta el texto"),
    ],
)
def test_what_does_not_fit_changes_no_kind(
    people: Cast, ana: Client, meta: SimulatorProcess, given: dict[str, Any], said: str
) -> None:
    connect(people.company)
    meta.control("templates", **OTHER)
    ana.post(READ)
    row = WhatsAppTemplate.objects.get(name="con_dos")
    assert said in words(ana.post(f"{URL}{row.pk}/usar/", given))
    assert not DeliveryPolicy.objects.filter(template_name="con_dos").exists()


def test_one_in_review_is_chosen_for_nothing(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    ana.post(SUBMIT, GIVEN)
    row = WhatsAppTemplate.objects.get(name="oeste")
    answer = ana.post(f"{URL}{row.pk}/usar/", {"kinds": ["quote"], "parameters": ["{{total}}"]}, follow=True)
    assert "esperar a que Meta la apruebe" in words(answer)
    assert not DeliveryPolicy.objects.filter(template_name="oeste").exists()


def test_a_stranger_sees_and_uses_no_template_of_others(
    people: Cast, ana: Client, carla: Client, meta: SimulatorProcess
) -> None:
    connect(people.company)
    ana.post(READ)
    row = WhatsAppTemplate.objects.get(name="comprobantes")
    assert "comprobantes es_AR" not in words(carla.get(URL))
    assert "Aprobada" not in words(carla.get(STATE))
    for path in (f"{URL}{row.pk}/usar/", f"{URL}?corregir={row.pk}"):
        assert carla.get(path).status_code == 404
    assert carla.post(f"{URL}{row.pk}/usar/", {"kinds": ["quote"], "parameters": ["x"]}).status_code == 404


def test_who_only_sees_acts_on_nothing(people: Cast, ana: Client, beto: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    ana.post(READ)
    row = WhatsAppTemplate.objects.get(name="comprobantes")
    grant(people.company, (Page.PARAMETERS, Action.VIEW))
    page = words(beto.get(URL))
    assert "Aprobada" in page
    assert "Mandar a revisión" not in page
    for path in (SUBMIT, READ, f"{URL}{row.pk}/usar/"):
        assert beto.post(path, GIVEN).status_code == 403
    # what goes with it is of the configurations too
    grant(people.company, (Page.PARAMETERS, Action.VIEW), (Page.PARAMETERS, Action.CONFIGURE))
    assert beto.get(f"{URL}{row.pk}/usar/").status_code == 403
    grant(people.company)
    for path in (URL, STATE, f"{URL}ejemplo.pdf"):
        assert beto.get(path).status_code == 403
    assert beto.post(PREVIEW, GIVEN).status_code == 403
