from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from acuse.companies.models import RoleGrant
from acuse.companies.permissions.pages import Action
from acuse.deliveries.figures import counting
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.states import LEFT, State
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.web.home.views import HIDDEN_COOKIE
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put, suspend


def scene(people: Cast) -> list[Delivery]:
    """Eight deliveries, one a state, of two kinds; a voucher without contact, one without CAE."""
    make_whatsapp(people.company)
    customer = make_party(people.company)
    make_contact(customer)
    supplier = make_party(people.company, kind="supplier", name="Aceros SA")
    make_contact(supplier, mobile="+5493415550177")
    day = timezone.localdate()
    vouchers = [make_voucher(people.company, customer, number=n, issued_on=day) for n in range(1, 7)]
    vouchers += [
        make_voucher(people.company, supplier, number=n, kind=VoucherKind.PAYMENT_ORDER, issued_on=day) for n in (1, 2)
    ]
    rows = ask(vouchers)
    for row, state in zip(rows, State, strict=True):
        put(row, state, sent_at=clock.now() if state in LEFT else None)
    alone = make_party(people.company, name="Kiosco sin nadie")
    make_voucher(people.company, alone, number=50, issued_on=day)
    make_voucher(people.company, customer, number=51, cae="", content=None, issued_on=day)
    counting.refresh()
    return rows


def figures(page: Any) -> dict[str, Any]:
    return {figure.word: figure for figure in page.context["waiting"]}


def test_what_waits_is_counted_and_each_number_leads_to_its_rows(people: Cast, ana: Client) -> None:
    rows = scene(people)
    stuck = next(row for row in rows if row.state == State.SENT)
    put(stuck, State.SENT, sent_at=clock.now() - timedelta(hours=25))
    suspend(rows[0])
    InboundMessage.objects.create(
        company=people.company, lane=stuck.lane, provider_id="w1", sender="549341", type="text", text="Gracias",
        at=clock.now(), raw={},
    )  # fmt: skip
    found = figures(ana.get("/"))
    counted = {word: figure.count.number for word, figure in found.items()}
    assert counted == {
        "No se entregaron": 1, "Sin confirmar": 1, "Enviados y sin entregar": 1, "En pausa": 1,
        "Mensajes recibidos": 1, "Sin contacto": 1, "Falta el CAE": 1,
    }  # fmt: skip
    for figure in found.values():
        for url in [figure.url, *(lead.url for lead in figure.leads)]:
            if "?" in url:
                assert ana.get(url).context["grid"].count.number == 1, url
    assert len(ana.get("/envios/").context["held"]) == 1
    assert ana.get(found["Mensajes recibidos"].url).status_code == 200


def test_the_numbers_are_of_the_kinds_that_one_may_see(people: Cast, beto: Client) -> None:
    scene(people)
    RoleGrant.objects.filter(page="sales_invoice", action="view", role__memberships__user=people.beto).delete()
    page = beto.get("/")
    assert figures(page)["Sin confirmar"].count.number == 1
    assert figures(page)["Sin contacto"].count.number == 0
    assert page.context["overview"].funnel.rows[0].value == "2"
    assert beto.get(figures(page)["Sin confirmar"].url).context["grid"].count.number == 1


def test_who_can_only_look_isnt_told_to_do_what_they_cant(people: Cast, ana: Client, beto: Client) -> None:
    scene(people)
    told = {word: figure.text for word, figure in figures(ana.get("/")).items()}
    assert "reenvialos" in told["No se entregaron"]
    assert "Decidí" in told["Sin confirmar"]
    assert "cargá" in told["Sin contacto"]
    RoleGrant.objects.filter(role__memberships__user=people.beto).exclude(action="view").delete()
    told = {word: figure.text for word, figure in figures(beto.get("/")).items()}
    assert told["No se entregaron"] == "Cada uno dice la causa."
    assert told["Sin confirmar"] == "Salieron y nadie respondió: no se sabe si llegaron."
    assert told["Sin contacto"] == "No hay a quién enviarles: falta un celular o un correo."


def test_another_company_sees_nothing_of_it(people: Cast, carla: Client) -> None:
    scene(people)
    page = carla.get("/")
    assert all(figure.count.number == 0 for figure in page.context["waiting"])
    assert "Nada espera." in page.content.decode()
    assert "No se pidió ningún envío este mes." in page.content.decode()


@pytest.mark.parametrize("period", ["today", "this_month", "", "otra cosa"])
def test_each_step_of_the_funnel_leads_to_as_many_rows(people: Cast, ana: Client, period: str) -> None:
    scene(people)
    rows = ana.get("/", {"periodo": period}).context["overview"].funnel.rows
    assert [(row.label, row.value) for row in rows] == [
        ("Pedidos", "8"), ("Enviados", "3"), ("Entregados", "2"), ("Leídos", "1"), ("Fallidos", "1"),
    ]  # fmt: skip
    for row in rows:
        assert ana.get(row.url).context["grid"].count.text == row.value, row.label


