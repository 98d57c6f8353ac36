from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from acuse.companies.models import RoleGrant
from acuse.companies.permissions.pages import Action
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.batches.preview import preview_of
from acuse.deliveries.figures import rates
from acuse.deliveries.models import Batch, Delivery, DeliveryPolicy
from acuse.deliveries.states import State
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.batches import actions, previewing, views
from acuse.web.vouchers import sending
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put, suspend

SEND = "/comprobantes/sales_invoice/enviar/"
LIST = "/envios/tandas/"
ANA = "user:ana@oeste.example"


@pytest.fixture
def office(people: Cast) -> Cast:
    make_whatsapp(people.company)
    return people


def _vouchers(cast: Cast, count: int, *, first: int = 100) -> list[Voucher]:
    made = []
    for number in range(first, first + count):
        party = make_party(cast.company, name=f"Cliente {number}")
        make_contact(party, mobile=f"+549341555{number:04}")
        made.append(make_voucher(cast.company, party, number=number))
    return made


def _draft(cast: Cast) -> Batch:
    every = Voucher.objects.order_by("-issued_on", "-id")
    batch = batches.open_batch(company=cast.company, kind=VoucherKind.SALES_INVOICE, vouchers=every, actor=ANA)
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    return batch


def _running(cast: Cast) -> Batch:
    batch = _draft(cast)
    batches.confirm(batch=batch, again=False, actor=ANA)
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    return batch


def _url(batch: Batch, rest: str = "") -> str:
    return f"{LIST}{batch.pk}/{rest}"


def _confirm(client: Client, batch: Batch) -> Any:
    """As its page does."""
    return client.post(_url(batch, "enviar/"), {"seen": preview_of(Batch.objects.get(pk=batch.pk)).digest}, follow=True)


def _text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_the_preview_groups_what_does_not_go_and_links_what_mends_it(office: Cast, ana: Client) -> None:
    _vouchers(office, 2)
    bare = make_party(office.company, name="Sin contacto SA")
    made = [make_voucher(office.company, bare, number=n) for n in range(1, 4)]
    make_voucher(office.company, bare, number=9, content=None, cae="")
    page = _text(ana.get(_url(_draft(office))))
    assert 'Van <strong class="num">2</strong> mensajes' in page
    assert '<strong class="num">4</strong> <span>No tienen contactos' in page
    assert '<strong class="num">1</strong> <span>ARCA todavía no los autorizó' in page
    assert f'href="/tablas/clientes/{bare.pk}/contactos/"' in page
    rows = _text(ana.get(_url(Batch.objects.get(), "filas/"), {"que": "no-van", "motivo": "authorization_pending"}))
    assert "No van: ARCA todavía no los autorizó" in rows
    assert made[0].title not in rows
    assert "1–1 de 1" in rows


def test_what_is_mended_for_all_at_once_is_linked_once(office: Cast, ana: Client) -> None:
    _vouchers(office, 2)
    DeliveryPolicy.objects.update(enabled=False)
    page = _text(ana.get(_url(_draft(office))))
    assert '<strong class="num">2</strong> <span>El envío de este tipo de comprobante está deshabilitado' in page
    assert "Abrir la configuración de envío</a>" in page


def test_a_link_that_the_role_may_not_open_is_not_offered(office: Cast, beto: Client) -> None:
    party = make_party(office.company)
    make_voucher(office.company, party)
    RoleGrant.objects.all().delete()
    role = office.beto.memberships.get().roles.get()
    RoleGrant.objects.create(role=role, page=VoucherKind.SALES_INVOICE.value, action=Action.SEND.value)
    page = _text(beto.get(_url(_draft(office))))
    assert "No tiene contactos." in page
    assert "Editar contactos" not in page


def test_without_rates_the_cost_says_so_and_leads_to_them(office: Cast, ana: Client) -> None:
    _vouchers(office, 2)
    page = _text(ana.get(_url(_draft(office))))
    assert "sin tarifa cargada" in page
    assert 'href="/administracion/tarifas/"' in page


def test_the_cost_adds_up_by_rate(office: Cast, ana: Client) -> None:
    _vouchers(office, 3)
    rates.save_rate(
        company=office.company, category="utility", market="54", currency="USD", price=Decimal("0.026"),
        valid_from=date(2026, 10, 1), actor="test",
    )  # fmt: skip
    page = _text(ana.get(_url(_draft(office))))
    assert "US$ 0,078" in page
    assert "WhatsApp · Servicio (utility) · Argentina (+54)" in page
    assert "US$ 0,026" in page


