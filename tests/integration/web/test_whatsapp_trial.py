"""Asistente de WhatsApp, step 8: a test voucher to one's own phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from acuse.channels.models import WhatsAppApp, WhatsAppNumber, WhatsAppTemplate
from acuse.companies.models import AuditEntry
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries.models import Delivery, DeliveryPolicy
from acuse.deliveries.states import State
from acuse.hooks.models import RawHook
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from acuse.web.deliveries import timeline
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.data.scenes import put, suspend
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks
from tests.integration.web.whatsapp_steps import BASE, connect, grant, trouble, words

URL, SEND, STATE, LOOK, SANDBOX = (
    f"{BASE}prueba/{path}" for path in ("", "enviar/", "estado/", "celular/", "numero-de-prueba/")
)
GIVEN = {"mobile": "0341 15 555-0190", "key": "una"}


@pytest.fixture
def ready(people: Cast, meta: SimulatorProcess) -> Cast:
    connect(people.company, read=True)
    return people


def sent(client: Client, **given: str) -> Delivery:
    client.post(SEND, GIVEN | given)
    return Delivery.objects.latest("created_at")


def hear(people: Cast) -> None:
    """Meta told something once."""
    app = WhatsAppApp.objects.get(company=people.company)
    RawHook.objects.create(app=app, body=b"{}", received_at=clock.now())


def state_of(client: Client) -> str:
    return words(client.get(STATE))


def test_without_account_nothing_is_offered(ana: Client) -> None:
    page = words(ana.get(URL))
    assert "falta el token o el número" in page
    assert "Enviar la prueba" not in page
    assert "Tu celular" not in page


def test_the_mobile_is_shown_back_as_it_is_understood(ready: Cast, ana: Client) -> None:
    assert "+54 9 341 555-0190" in ana.get(LOOK, {"mobile": "0341 15 555-0190"}).content.decode()
    assert "característica" in ana.get(LOOK, {"mobile": "123"}).content.decode().lower()
    assert ana.get(LOOK).content.decode().strip() == ""


def test_it_goes_by_the_ordinary_way_and_its_state_is_on_the_page(ready: Cast, ana: Client) -> None:
    page = words(ana.post(SEND, GIVEN, follow=True))
    delivery = Delivery.objects.get()
    assert (delivery.to, delivery.channel, delivery.state) == ("+5493415550190", "whatsapp", State.QUEUED)
    assert delivery.requested_by == "user:ana@oeste.example"
    assert "La prueba a +54 9 341 555-0190" in page
    assert "En cola" in page
    poll = ana.get(URL).content.decode().split('id="trial-state"', 1)[1].split(">", 1)[0]
    assert 'hx-trigger="every 2s"' in poll
    seen = poll.split("?seen=", 1)[1].split('"', 1)[0]
    assert ana.get(f"{STATE}?seen={seen}").status_code == 204
    put(delivery, State.SENT, sent_at=clock.now())
    assert "Enviado" in words(ana.get(f"{STATE}?seen={seen}"))


def test_a_second_click_sends_nothing_and_another_page_does(ready: Cast, ana: Client) -> None:
    for _ in range(2):
        ana.post(SEND, GIVEN)
    assert Delivery.objects.count() == 1
    ana.post(SEND, GIVEN | {"key": "otra"})
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize("typed", ["", "hola", "123", "0800 222 3333", "x" * 81])
def test_what_is_no_mobile_is_told_and_stays_typed(ready: Cast, ana: Client, typed: str) -> None:
    answer = ana.post(SEND, {"mobile": typed, "key": "una"})
    page = answer.content.decode()
    assert 'role="alert"' in page
    assert f'value="{typed}"' in page or not typed
    assert not Voucher.objects.exists()


def test_each_state_is_shown_and_the_end_comes_with_the_delivery(ready: Cast, ana: Client) -> None:
    hear(ready)
    delivery = sent(ana)
    assert "Listo" not in state_of(ana)
    put(delivery, State.SENT, sent_at=clock.now())
    assert "los avisos no llegan" not in state_of(ana)
    put(delivery, State.DELIVERED)
    said = state_of(ana)
    assert "Entregado" in said
    assert "Listo WhatsApp está conectado y la prueba llegó." in said
    assert "Cargar los celulares" in said
    put(delivery, State.READ)
    assert "Lo leyeron" in state_of(ana)


def test_a_receipt_that_comes_while_the_page_is_made_is_on_it(
    ready: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the last one the page stops asking: what it says then is for good."""
    delivery = sent(ana)
    put(delivery, State.SENT, sent_at=clock.now())

    def history_of(*given: Any, **named: Any) -> Any:
        put(delivery, State.READ)
        return timeline.history_of(*given, **named)

    monkeypatch.setattr("acuse.web.whatsapp.steps.trial.history_of", history_of)
    answer = ana.get(STATE)
    assert "Listo" in words(answer)
    assert "every " not in answer.content.decode()