def test_the_kinds_and_the_days_lead_to_their_rows(people: Cast, ana: Client) -> None:
    scene(people)
    overview = ana.get("/").context["overview"]
    assert [(row.label, row.value) for row in overview.kinds.rows] == [
        ("Facturas de venta", "6"),
        ("Órdenes de pago", "2"),
    ]
    for row in overview.kinds.rows:
        assert ana.get(row.url).context["grid"].count.text == row.value
    last = overview.days.bars[-1]
    assert (last.total, sum(bar.total for bar in overview.days.bars)) == (8, 8)
    assert ana.get(last.url).context["grid"].count.number == 8


def test_last_month_and_an_empty_one(people: Cast, ana: Client) -> None:
    scene(people)
    page = ana.get("/", {"periodo": "last_month"}).content.decode()
    assert "No se pidió ningún envío el mes pasado." in page


def test_the_charts_say_what_they_show_and_have_a_table(people: Cast, ana: Client) -> None:
    scene(people)
    page = ana.get("/").content.decode()
    assert re.search(r"Este mes se pidieron 8: 3 salieron, 2 se entregaron y 1 se leyó\.", page)
    assert "1 no se entregó, 1 está sin confirmar, 2 están en cola y 1 se canceló." in page
    assert "<desc" in page
    assert "Ver la tabla" in page
    assert "Sin tarifa cargada" in page


def test_without_the_right_to_see_deliveries_there_are_no_charts(people: Cast, beto: Client) -> None:
    scene(people)
    RoleGrant.objects.filter(page="deliveries", role__memberships__user=people.beto).delete()
    page = beto.get("/")
    assert page.context["overview"] is None
    assert set(figures(page)) == {"Sin contacto", "Falta el CAE"}


def test_without_any_right_one_still_gets_in(people: Cast, beto: Client) -> None:
    RoleGrant.objects.filter(role__memberships__user=people.beto).delete()
    page = beto.get("/")
    assert page.status_code == 200
    assert page.context["waiting"] == []


def test_when_nobody_sends_what_is_asked_the_page_says_so(people: Cast, ana: Client) -> None:
    assert "Nadie está enviando" not in ana.get("/").content.decode()
    scene(people)
    assert "Nadie está enviando" in ana.get("/").content.decode()


def steps(page: Any) -> dict[str, bool]:
    return {step.title: step.done for step in page.context["steps"].steps} if page.context["steps"] else {}


def test_the_first_steps_are_ticked_as_they_are_done(people: Cast, ana: Client) -> None:
    assert steps(ana.get("/")) == {
        "Los datos de la empresa": False, "Conectar WhatsApp o un correo": False, "Un cliente con su contacto": False,
        "Qué dice cada mensaje": False, "El primer comprobante": False, "El primer envío": False, "Alguien más": True,
        "Ingresar en dos pasos": False,
    }  # fmt: skip
    scene(people)
    after = steps(ana.get("/"))
    assert [title for title, done in after.items() if not done] == [
        "Los datos de la empresa", "Qué dice cada mensaje", "Ingresar en dos pasos",
    ]  # fmt: skip


def test_each_step_leads_to_a_page_that_opens(people: Cast, ana: Client) -> None:
    people.ana.is_installation_admin = True
    people.ana.save()
    found = ana.get("/").context["steps"].steps
    assert len(found) == 10
    for step in found:
        assert ana.get(step.url, follow=True).status_code == 200, step.title


def test_a_role_that_only_looks_has_no_steps(people: Cast, beto: Client) -> None:
    assert steps(beto.get("/")) == {}


def test_a_role_sees_the_steps_that_it_may_do(people: Cast, beto: Client) -> None:
    role = people.beto.memberships.get().roles.get()
    RoleGrant.objects.create(role=role, page="customers", action=Action.CREATE.value)
    assert list(steps(beto.get("/"))) == ["Un cliente con su contacto"]


def test_the_steps_can_be_hidden_once_nothing_needed_is_missing(people: Cast, ana: Client, beto: Client) -> None:
    role = people.beto.memberships.get().roles.get()
    for page, action in (("customers", Action.CREATE), ("users", Action.CREATE), ("users", Action.EDIT)):
        RoleGrant.objects.create(role=role, page=page, action=action.value)
    beto.post("/primeros-pasos/ocultar/")
    assert HIDDEN_COOKIE not in beto.cookies, "something needed is missing"
    make_contact(make_party(people.company))
    assert "Ocultar" in beto.get("/").content.decode()
    beto.post("/primeros-pasos/ocultar/")
    assert steps(beto.get("/")) == {}
    assert steps(ana.get("/")), "another person's stay"


def test_a_cookie_of_somebody_else_hides_nothing(people: Cast, ana: Client) -> None:
    ana.cookies[HIDDEN_COOKIE] = f"{uuid4()}.{people.company.pk}"
    assert steps(ana.get("/"))