def test_many_are_worked_out_by_a_worker_while_the_page_waits(
    office: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "AT_ONCE", 2)
    _vouchers(office, 3)
    page = _text(ana.post(SEND, {"all": "1", "company": str(office.company.pk)}, follow=True))
    assert "Se revisa quién recibe cada comprobante: 0 de 3." in page
    assert "Ningún proceso de envío está andando" in page
    batch = Batch.objects.get()
    assert ana.post(_url(batch, "enviar/"), follow=True).status_code == 200
    assert Batch.objects.get().state == Batch.State.PREVIEWING
    batch_work.work(batch.pk)
    assert ana.get(_url(batch, "avance/"))["HX-Refresh"] == "true"
    assert "Enviar 3<" in ana.get(_url(batch)).content.decode()


def test_larger_drafts_are_looked_at_again_by_a_button(
    office: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previewing, "RECHECKED", 1)
    monkeypatch.setattr(views, "RECHECKED", 1)
    _vouchers(office, 1)
    party = make_party(office.company, name="Sin contacto SA")
    make_voucher(office.company, party)
    batch = _draft(office)
    make_contact(party)
    page = ana.get(_url(batch)).content.decode()
    assert "Enviar 1<" in page
    assert "Revisar de nuevo" in page
    assert "Enviar 2<" in ana.post(_url(batch, "revisar/"), follow=True).content.decode()


def test_the_progress_tells_numbers_and_ends_in_a_sentence(
    office: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "ASKED_AT_ONCE", 1)
    _vouchers(office, 4)
    make_voucher(office.company, make_party(office.company, name="Sin contacto SA"), number=9)
    batch = _draft(office)
    page = _text(_confirm(ana, batch))
    assert "Van 0 de 4." in page
    assert "hx-get" in page
    batch_work.work(batch.pk)
    states = (State.READ, State.DELIVERED, State.SENT, State.FAILED)
    for row, state in zip(Delivery.objects.order_by("pk"), states, strict=True):
        put(row, state)
    batch_work.work(batch.pk)
    page = _text(ana.get(_url(batch)))
    assert "3 enviados, 2 no." in page
    assert '<a href="#no-salieron">Ver por qué</a>' in page
    assert '<strong class="num">1</strong> <span>El número no tiene WhatsApp.' in page
    assert '<strong class="num">1</strong> <span>No tienen contactos' in page
    assert f'href="{_url(batch, "filas/")}?que=enviados">3</a>' in page
    failed = _text(ana.get(_url(batch, "filas/"), {"que": "failed", "causa": "whatsapp.131026"}))
    assert "Revisá el celular de Compras." in failed
    assert "1–1 de 1" in failed


def test_what_the_preview_did_not_show_is_told_where_it_can_be_looked_at(office: Cast, ana: Client) -> None:
    made = _vouchers(office, 2)
    batch = _draft(office)
    seen = preview_of(batch).digest
    make_contact(made[0].party, mobile="+5493415559999", name="Nuevo")
    page = _text(ana.post(_url(batch, "enviar/"), {"seen": seen}, follow=True))
    assert "2 envíos en cola." in page
    rows = f"{_url(batch, 'filas/')}?que=van&amp;aviso=more_since_preview"
    assert f'lo que no se mostró no se envió. <a href="{rows}">Ver</a>' in page
    assert made[0].title in _text(ana.get(_url(batch, "filas/"), {"que": "van", "aviso": "more_since_preview"}))
    for row in Delivery.objects.all():
        put(row, State.SENT)
    batch_work.work(batch.pk)
    assert "Distinto de la vista previa" in _text(ana.get(_url(batch)))


def test_a_page_that_shows_an_older_preview_confirms_nothing(office: Cast, ana: Client) -> None:
    made = _vouchers(office, 2)
    batch = _draft(office)
    seen = preview_of(batch).digest
    make_contact(made[0].party, mobile="+5493415559999", name="Nuevo")
    # looked at in another tab
    assert "Enviar 3<" in ana.get(_url(batch)).content.decode()
    page = _text(ana.post(_url(batch, "enviar/"), {"seen": seen}, follow=True))
    assert "Cambió desde que lo miraste y no se envió nada." in page
    assert "Enviar 3<" in page
    assert not Delivery.objects.exists()
    assert "Cambió desde que lo miraste" in _text(ana.post(_url(batch, "enviar/"), follow=True)), "nor one without any"


