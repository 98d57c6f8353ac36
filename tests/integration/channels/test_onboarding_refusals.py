"""What people get wrong, or Meta doesn't allow: each is told in plain words with the way out, and mended it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import override_settings

from acuse.channels.accounts import WhatsAppParameters, save_whatsapp
from acuse.channels.whatsapp.onboarding.asking import OnboardingError
from tests.conftest import Cast
from tests.integration.channels.onboarding import APP, FRESH, NUMBER, PDF, SECRET, TOKEN, WABA, Desk
from tests.integration.simulator.callback import Callback

Act = Callable[[Desk], object]
NOW = time.time


def _nothing(desk: Desk) -> None:
    return


def _set(what: str, **values: Any) -> Act:
    """Through the control API."""
    return lambda desk: desk.meta.control(what, **values)


def _token(**values: Any) -> Act:
    return _set("tokens", token=TOKEN, **values)


def _number(number: str = NUMBER, **values: Any) -> Act:
    return _set("numbers", id=number, **values)


def _save(**values: Any) -> Act:
    return lambda desk: save_whatsapp(desk.company, WhatsAppParameters(**values), actor="test")


def _five_wrong_codes(desk: Desk) -> None:
    desk.ask_code()
    for _ in range(5):
        with pytest.raises(OnboardingError):
            desk.verify(_wrong(desk))


def _wrong(desk: Desk) -> str:
    return "111111" if desk.code() != "111111" else "222222"


def _old_code(desk: Desk) -> None:
    desk.ask_code()
    desk.meta.control("numbers", id=FRESH, code_sent_at=NOW() - 601)


def _new_code(desk: Desk) -> None:
    desk.meta.control("numbers", id=FRESH, code_sent_at=0.0)
    desk.ask_code()


@dataclass(frozen=True, slots=True)
class Case:
    #: What is wrong; the step that meets it; what it is about; words of what is told, and of the way out.
    wrong: Act
    step: Act
    field: str
    text: str
    next_step: str
    #: Mends it; then `again` goes through.
    mend: Act = _nothing
    again: Act | None = None


CASES: dict[str, Case] = {
    "a secret of another app": Case(
        _nothing, lambda d: d.credentials(secret="otro"), "app_secret", "no reconoce ese par", "Mostrar",
        again=Desk.credentials,
    ),
    "an app that does not exist": Case(
        _nothing, lambda d: d.credentials(app_id="111"), "app_secret", "no conoce una app", "Configuración de la app",
        again=Desk.credentials,
    ),
    "a token of another app": Case(
        _token(app_id="999"), Desk.credentials, "token", "es de otra app", "la misma app", _token(app_id=APP)
    ),
    "a token without the permission to manage": Case(
        _token(scopes=["whatsapp_business_messaging"]), Desk.credentials, "token",
        "Le falta el permiso whatsapp_business_management", "tildándolo",
        _token(scopes=["whatsapp_business_management", "whatsapp_business_messaging"]),
    ),
    "a token without the permission to send": Case(
        _token(scopes=["whatsapp_business_management"]), Desk.credentials, "token",
        "Le falta el permiso whatsapp_business_messaging", "tildándolo",
        _token(scopes=["whatsapp_business_management", "whatsapp_business_messaging"]),
    ),
    "a token that expired": Case(
        _token(expires_at=1700000000), Desk.credentials, "token", "venció", "sin vencimiento", _token(expires_at=0)
    ),
    "a token that was revoked": Case(
        _token(valid=False), Desk.credentials, "token", "no vale", "Generá otro", _token(valid=True)
    ),
    "what is no token at all": Case(
        _nothing, lambda d: d.credentials(token="cualquier cosa"), "token", "no vale", "Generá otro",
        again=Desk.credentials,
    ),
    "a saved token that expired since": Case(
        _token(expires_at=1700000000), Desk.numbers, "waba_id", "token", "", _token(expires_at=0)
    ),
    "an employee without the account": Case(
        _token(targets=["999"]), Desk.numbers, "waba_id", "no tiene esa cuenta", "Agregar activos",
        _token(targets=[WABA]),
    ),
    "an account that the token does not reach": Case(
        _nothing, lambda d: d.account("777"), "waba_id", "no llega a esa cuenta", "Revisá", again=Desk.account
    ),
    "a number where an account is asked": Case(
        _nothing, lambda d: d.account("mi cuenta"), "waba_id", "solo números", "", again=Desk.account
    ),
    "a number of another account": Case(
        _set("numbers", id="306540352242922", display="+54 9 341 555-0122", waba="777"),
        lambda d: d.choose("306540352242922"), "phone_number_id", "no es de la cuenta", "Elegilo de la lista",
        again=Desk.choose,
    ),
    "a number that is on an account already": Case(
        _number(FRESH, status="CONNECTED"), lambda d: d.add("0341 15 555-0100"), "phone", "ya está en una cuenta",
        "Elegilo de la lista",
        again=Desk.add,
    ),
    "one number too many": Case(
        _set("settings", max_numbers=2), Desk.add, "phone", "todos los números", "Verificá el negocio",
        _set("settings", max_numbers=20),
    ),
    "what is no phone": Case(_nothing, lambda d: d.add("hola"), "phone", "", "", again=Desk.add),
    "a code for a number that is verified": Case(
        _nothing, lambda d: d.ask_code(NUMBER), "method", "no mandó otro código", "seguí con el registro",
        again=Desk.ask_code,
    ),
    "a code asked twice in a row": Case(
        Desk.ask_code, Desk.ask_code, "method", "no mandó otro código", "Esperá", _number(FRESH, code_sent_at=0.0)
    ),
    "a wrong code": Case(
        Desk.ask_code, lambda d: d.verify(_wrong(d)), "code", "no es ese", "pedí otro", again=Desk.verify
    ),
    "a code that expired": Case(
        _old_code, Desk.verify, "code",
        "venció", "pedí otro", _new_code,
    ),
    "too many wrong codes": Case(_five_wrong_codes, Desk.verify, "code", "no es ese", "pedí otro", _new_code),
    "what is no code": Case(
        Desk.ask_code, lambda d: d.verify("doce"), "code", "seis números", "", again=Desk.verify
    ),
    "registering what is not verified": Case(
        _nothing, lambda d: d.register(number=FRESH), "pin", "verificar el número", "Pedí el código",
        _number(FRESH, code_status="VERIFIED"),
    ),
    "a wrong PIN": Case(
        _number(pin="123456"), lambda d: d.register("654321"), "pin", "no es ese", "borralo en WhatsApp Manager",
        again=lambda d: d.register("123456"),
    ),
    "a PIN that nobody was asked for": Case(
        _number(pin="123456"), Desk.register, "pin", "ya tiene un PIN", "Escribí el que tenía",
        again=lambda d: d.register("123456"),
    ),
    "PINs tried too fast": Case(
        lambda d: d.meta.control("numbers", id=NUMBER, pin="123456", pin_failures=1, pin_tried_at=NOW() + 60),
        lambda d: d.register("654321"), "pin", "muy seguidos", "Esperá un minuto", again=lambda d: d.register("123456"),
    ),
    "too many wrong PINs": Case(
        _number(pin="123456", pin_failures=5), lambda d: d.register("654321"), "pin", "demasiados intentos", "Esperá",
        _number(pin_failures=0, pin_tried_at=0.0), again=lambda d: d.register("123456"),
    ),
    "a number that was deleted just now": Case(
        lambda d: d.meta.control("numbers", id=NUMBER, deleted_at=NOW()), Desk.register, "pin", "se borró recién",
        "cinco minutos", _number(deleted_at=0.0),
    ),
    "ten registrations in 72 hours": Case(
        lambda d: d.meta.control("numbers", id=NUMBER, registrations=[NOW() - 3600] * 10), Desk.register, "pin",
        "diez registros", "Esperá 72 horas", _number(registrations=[]),
    ),
    "what is no PIN": Case(_nothing, lambda d: d.register("12a"), "pin", "seis números", "", again=Desk.register),
    "a webhook that Meta does not reach": Case(
        _nothing, lambda d: _elsewhere(d), "callback", "no pudo comprobar", "HTTPS", again=Desk.connect
    ),
    "a wrong secret, at the webhook": Case(
        _save(app_secret="otro"), Desk.connect, "callback", "clave secreta", "Básica", _save(app_secret=SECRET)
    ),
    "a sample that is too large": Case(
        _nothing, lambda d: d.submit(sample=PDF + b"0" * 5 * 1024 * 1024), "sample", "5 MB", "más chico",
        again=Desk.submit,
    ),
    "a sample that is no PDF": Case(
        _nothing, lambda d: d.submit(sample=b"hola"), "sample", "PDF", "", again=Desk.submit
    ),
    "a name that is taken": Case(
        _set("templates", name="tomada"), lambda d: d.submit("tomada"), "name", "Ya hay una plantilla", "Importala",
        again=Desk.submit,
    ),
    "a name that is blocked for 30 days": Case(
        _set("account", blocked_names={"vieja": 4102444800.0}), lambda d: d.submit("vieja"), "name", "30 días",
        "otro nombre", again=Desk.submit,
    ),
    "a hundred templates in an hour": Case(
        lambda d: d.meta.control("account", creations=[NOW()] * 100), Desk.submit, "name", "última hora", "una hora",
        _set("account", creations=[]),
    ),
    "unpausing what is not paused": Case(
        _set("templates", name="comprobantes", status="APPROVED"), Desk.unpause, "name", "", "",
        _set("templates", name="comprobantes", status="PAUSED"),
    ),
}  # fmt: skip


def _elsewhere(desk: Desk) -> None:
    """With an address at which nobody answers."""
    with override_settings(BASE_URL="http://127.0.0.1:9"):
        desk.connect()


@pytest.mark.parametrize("name", CASES)
def test_it_is_told_keeps_what_was_and_goes_on_once_mended(desk: Desk, callback: Callback, name: str) -> None:
    case = CASES[name]
    case.wrong(desk)
    before = desk.kept()
    with pytest.raises(OnboardingError) as caught:
        case.step(desk)
    told = caught.value
    assert (told.field, desk.kept()) == (case.field, before)
    assert case.text in str(told)
    assert str(told)
    assert case.next_step in told.next_step
    case.mend(desk)
    (case.again or case.step)(desk)


def test_a_number_that_another_company_has_stays_theirs(desk: Desk, people: Cast) -> None:
    given = WhatsAppParameters(access_token="otro", phone_number_id=FRESH)
    save_whatsapp(people.other_company, given, actor="test")
    before = desk.kept()
    with pytest.raises(OnboardingError, match="otra empresa"):
        desk.choose()
    assert desk.kept() == before


def test_trouble_that_passes_still_says_how_long(desk: Desk) -> None:
    desk.meta.control("numbers", id=NUMBER, deleted_at=NOW())
    with pytest.raises(OnboardingError) as caught:
        desk.register()
    assert caught.value.passing
    assert caught.value.next_step == "Lo que ya hiciste quedó guardado. Esperá cinco minutos y probá de nuevo."
