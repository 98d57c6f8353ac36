"""Asistente de WhatsApp, step 7: payment, verification and health, against the simulator over real HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from acuse.channels.models import WhatsAppAccount
from acuse.companies.models import AuditEntry
from acuse.companies.permissions.pages import Action, Page
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.web.whatsapp_steps import BASE, connect, grant, trouble, words

URL, READ = f"{BASE}pago-y-verificacion/", f"{BASE}pago-y-verificacion/leer/"
BLOCKED = {
    "can_send_message": "BLOCKED",
    "errors": [
        {
            "error_code": 141006,
            "error_description": "There is an error with the payment method.",
            "possible_solution": "Add a payment method to the account.",
        }
    ],
}


def test_before_the_account_it_says_which_steps_come_first(ana: Client) -> None:
    page = ana.get(URL).content.decode()
    assert "Antes hacen falta el token y la cuenta" in page
    assert "Leer de Meta ahora" not in page


def test_it_looks_when_nobody_has_and_tells_what_is_good(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    assert 'hx-trigger="load' in ana.get(URL).content.decode()
    said = words(ana.post(READ, follow=True))
    assert "Salud: Meta deja enviar" in said
    assert "Medio de pago: Cargado" in said
    assert "(ARS)" in said
    assert "Verificación del negocio: Verificado" in said
    assert "2.000 personas distintas por día" in said
    assert "Nombre visible de +54 9 11 5550-9000: Aprobado" in said
    assert 'hx-trigger="load' not in ana.get(URL).content.decode()
    assert AuditEntry.objects.get(event="whatsapp.synced").actor == "user:ana@oeste.example"


def test_an_unverified_business_may_send_and_a_missing_payment_is_told_in_both_words(
    people: Cast, ana: Client, meta: SimulatorProcess
) -> None:
    connect(people.company)
    meta.control("account", verification="not_verified", tier="TIER_250", funding=None, health=BLOCKED)
    said = words(ana.post(READ, follow=True))
    assert "Sin verificar" in said
    assert "un negocio sin verificar también envía" in said
    assert "250 personas distintas por día" in said
    assert "business_verification_status: not_verified" in said
    assert "No se ve ninguno" in said
    assert "131042" in said
    assert "Meta no deja enviar" in said
    assert "There is an error with the payment method." in said
    assert "Add a payment method to the account." in said


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"verification": "pending_need_more_info"}, "Meta pide más papeles"),
        ({"verification": "algo_nuevo"}, "algo_nuevo"),
        ({"tier": "TIER_UNLIMITED"}, "cualquier cantidad de personas"),
        ({"review": "PENDING"}, "Revisión de la cuenta: En revisión"),
        ({"health": {"can_send_message": "LIMITED"}}, "Meta deja enviar, con límites"),
    ],
)
def test_each_word_of_meta_s_is_understood_and_a_new_one_is_shown_as_it_is(
    people: Cast, ana: Client, meta: SimulatorProcess, values: dict[str, Any], word: str
) -> None:
    connect(people.company)
    meta.control("account", **values)
    assert word in words(ana.post(READ, follow=True))


def test_a_name_that_meta_declined_says_so(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    number = connect(people.company)
    meta.control("numbers", id=number.phone_number_id, name_status="DECLINED")
    said = words(ana.post(READ, follow=True))
    assert "Rechazado" in said
    assert "name_status: DECLINED" in said


@pytest.mark.parametrize("fault", ["json_500", "html_500", "cut", "half", "rate_limited"])
def test_trouble_at_meta_keeps_what_was_read(people: Cast, ana: Client, meta: SimulatorProcess, fault: str) -> None:
    connect(people.company, read=True)
    meta.control("fault", kind=fault, where="phone_numbers")
    answer = ana.post(READ)
    assert "Probar de nuevo" in trouble(answer)
    assert "Medio de pago: Cargado" in words(answer)


def test_a_token_that_was_revoked_is_told(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    meta.control("tokens", valid=False)
    assert "token" in trouble(ana.post(READ))


def test_tariffs_are_linked_for_who_may_see_them(people: Cast, ana: Client, beto: Client) -> None:
    assert 'href="/administracion/tarifas/"' in words_of_costs(ana)
    grant(people.company, (Page.PARAMETERS, Action.VIEW))
    assert "href" not in words_of_costs(beto)


def words_of_costs(client: Client) -> str:
    return str(client.get(URL).content.decode().split("Lo que cuesta", 1)[1].split("</div>", 1)[0])


def test_a_stranger_reads_their_own_alone(people: Cast, carla: Client, meta: SimulatorProcess) -> None:
    connect(people.company, read=True)
    before = WhatsAppAccount.objects.get().synced_at
    assert "Medio de pago" not in words(carla.get(URL))
    assert "Hacé primero el paso 2" in trouble(carla.post(READ))
    assert WhatsAppAccount.objects.get(company=people.company).synced_at == before


def test_who_only_sees_reads_and_asks_nobody(people: Cast, beto: Client, meta: SimulatorProcess) -> None:
    connect(people.company, read=True)
    grant(people.company, (Page.PARAMETERS, Action.VIEW))
    page = words(beto.get(URL))
    assert "Medio de pago: Cargado" in page
    assert "Leer de Meta ahora" not in page
    assert beto.post(READ).status_code == 403
    grant(people.company)
    assert beto.get(URL).status_code == 403