def test_what_was_left_out_because_it_was_asked_before_shows_in_the_numbers(office: Cast, ana: Client) -> None:
    made = _vouchers(office, 4)
    for row, state in zip(ask(made[:2]), (State.READ, State.QUEUED), strict=True):
        put(row, state)
    batch = _running(office)
    page = _text(ana.get(_url(batch)))
    assert f'<dt>Ya pedidos antes</dt><dd class="num"><a href="{_url(batch, "filas/")}?que=repetidos">1</a>' in page
    assert f'<dt>Ya estaban en cola</dt><dd class="num"><a href="{_url(batch, "filas/")}?que=en-cola">1</a>' in page
    assert "Ya se pidieron antes" in _text(ana.get(_url(batch, "filas/"), {"que": "repetidos"}))


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ((), "Quedan 2 sin salir"),
        ((State.SENT,), "Ya salió 1: ese no se puede cancelar. Queda 1 sin salir: si la cancelás no sale."),
        ((State.SENT, State.READ), "No queda ninguno sin salir: cancelarla no cambia nada."),
    ],
)
def test_the_question_before_cancelling_counts_as_people_do(
    office: Cast, ana: Client, states: tuple[State, ...], words: str
) -> None:
    _vouchers(office, 2)
    batch = _running(office)
    for row, state in zip(Delivery.objects.order_by("pk"), states, strict=False):
        put(row, state)
    page = ana.get(_url(batch, "cancelar/"))
    assert words in " ".join(page.context["what"])


def test_the_poller_answers_nothing_until_something_moves(office: Cast, ana: Client) -> None:
    _vouchers(office, 2)
    batch = _running(office)
    seen = ana.get(_url(batch)).context["poll"].seen
    assert ana.get(_url(batch, "avance/"), {"seen": seen}).status_code == 204
    put(Delivery.objects.all()[0], State.SENT)
    assert "Va 1 de 2." in ana.get(_url(batch, "avance/"), {"seen": seen}).content.decode()


def test_it_is_paused_resumed_and_cancelled_from_its_page(office: Cast, ana: Client) -> None:
    _vouchers(office, 3)
    batch = _running(office)
    put(Delivery.objects.all()[0], State.SENT)
    page = _text(ana.post(_url(batch, "pausar/"), follow=True))
    assert "En pausa: 1 salió y 2 esperan." in page
    assert Delivery.objects.filter(held=True).count() == 2
    assert "Va 1 de 3." in _text(ana.post(_url(batch, "reanudar/"), follow=True))
    question = _text(ana.get(_url(batch, "cancelar/")))
    assert "Ya salió 1" in question
    assert "Quedan 2 sin salir" in question
    assert Batch.objects.get().state == Batch.State.RUNNING, "a question changes nothing"
    page = _text(ana.post(_url(batch, "cancelar/"), follow=True))
    assert "Cancelada: 1 había salido y 2 no salen." in page
    assert Delivery.objects.filter(state=State.CANCELLED).count() == 2
    assert "Ya había terminado" in _text(ana.post(_url(batch, "cancelar/"), follow=True))


def test_a_suspension_is_told_where_it_is_waited_for(office: Cast, ana: Client) -> None:
    _vouchers(office, 1)
    batch = _running(office)
    suspend(Delivery.objects.get())
    assert "Meta ya no acepta el token. Generá otro" in _text(ana.get(_url(batch)))


def test_a_worker_that_is_heard_of_ends_the_warning(office: Cast, ana: Client) -> None:
    _vouchers(office, 1)
    batch = _running(office)
    warning = "Ningún proceso de envío está andando"
    assert warning in _text(ana.get(_url(batch)))
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values")
    assert warning not in _text(ana.get(_url(batch)))


def test_what_one_sends_shows_in_the_head_of_every_page_until_it_is_over(
    office: Cast, ana: Client, beto: Client
) -> None:
    _vouchers(office, 2)
    batch = _running(office)
    notice = "Tanda en curso: 2 comprobantes"
    assert notice in _text(ana.get("/comprobantes/quote/"))
    assert notice not in _text(beto.get("/comprobantes/quote/"))
    assert notice not in _text(ana.get(_url(batch))), "its own page says more"
    # an open page looks by itself
    poll = f"{LIST}en-curso/?seen={batch.pk}-running."
    assert poll in ana.get("/comprobantes/quote/").content.decode()
    assert ana.get(poll).status_code == 204
    for row in Delivery.objects.all():
        put(row, State.SENT)
    batch_work.work(batch.pk)
    assert ana.get(poll).content.strip() == b""
    assert notice not in _text(ana.get("/comprobantes/quote/"))


