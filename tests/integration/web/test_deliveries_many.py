"""What is done to many deliveries at once."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from acuse.companies.models import AuditEntry, RoleGrant
from acuse.companies.permissions.pages import Action
from acuse.deliveries.figures.rates import save_rate
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.web.deliveries import bulk
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put, suspend


@pytest.fixture
def rows(people: Cast) -> list[Delivery]:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    return ask([make_voucher(people.company, party, number=n) for n in range(1, 7)])


def ids(rows: list[Delivery]) -> dict[str, Any]:
    return {"id": [str(row.pk) for row in rows]}


def states() -> Counter[str]:
    return Counter(Delivery.objects.values_list("state", flat=True))


def test_the_question_says_how_many_can_and_why_the_others_cant(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.READ)
    put(rows[1], State.SENDING)
    page = ana.get("/envios/varios/cancelar/", ids(rows))
    text = page.content.decode()
    assert "¿Cancelar 4 envíos?" in text
    assert dict(page.context["refused"]) == {"Están en otro estado: leído.": 1, "Están en otro estado: enviando.": 1}
    assert states()["cancelled"] == 0, "asking does nothing"


def test_many_are_cancelled_and_each_is_in_the_audit(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.READ)
    text = ana.post("/envios/varios/cancelar/", ids(rows)).content.decode()
    assert "5 envíos cancelados." in text
    assert "Están en otro estado: leído." in text
    assert states() == {"read": 1, "cancelled": 5}
    assert AuditEntry.objects.filter(event="delivery.cancelled", actor="user:ana@oeste.example").count() == 5


def test_those_that_failed_go_again_once(ana: Client, rows: list[Delivery]) -> None:
    for row in rows[:3]:
        put(row, State.FAILED)
    assert "3 envíos en cola." in ana.post("/envios/varios/reenviar/", ids(rows[:3])).content.decode()
    assert Delivery.objects.filter(resend_of__in=rows[:3], state="queued").count() == 3
    again = ana.post("/envios/varios/reenviar/", ids(rows[:3])).content.decode()
    assert "0 envíos en cola." in again
    assert "Ya se volvieron a pedir." in again
    assert Delivery.objects.count() == 9


@pytest.mark.parametrize(("act", "state"), [("reenviar", State.FAILED), ("volver-a-enviar", State.UNCERTAIN)])
def test_what_goes_again_says_before_what_it_costs(
    people: Cast, ana: Client, rows: list[Delivery], act: str, state: State
) -> None:
    for row in rows[:3]:
        put(row, state)
    page = ana.get(f"/envios/varios/{act}/", ids(rows))
    assert (page.context["can"], page.context["cost"].text) == (3, "sin tarifa cargada")
    assert "Cargar la tarifa" in page.content.decode()
    save_rate(
        company=people.company, category="utility", market="54", currency="USD", price=Decimal("0.02"),
        valid_from=date(2026, 1, 1), actor="user:ana@oeste.example",
    )  # fmt: skip
    Delivery.objects.filter(pk=rows[2].pk).update(channel="email", to="compras@norte.example")
    page = ana.get(f"/envios/varios/{act}/", ids(rows))
    assert page.context["cost"].text == "US$ 0,04"
    assert [(line.name, line.count) for line in page.context["cost"].lines][-1] == ("Correo", 1)
    assert "cost" not in ana.get("/envios/varios/cancelar/", ids(rows)).context


def test_what_cant_be_sent_any_more_says_why(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.FAILED)
    rows[0].contact.delete()  # type: ignore[union-attr]
    text = ana.post("/envios/varios/reenviar/", ids(rows[:1])).content.decode()
    assert "El contacto ya no existe." in text


def test_what_waits_for_later_goes_now(ana: Client, rows: list[Delivery]) -> None:
    later = clock.now() + timedelta(hours=3)
    Delivery.objects.filter(pk__in=[rows[0].pk, rows[1].pk]).update(due_at=later)
    Delivery.objects.filter(pk=rows[1].pk).update(held=True)
    text = ana.post("/envios/varios/reintentar/", ids(rows[:3])).content.decode()
    assert "1 envío apurado." in text
    assert "Su tanda está en pausa: reanudala y salen." in text
    assert "Ya le toca salir" in text
    rows[0].refresh_from_db()
    assert rows[0].due_at <= clock.now()
    assert AuditEntry.objects.filter(event="delivery.hurried").count() == 1


def test_what_a_suspension_holds_isnt_hurried(ana: Client, rows: list[Delivery]) -> None:
    Delivery.objects.update(due_at=clock.now() + timedelta(hours=3))
    suspend(rows[0])
    assert "Espera a que se reanude" in ana.post("/envios/varios/reintentar/", ids(rows[:1])).content.decode()


@pytest.mark.parametrize(("act", "after"), [("llego", {"sent": 2}), ("volver-a-enviar", {"failed": 2, "queued": 2})])
def test_the_uncertain_ones_are_decided(ana: Client, rows: list[Delivery], act: str, after: dict[str, int]) -> None:
    Delivery.objects.exclude(pk__in=[rows[0].pk, rows[1].pk]).update(state="cancelled")
    for row in rows[:2]:
        put(row, State.UNCERTAIN, started_at=clock.now() - timedelta(hours=2), tries=2)
    Delivery.objects.filter(pk=rows[1].pk).update(cause_text="La respuesta de WhatsApp no se entiende.")
    asked = ana.get(f"/envios/varios/{act}/", ids(rows[:2])).content.decode()
    assert "Lo que se sabe" in asked
    assert asked.count("no hubo respuesta de WhatsApp") == 1
    assert "La respuesta de WhatsApp no se entiende." in asked
    assert "Fueron 2 intentos." in asked
    assert "Quedan como " in asked
    assert "Queda como " in ana.get(f"/envios/varios/{act}/", ids(rows[:1])).content.decode()
    ana.post(f"/envios/varios/{act}/", ids(rows[:2]))
    assert states() == {**after, "cancelled": 4}


def test_a_half_done_decision_leaves_nothing_behind(ana: Client, rows: list[Delivery]) -> None:
    """It can't be asked again, so it isn't settled as not arrived either."""
    put(rows[0], State.UNCERTAIN)
    rows[0].contact.delete()  # type: ignore[union-attr]
    assert "El contacto ya no existe." in ana.post("/envios/varios/volver-a-enviar/", ids(rows[:1])).content.decode()
    rows[0].refresh_from_db()
    assert rows[0].state == State.UNCERTAIN


def test_all_that_match_are_taken_without_travelling(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.READ)
    page = ana.get("/envios/varios/cancelar/", {"all": "1", "filtros": "state=queued"})
    assert page.context["can"] == 5
    given = {
        "all": "1", "filtros": "state=queued", "as_of": page.context["as_of"], "company": str(rows[0].company_id),
    }  # fmt: skip
    late = ask([make_voucher(rows[0].company, rows[0].voucher.party, number=99)])
    assert "5 envíos cancelados." in ana.post("/envios/varios/cancelar/", given).content.decode()
    late[0].refresh_from_db()
    assert late[0].state == State.QUEUED, "it came after the question"


def test_filters_that_arent_understood_choose_nothing(ana: Client, rows: list[Delivery]) -> None:
    page = ana.get("/envios/varios/cancelar/", {"all": "1", "filtros": "state=perdido"})
    assert page.context["can"] == 0


def test_it_goes_slice_by_slice_and_forgets_none(
    ana: Client, rows: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_SLICE", 2)
    monkeypatch.setattr(bulk, "_BUDGET", 0.0)
    put(rows[3], State.READ)
    given: dict[str, Any] = {"all": "1", "filtros": "", "company": str(rows[0].company_id)}
    seen = []
    for _ in range(50):
        page = ana.post("/envios/varios/cancelar/", given)
        progress = page.context["progress"]
        seen.append(progress.seen)
        if not page.context["more"]:
            break
        given = {**given, "as_of": page.context["as_of"], "progress": page.context["sealed"]}
        monkeypatch.setattr(bulk, "_BUDGET", 0.001)
    assert seen == sorted(seen)
    assert states() == {"read": 1, "cancelled": 5}
    assert "5 envíos cancelados." in page.content.decode()


def test_who_tells_another_progress_is_not_believed(ana: Client, rows: list[Delivery]) -> None:
    assert ana.post("/envios/varios/cancelar/", {**ids(rows), "progress": "W10:x:y"}).status_code == 404


def test_kinds_that_one_may_see_but_not_send_are_left(people: Cast, beto: Client, rows: list[Delivery]) -> None:
    supplier = make_party(people.company, kind="supplier", name="Aceros SA")
    make_contact(supplier, mobile="+5493415550177")
    [order] = ask([make_voucher(people.company, supplier, number=1, kind=VoucherKind.PAYMENT_ORDER)])
    role = people.beto.memberships.get().roles.get()
    RoleGrant.objects.create(role=role, page="payment_order", action=Action.SEND.value)
    text = beto.post("/envios/varios/cancelar/", ids([*rows, order])).content.decode()
    assert "1 envío cancelado." in text
    assert "Son de un tipo de comprobante que tu rol no puede enviar." in text
    assert states() == {"queued": 6, "cancelled": 1}


def test_who_may_send_no_kind_is_told_so(people: Cast, beto: Client, rows: list[Delivery]) -> None:
    text = beto.get("/envios/varios/cancelar/", ids(rows)).content.decode()
    assert "«Enviar comprobante» en «Facturas de venta»" in text
    RoleGrant.objects.filter(role__memberships__user=people.beto).exclude(page="deliveries").delete()
    for answer in (beto.get("/envios/varios/cancelar/", ids(rows)), beto.post("/envios/varios/cancelar/", ids(rows))):
        assert answer.status_code == 403


def test_of_many_that_are_known_only_the_first_are_listed(
    people: Cast, ana: Client, beto: Client, rows: list[Delivery], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "_SHOWN", 2)
    for row in rows:
        put(row, State.UNCERTAIN)
    page = ana.get("/envios/varios/llego/", ids(rows))
    assert len(page.context["facts"]) == 2
    assert "Y 4 más." in page.content.decode()
    # of another kind, which one may see but not send
    RoleGrant.objects.create(role=people.beto.memberships.get().roles.get(), page="payment_order", action="send")
    supplier = make_party(people.company, kind="supplier", name="Aceros SA")
    make_contact(supplier, mobile="+5493415550177")
    [order] = ask([make_voucher(people.company, supplier, number=1, kind=VoucherKind.PAYMENT_ORDER)])
    put(order, State.UNCERTAIN)
    page = beto.get("/envios/varios/llego/", ids([*rows, order]))
    assert page.context["facts"] == [order]
    assert " más.</p>" not in page.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/envios/varios/borrar/", "/envios/varios/cancelar/?id=x",
        "/envios/varios/cancelar/?as_of=2024-02-31T00:00:00Z", "/envios/varios/cancelar/?as_of=ayer",
        "/envios/varios/cancelar/?as_of=0001-01-01T00:00:00%2B23:00",
    ],
)  # fmt: skip
def test_what_isnt_there_is_404(ana: Client, rows: list[Delivery], path: str) -> None:
    assert ana.get(path).status_code == 404
