"""Administración > Configuraciones de envío de comprobantes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from acuse.channels import accounts
from acuse.channels.models import Lane, WhatsAppAccount
from acuse.companies import services as companies
from acuse.companies.models import AuditEntry, Company, RoleGrant
from acuse.deliveries import wishes
from acuse.deliveries.models import Delivery, DeliveryPolicy
from acuse.deliveries.policies import services as policies
from acuse.directory.models import CustomerClass
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask

URL = "/administracion/configuraciones/"
INVOICES = f"{URL}sales_invoice/"
PREVIEW = f"{INVOICES}vista-previa/"
GIVEN: dict[str, Any] = {
    "enabled": "on", "channels": ["email", "whatsapp"], "every_channel": "all", "subject": "{{comprobante}}",
    "body": "Hola {{contacto}}:\r\n\r\nVa {{comprobante}}.", "template": "facturas", "template_language": "es_AR",
    "template_parameters": ["{{contacto}}", "{{total}}"], "file_name": "{{numero}}.pdf",
}  # fmt: skip


def policy_of(people: Cast, kind: VoucherKind = VoucherKind.SALES_INVOICE) -> DeliveryPolicy:
    return DeliveryPolicy.objects.get(company=people.company, kind=kind.value)


def words_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def preview_of(client: Client, **given: Any) -> str:
    return words_of(client.post(PREVIEW, GIVEN | given, headers={"HX-Request": "true"}).content.decode())


def test_the_seven_kinds_are_listed_in_words(people: Cast, ana: Client) -> None:
    chosen = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    policy = policy_of(people)
    policy.segment.add(chosen)
    DeliveryPolicy.objects.filter(pk=policy.pk).update(segment_unclassified=True, channels_mode="all")
    page = words_of(ana.get(URL).content.decode())
    assert "Configuraciones de E-mails de Envío de Comprobantes" in page
    for kind in VoucherKind:
        assert kind.plural in page
    assert "Mayoristas, (sin clase)" in page
    assert "WhatsApp y correo" in page
    assert "A proveedores y bancos no se los filtra." in page


def test_the_page_says_what_of_the_mails_texts_the_template_takes_along(people: Cast, ana: Client) -> None:
    ana.post(INVOICES, GIVEN)
    told = "<strong>Así como está:</strong> La plantilla «facturas» no lleva ni el Asunto ni el Cuerpo"
    page = ana.get(INVOICES).content.decode()
    assert f'<p id="carried" class="trial">{told}' in page
    assert page.count('id="carried"') == 1
    filled = GIVEN | {"template_parameters": ["{{contacto}}", "{{asunto}}"]}
    # while it is written, and without JavaScript
    answer = ana.post(PREVIEW, filled, headers={"HX-Request": "true"}).content.decode()
    assert '<p id="carried" class="trial" hx-swap-oob="true">' in answer
    page = ana.post(PREVIEW, filled).content.decode()
    for text in (answer, page):
        assert "La plantilla «facturas» lleva el Asunto en {{2}}, en una sola línea" in words_of(text)
    assert page.count('id="carried"') == 1


def test_what_is_saved_is_what_was_written(people: Cast, ana: Client) -> None:
    chosen = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    answer = ana.post(INVOICES, GIVEN | {"classes": [str(chosen.pk), "none"]}, follow=True)
    policy = policy_of(people)
    assert (policy.subject, policy.channels, policy.channels_mode) == ("{{comprobante}}", ["email", "whatsapp"], "all")
    assert policy.body == "Hola {{contacto}}:\n\nVa {{comprobante}}."
    assert (policy.template_name, policy.template_parameters) == ("facturas", ["{{contacto}}", "{{total}}"])
    assert (list(policy.segment.all()), policy.segment_unclassified) == ([chosen], True)
    said = words_of(answer.content.decode())
    assert "Guardado: Asunto, Cuerpo, Por cuáles sale, Canales, Clases de cliente, Plantilla, Variables" in said
    entry = AuditEntry.objects.get(event="policy.changed")
    assert (entry.target, entry.actor) == ("sales_invoice", "user:ana@oeste.example")
    before, after = entry.detail["before"], entry.detail["after"]
    assert before.keys() == after.keys()
    assert after["body"] == policy.body, "a text that is lost can be told again"
    assert before["body"] not in ("", after["body"])
    assert (before["classes"], after["classes"]) == ([], [chosen.name])
    assert "template_parameters" in after
    assert "enabled" not in after


def test_what_a_change_may_have_freed_is_told_until_a_worker_looked_at_it(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    DeliveryPolicy.objects.filter(pk=policy_of(people).pk).update(enabled=False)
    party = make_party(people.company)
    make_contact(party)
    for number in (1, 2):
        make_voucher(people.company, party, number=number)
    Voucher.objects.update(wish={"when": "now", "by": "key:erp", "origin": "api"})
    said = "Hay 2 comprobantes que esperaban: los que ya puedan salir, salen solos."
    assert said not in words_of(ana.get(URL).content.decode())
    page = words_of(ana.post(INVOICES, GIVEN, follow=True).content.decode())
    assert said in page
    assert "Se revisan cuando arranque un proceso de envío" in page
    for url in (URL, "/administracion/parametros/"):
        assert said in words_of(ana.get(url).content.decode()), url
    assert not Delivery.objects.exists()
    wishes.look(people.company.pk)
    assert Delivery.objects.count() == 2
    assert said not in words_of(ana.get(URL).content.decode())


def test_saving_what_is_there_is_no_change(people: Cast, ana: Client) -> None:
    ana.post(INVOICES, GIVEN)
    said = words_of(ana.post(INVOICES, GIVEN, follow=True).content.decode())
    assert "No cambiaste nada." in said
    assert AuditEntry.objects.filter(event="policy.changed").count() == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"subject": "{{comprovante}}"}, "¿Quisiste poner {{comprobante}}?"),
        ({"body": "{{Número}}"}, "¿Quisiste poner {{numero}}?"),
        ({"body": "{{cliente}"}, "llaves sueltas"),
        ({"subject": ""}, "Asunto : Falta el texto."),
        ({"subject": "x" * 201}, "el máximo es 200"),
        ({"channels": []}, "al menos un canal"),
        ({"channels": ["paloma"]}, "Elegí entre los canales"),
        ({"template": "Mi Plantilla"}, "minúsculas sin acentos"),
        ({"template_language": "castellano"}, "es_AR"),
        ({"template_parameters": ["{{total}}", " ", "x"]}, "En {{2}}: falta el texto"),
        ({"template_parameters": ["uno\ndos"]}, "no acepta saltos de línea"),
        ({"template_parameters": ["uno     dos"]}, "cuatro espacios"),
        ({"template_parameters": ["{{asuntos}}"]}, "¿Quisiste poner {{asunto}}?"),
        ({"file_name": 'a/b:"c".pdf'}, "no puede tener"),
        ({"file_name": "{{asunto}}"}, "No existe la variable {{asunto}}"),
        ({"classes": ["999999"]}, "Clases de cliente"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(people: Cast, ana: Client, given: Any, words: str) -> None:
    page = ana.post(INVOICES, GIVEN | given).content.decode()
    alert = words_of(page.split('role="alert"', 1)[1].split("</div>", 1)[0]).replace("&quot;", '"')
    assert words in alert
    assert not AuditEntry.objects.filter(event="policy.changed").exists()


def test_a_kind_that_is_off_needs_no_channel(people: Cast, ana: Client) -> None:
    given = {**GIVEN, "channels": []}
    del given["enabled"]
    ana.post(INVOICES, given)
    assert not policy_of(people).enabled


def test_subject_and_body_may_travel_in_a_variable_of_the_template(people: Cast, ana: Client) -> None:
    ana.post(INVOICES, GIVEN | {"template_parameters": ["{{asunto}}", "{{cuerpo}}"]})
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    [delivery] = ask([make_voucher(people.company, party)])
    assert [p["text"] for p in delivery.content["template"]["parameters"]] == [
        "Factura A 00003-00000042", "Hola Compras: Va Factura A 00003-00000042.",
    ]  # fmt: skip


def test_switching_automatic_on_begins_now_and_explains_a_missing_service(people: Cast, ana: Client) -> None:
    assert "no está activado para tu empresa" in ana.get(INVOICES).content.decode()
    ana.post(INVOICES, GIVEN | {"automatic": "on"})
    policy = policy_of(people)
    assert policy.automatic
    assert policy.automatic_since is not None
    assert "falta el servicio" in ana.get(URL).content.decode()
    ana.post(INVOICES, GIVEN)
    assert policy_of(people).automatic_since is None
    companies.set_automatic_service(company=people.company, active=True, actor="test")
    assert "no está activado para tu empresa" not in ana.get(INVOICES).content.decode()


def test_what_is_in_the_queue_stays_as_it_was_asked(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    [delivery] = ask([make_voucher(people.company, party)])
    ana.post(INVOICES, GIVEN)
    ana.post(f"{INVOICES}fabrica/")
    kept = Delivery.objects.get()
    assert (kept.content, kept.file_name, kept.state) == (delivery.content, delivery.file_name, delivery.state)


def test_suppliers_have_no_segment(people: Cast, ana: Client) -> None:
    chosen = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    page = ana.get(f"{URL}payment_order/").content.decode()
    assert "A proveedores y bancos no se los filtra" in page
    assert "(sin clase)" not in page
    ana.post(f"{URL}payment_order/", GIVEN | {"classes": [str(chosen.pk)]})
    assert not policy_of(people, VoucherKind.PAYMENT_ORDER).segment.exists()


def test_a_class_of_another_company_cannot_be_chosen(people: Cast, ana: Client) -> None:
    theirs = CustomerClass.objects.create(company=people.other_company, name="Ajena")
    page = ana.post(INVOICES, GIVEN | {"classes": [str(theirs.pk)]}).content.decode()
    assert "Ajena" not in page
    assert not policy_of(people).segment.exists()


def test_the_preview_shows_the_newest_voucher_and_changes_nothing(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    make_contact(party, email="compras@norte.example")
    make_voucher(people.company, party, number=41)
    make_voucher(people.company, party, number=42)
    before = list(DeliveryPolicy.objects.values())
    shown = preview_of(ana, body="Querida {{contacto}}, debés {{total}}.")
    assert "Factura A 00003-00000042 , de Almacén Norte SRL, para Compras" in shown
    assert "Querida Compras, debés $ 12.100,00." in shown
    assert "00003-00000042.pdf" in shown
    assert "compras@norte.example" in shown
    assert shown.index("Correo") < shown.index("WhatsApp")
    assert list(DeliveryPolicy.objects.values()) == before
    assert not Delivery.objects.exists()


def test_any_voucher_of_the_kind_may_be_chosen_and_is_found_by_search(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    old = make_voucher(people.company, party, number=41)
    make_voucher(people.company, party, number=42)
    assert "Factura A 00003-00000041 , de" in preview_of(ana, voucher=str(old.pk))
    found = ana.get(f"{INVOICES}comprobantes/", {"q": "41"}).json()["results"]
    assert found == [{"id": str(old.pk), "text": "Factura A 00003-00000041", "note": "Almacén Norte SRL"}]
    for odd in ("nada", "00000000-0000-0000-0000-000000000000"):
        assert "Factura A 00003-00000042 , de" in preview_of(ana, voucher=odd)


def test_without_a_voucher_the_preview_says_that_it_is_made_up(ana: Client) -> None:
    shown = preview_of(ana)
    assert "Comprobante de ejemplo:" in shown
    assert "todavía no hay ninguno de este tipo" in shown
    assert "Factura A 00003-00000042" in shown


def test_a_wrong_variable_hides_nothing_else_and_is_told_beside_its_field(ana: Client) -> None:
    given = {
        "subject": "Lo de {{clente}}", "body": "Va {{comprobante}}.", "file_name": "{{nro}}.pdf",
        "template_parameters": ["{{comprobante}}", "{{totl}}"],
    }  # fmt: skip
    html = ana.post(PREVIEW, GIVEN | given, headers={"HX-Request": "true"}).content.decode()
    beside = dict(re.findall(r'<div id="problem-(\w+)" class="live-problem" hx-swap-oob="true">(.*?)</div>', html))
    assert {field: "No existe la variable" in told for field, told in beside.items()} == {
        "subject": True, "body": False, "file_name": True, "template_parameters": True,
    }  # fmt: skip
    shown = words_of(html)
    assert "Así no se puede guardar" in shown
    assert "¿Quisiste poner {{cliente}}?" in shown
    assert "Va Factura A 00003-00000042." in shown
    assert "Lo de {\u2060{clente}}" in shown
    # the WhatsApp, whose template takes neither subject nor body
    assert "Factura A 00003-00000042 {\u2060{totl}}" in shown


def test_without_javascript_the_page_comes_back_with_what_was_typed(people: Cast, ana: Client) -> None:
    given = GIVEN | {"subject": "Lo mío {{total}}", "move": "whatsapp:up"}
    page = ana.post(PREVIEW, given).content.decode()
    assert 'value="Lo mío {{total}}"' in page
    assert re.findall(r'name="channels" value="(\w+)"', page) == ["whatsapp", "email"]
    assert policy_of(people).subject != "Lo mío {{total}}"


def test_a_script_in_a_text_is_shown_as_text(ana: Client) -> None:
    html = ana.post(PREVIEW, GIVEN | {"body": "<script>x()</script>"}, headers={"HX-Request": "true"}).content.decode()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_copying_brings_the_message_and_leaves_the_switches(people: Cast, ana: Client) -> None:
    ana.post(INVOICES, GIVEN | {"automatic": "on"})
    assert (
        "Habilitado, Envío Automático y el número por el que sale quedan como están"
        in ana.get(f"{URL}quote/copiar/").content.decode()
    )
    ana.post(f"{URL}quote/copiar/", {"source": "sales_invoice"})
    copied = policy_of(people, VoucherKind.QUOTE)
    assert (copied.template_name, copied.file_name, copied.automatic) == ("facturas", "{{numero}}.pdf", False)
    assert ana.post(f"{URL}quote/copiar/", {"source": "quote"}).status_code == 422


def test_copying_a_segment_stays_among_customers(people: Cast) -> None:
    chosen = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    policy_of(people).segment.add(chosen)
    for target, kept in ((VoucherKind.RECEIPT, [chosen]), (VoucherKind.PAYMENT_ORDER, [])):
        policies.copy(company=people.company, source=VoucherKind.SALES_INVOICE, target=target, actor="test")
        assert list(policy_of(people, target).segment.all()) == kept


def test_back_to_the_factory_asks_and_then_does(people: Cast, ana: Client) -> None:
    ana.post(INVOICES, GIVEN | {"automatic": "on", "classes": ["none"]})
    assert "se pierde" in ana.get(f"{INVOICES}fabrica/").content.decode()
    assert policy_of(people).automatic
    ana.post(f"{INVOICES}fabrica/")
    policy = policy_of(people)
    assert policies.values_of(policy) == policies.factory_values()
    assert policy.template_parameters == ["{{comprobante}}"]


def test_another_company_sees_and_changes_only_its_own(people: Cast, carla: Client) -> None:
    make_voucher(people.company, make_party(people.company))
    ours = make_voucher(people.company, make_party(people.company, name="Otro"), number=50)
    CustomerClass.objects.create(company=people.company, name="Mayoristas")
    page = carla.get(INVOICES).content.decode()
    assert "Mayoristas" not in page
    assert "Almacén Norte" not in page
    assert "ejemplo" in preview_of(carla, voucher=str(ours.pk))
    assert carla.get(f"{INVOICES}comprobantes/").json() == {"results": []}
    carla.post(INVOICES, GIVEN)
    assert policy_of(people).template_name == "comprobantes"
    assert DeliveryPolicy.objects.get(company=people.other_company, kind="sales_invoice").template_name == "facturas"


def test_a_role_that_only_sees_reads_it_and_changes_nothing(people: Cast, beto: Client) -> None:
    make_voucher(people.company, make_party(people.company))
    page = beto.get(INVOICES).content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    assert "{{comprobante}} de {{empresa}}" in page
    assert "Factura A 00003-00000042" in page
    for word in ("Guardar", "Copiar de otra", "Volver a lo de fábrica", "data-move", "data-add-row", "data-insert"):
        assert word not in page, word
    assert beto.post(INVOICES, GIVEN).status_code == 403
    for path in ("copiar/", "fabrica/"):
        assert beto.get(INVOICES + path).status_code == 403
        assert beto.post(INVOICES + path, {"source": "quote"}).status_code == 403
    assert policy_of(people).template_name == "comprobantes"
    # its preview is of what is saved
    assert "facturas" not in preview_of(beto)


def test_who_may_not_see_the_vouchers_gets_a_made_up_one(people: Cast, beto: Client) -> None:
    make_voucher(people.company, make_party(people.company))
    RoleGrant.objects.filter(role__name="Consulta", page="sales_invoice").delete()
    page = beto.get(INVOICES).content.decode()
    assert "Almacén Norte" not in page
    assert "tu rol no ve estos comprobantes" in page
    assert beto.get(f"{INVOICES}comprobantes/").status_code == 403


def test_without_the_page_in_a_role_there_is_none(people: Cast, beto: Client) -> None:
    RoleGrant.objects.filter(page="policies").delete()
    for path in (URL, INVOICES, f"{INVOICES}comprobantes/"):
        assert beto.get(path).status_code == 403
    assert beto.post(PREVIEW, GIVEN).status_code == 403


def test_with_one_number_there_is_none_to_choose(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    assert "Número por el que sale" not in ana.get(INVOICES).content.decode()


def test_a_kind_leaves_by_the_number_that_was_chosen_and_the_others_by_the_default(people: Cast, ana: Client) -> None:
    default, own = make_whatsapp(people.company), further_number(people.company)
    page = words_of(ana.get(INVOICES).content.decode())
    assert f"El principal ({default.name})" in page
    said = words_of(ana.post(INVOICES, GIVEN | {"number": str(own.pk)}, follow=True).content.decode())
    assert "Número por el que sale" in said
    assert f"por {own.name}" in words_of(ana.get(URL).content.decode())
    party = make_party(people.company)
    make_contact(party)
    quote = make_voucher(people.company, party, kind=VoucherKind.QUOTE)
    assert [d.lane_id for d in ask([make_voucher(people.company, party), quote])] == [own.pk, default.pk]
    # what another page saves leaves it as it is
    policies.copy(company=people.company, source=VoucherKind.QUOTE, target=VoucherKind.SALES_INVOICE, actor="test")
    assert policy_of(people).number_id == own.pk
    ana.post(INVOICES, GIVEN | {"number": ""})
    assert policy_of(people).number_id is None


def test_a_number_of_another_company_or_no_number_is_refused(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    further_number(people.company)
    theirs = make_whatsapp(people.other_company, phone_number_id="777")
    mail = make_mailbox(people.company, "smtp://127.0.0.1:25")
    for wrong in (theirs.pk, mail.pk, 999999, "../1"):
        page = ana.post(INVOICES, GIVEN | {"number": str(wrong)}).content.decode()
        assert 'role="alert"' in page, wrong
        assert theirs.name not in page
        assert policy_of(people).number_id is None
    for lane in (theirs, mail):
        values = replace(policies.values_of(policy_of(people)), number=lane.pk)
        with pytest.raises(policies.PolicyError, match="Ese número ya no está"):
            policies.change(company=people.company, kind=VoucherKind.SALES_INVOICE, values=values, actor="test")


def further_number(company: Company) -> Lane:
    account = WhatsAppAccount.objects.get(company=company)
    return accounts.add_number(account, phone_number_id="555000111", default=False, actor="test").lane