def test_a_batch_of_one_is_told_as_one(office: Cast, ana: Client) -> None:
    _vouchers(office, 1)
    batch = _running(office)
    assert "1 comprobante," in ana.get(f"{LIST}{batch.pk}/").content.decode()


def test_the_menu_marks_the_grid_until_it_is_a_batch_of_many(office: Cast, ana: Client) -> None:
    def here(batch: Batch) -> list[str]:
        menu = ana.get(_url(batch)).context["menu"]()
        return [item.name for module in menu.modules for item in module.items if item.current]

    _vouchers(office, 1)
    assert here(_draft(office)) == ["Facturas de venta"]
    assert here(_running(office)) == ["Facturas de venta"]
    _vouchers(office, 2)
    assert here(_draft(office)) == ["Facturas de venta"]
    assert here(_running(office)) == ["Tandas"]


def test_the_list_has_what_was_confirmed(office: Cast, ana: Client) -> None:
    assert "Todavía no enviaste ninguna tanda" in _text(ana.get(LIST))
    _vouchers(office, 2)
    running, draft = _running(office), _draft(office)
    page = _text(ana.get(LIST))
    assert _url(running) in page
    assert _url(draft) not in page
    assert "ana@oeste.example" in page
    Batch.objects.update(total=12_345)
    assert "12.345" in _text(ana.get(LIST))


def test_another_company_sees_none_of_it(office: Cast, carla: Client) -> None:
    _vouchers(office, 2)
    batch = _running(office)
    for rest in ("", "avance/", "filas/", "cancelar/"):
        assert carla.get(_url(batch, rest)).status_code == 404, rest
    for rest in ("enviar/", "revisar/", "pausar/", "reanudar/", "cancelar/"):
        assert carla.post(_url(batch, rest)).status_code == 404, rest
    assert _url(batch) not in carla.get(LIST).content.decode()
    assert Batch.objects.get().state == Batch.State.RUNNING


def test_who_may_only_look_gets_403_everywhere(office: Cast, beto: Client) -> None:
    _vouchers(office, 2)
    batch = _running(office)
    for rest in ("", "avance/", "filas/", "cancelar/"):
        assert beto.get(_url(batch, rest)).status_code == 403, rest
    for rest in ("enviar/", "revisar/", "pausar/", "reanudar/", "cancelar/"):
        assert beto.post(_url(batch, rest)).status_code == 403, rest
    assert beto.get(LIST).status_code == 403
    assert LIST not in beto.get("/").content.decode()
    assert Batch.objects.get().state == Batch.State.RUNNING


def test_what_was_confirmed_goes_on_though_the_role_loses_the_right(office: Cast, ana: Client) -> None:
    _vouchers(office, 2)
    batch = _draft(office)
    batches.confirm(batch=batch, again=False, actor=ANA)
    RoleGrant.objects.filter(action=Action.SEND.value).delete()
    batch_work.work(batch.pk)
    assert Delivery.objects.count() == 2
    assert ana.get(_url(batch)).status_code == 403


def test_a_word_that_is_no_list_of_rows_is_no_page(office: Cast, ana: Client) -> None:
    _vouchers(office, 1)
    batch = _draft(office)
    assert ana.get(_url(batch, "filas/"), {"que": "nada"}).status_code == 404
    assert "No queda ninguno" in _text(ana.get(_url(batch, "filas/"), {"que": "repetidos"}))


def test_the_rows_come_by_pages(office: Cast, ana: Client) -> None:
    party = make_party(office.company)
    make_contact(party)
    for number in range(1, 61):
        make_voucher(office.company, party, number=number)
    batch = _draft(office)
    page = _text(ana.get(_url(batch)))
    assert "Ver los 60" in page
    first = _text(ana.get(_url(batch, "filas/"), {"que": "van"}))
    assert "1–50 de 60" in first
    assert "51–60 de 60" in _text(ana.get(_url(batch, "filas/"), {"que": "van", "page": "2"}))


def test_what_is_in_the_queue_already_is_told(office: Cast, ana: Client) -> None:
    made = _vouchers(office, 2)
    ask(made[:1])
    page = _text(ana.get(_url(_draft(office))))
    assert '<span class="num">1</span> ya está en cola.' in page
