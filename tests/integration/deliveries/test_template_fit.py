"""What is filled is checked against the template that Meta has now: when it is asked, and again when it leaves."""

from __future__ import annotations

from typing import Any

import pytest

from acuse.channels.models import WhatsAppAccount, WhatsAppTemplate
from acuse.deliveries import planning
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from tests.integration.deliveries.conftest import Office

DOCUMENT: dict[str, Any] = {"type": "HEADER", "format": "DOCUMENT"}


def _body(text: str) -> dict[str, Any]:
    return {"type": "BODY", "text": text}


ONE, TWO = _body("Hola, va {{1}} adjunto."), _body("Hola {{1}}, va {{2}} adjunto.")
UNFIT = {
    "two variables for one": ([DOCUMENT, TWO], "2 variables y la configuración llena 1"),
    "no variable": ([DOCUMENT, _body("Hola, va adjunto.")], "ninguna variable"),
    "no header": ([ONE], "no lleva un documento"),
    "a header that is no document": ([{"type": "HEADER", "format": "IMAGE"}, ONE], "no lleva un documento"),
    "a button with a variable": (
        [DOCUMENT, ONE, {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://a.example/{{1}}"}]}],
        "un botón con una variable",
    ),
}


def _template(*components: dict[str, Any], **fields: Any) -> WhatsAppTemplate:
    made, _ = WhatsAppTemplate.objects.update_or_create(
        account=WhatsAppAccount.objects.get(), name="comprobantes", language="es_AR",
        defaults={"status": "APPROVED", "components": list(components), **fields},
    )  # fmt: skip
    return made


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_is_refused_when_it_is_asked(office: Office, name: str) -> None:
    components, word = UNFIT[name]
    _template(*components)
    voucher = office.voucher()
    found = planning.plan(voucher, planning.open_office(office.company, [voucher])).sendability
    (reason,) = [reason for reason in found.reasons if reason.code == "template_misfit"]
    assert word in reason.text
    assert office.ask(voucher) == []


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_any_more_is_cancelled_when_it_would_leave(office: Office, name: str) -> None:
    components, word = UNFIT[name]
    _template(DOCUMENT, ONE)
    [delivery] = office.ask(office.voucher())
    _template(*components)
    office.run()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.cause_code) == (State.CANCELLED, "template_misfit")
    assert word in delivery.cause_text
    assert delivery.cause_next_step
    assert office.sender.sent == []


def test_what_fits_leaves_and_so_does_what_nobody_knows(office: Office) -> None:
    office.ask(office.voucher(1))
    _template(DOCUMENT, ONE, parameter_format="NAMED")
    office.ask(office.voucher(2))
    _template()
    office.ask(office.voucher(3))
    office.run()
    assert len(office.sender.sent) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


def test_another_accounts_template_of_the_same_name_says_nothing(office: Office) -> None:
    [delivery] = office.ask(office.voucher())
    other = WhatsAppAccount.objects.create(company=office.company, waba_id="777", access_token="x")
    WhatsAppTemplate.objects.create(account=other, name="comprobantes", language="es_AR", components=[ONE])
    office.run()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