def test_the_list_of_steps_gets_its_tick_with_the_delivery(ready: Cast, ana: Client) -> None:
    delivery = sent(ana)
    assert "Envío de prueba (hecho)" not in state_of(ana)
    put(delivery, State.DELIVERED)
    answer = ana.get(STATE).content.decode()
    assert 'id="assistant-steps" hx-swap-oob="true"' in answer
    assert 'id="step-count" hx-swap-oob="true"' in answer
    assert "Envío de prueba (hecho)" in state_of(ana)
    assert "Paso 8 de 8 · hecho" in state_of(ana)
    assert "hx-swap-oob" not in ana.get(URL).content.decode()


def test_a_failure_says_why_and_what_to_do(ready: Cast, ana: Client) -> None:
    put(sent(ana), State.FAILED)
    said = state_of(ana)
    assert "El número no tiene WhatsApp." in said
    assert "Revisá el celular de Compras." in said
    assert "Listo" not in said


def test_what_waits_for_a_suspension_says_so(ready: Cast, ana: Client) -> None:
    delivery = sent(ana)
    suspend(delivery, "account")
    assert "Meta ya no acepta el token." in state_of(ana)


def test_without_webhooks_it_says_that_no_tick_comes_back(ready: Cast, ana: Client) -> None:
    assert "los tildes no vuelven" in words(ana.get(URL))
    put(sent(ana), State.SENT, sent_at=clock.now())
    assert "acá no se va a ver si llegó" in state_of(ana)
    hear(ready)
    assert "los tildes no vuelven" not in words(ana.get(URL))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("PENDING", "espera en cola y sale sola cuando la apruebe"),
        ("REJECTED", "no se puede usar"),
        (None, "no la encontramos en la cuenta"),
    ],
)
def test_a_template_that_is_not_approved_is_told_before(
    ready: Cast, ana: Client, status: str | None, said: str
) -> None:
    assert "plantilla, paso 6" not in words(ana.get(URL))
    if status is None:
        WhatsAppTemplate.objects.update(gone_at=clock.now())
    else:
        WhatsAppTemplate.objects.update(status=status)
    assert said in words(ana.get(URL))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"enabled": False}, "está deshabilitado"),
        ({"channels": ["email"]}, "sin WhatsApp"),
        ({"template_parameters": []}, "la configuración llena 0"),
    ],
)
def test_what_keeps_it_from_leaving_is_told_and_it_leaves_once_mended(
    ready: Cast, ana: Client, values: dict[str, Any], said: str
) -> None:
    policy = DeliveryPolicy.objects.filter(company=ready.company, kind="quote")
    before = policy.values(*values).get()
    policy.update(**values)
    assert said in trouble(ana.post(SEND, GIVEN))
    assert not Delivery.objects.exists()
    policy.update(**before)
    ana.post(SEND, GIVEN | {"key": "otra"})
    assert Delivery.objects.count() == 1


@wherever_it_breaks
def test_one_that_cant_be_worked_out_says_so_and_goes_never(
    ready: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    with monkeypatch.context() as patched:
        break_it(patched, spot)
        assert "por un error propio" in trouble(ana.post(SEND, GIVEN))
    assert not Delivery.objects.exists()
    assert Voucher.objects.get().wish is None, "nobody waits for it"


def test_a_test_number_is_offered_another_writing_and_the_test_goes_again(ready: Cast, ana: Client) -> None:
    refused = put(sent(ana), State.FAILED, cause_code="whatsapp.131030", cause_text="Solo a celulares autorizados.")
    page = words(ana.get(URL))
    assert "Probar sin el 9" in page
    assert "Probar con el 15" in page
    answer = ana.post(SANDBOX, {"sandbox": "with_15", "key": "otra"}, follow=True)
    assert "En cola" in words(answer)
    number = WhatsAppNumber.objects.get(lane=refused.lane)
    assert number.sandbox == "with_15"
    assert Delivery.objects.filter(to=refused.to).count() == 2
    assert AuditEntry.objects.filter(event="whatsapp.sandbox_set").count() == 1
    answer = ana.post(SANDBOX, {"sandbox": "de costado"}, follow=True)
    assert "Elegí una de las tres formas" in words(answer)


def test_a_stranger_sees_no_test_of_others_and_moves_no_number(ready: Cast, ana: Client, carla: Client) -> None:
    put(sent(ana), State.FAILED, cause_code="whatsapp.131030")
    assert "555-0190" not in words(carla.get(URL))
    assert "555-0190" not in state_of(carla)
    carla.post(SANDBOX, {"sandbox": "with_15"})
    assert WhatsAppNumber.objects.get().sandbox == "off"
    assert Delivery.objects.count() == 1


def test_who_only_sees_sends_nothing(ready: Cast, ana: Client, beto: Client) -> None:
    sent(ana)
    grant(ready.company, (Page.PARAMETERS, Action.VIEW))
    page = words(beto.get(URL))
    assert "La prueba a" in page
    assert "Enviar otra prueba" not in page
    assert "entre los comprobantes" not in page
    for path in (SEND, SANDBOX):
        assert beto.post(path, GIVEN).status_code == 403
    grant(ready.company)
    for path in (URL, STATE, LOOK):
        assert beto.get(path).status_code == 403
    assert Delivery.objects.count() == 1
