"""Entering with a second step: the app's codes, recovery codes, passkeys; and turning all that on and off."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from fido2.utils import websafe_encode

from acuse.companies.identity import second_factor
from acuse.companies.models import AuditEntry, Passkey, SecondFactor, User, UserSession
from acuse.kernel import clock, totp
from tests.conftest import Cast
from tests.data.cast import PASSWORD
from tests.data.softkey import SoftKey
from tests.integration.web.conftest import signed_in

KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def _code(ahead: int = 0) -> str:
    return totp.code_of(KEY, totp.step_at(clock.now()) + ahead)


@pytest.fixture
def codes(people: Cast) -> list[str]:
    """Ana's recovery codes; her app's last code was of long ago."""
    made = second_factor.turn_on_app(people.ana, key=KEY, code=_code())
    assert made is not None
    SecondFactor.objects.update(last_step=0)
    return made


def _password(client: Client, next_url: str = "", password: str = PASSWORD) -> Any:
    given = {"username": "ana@oeste.example", "password": password, "next": next_url}
    return client.post("/ingresar/", given)


def _entered(client: Client) -> bool:
    return client.get("/").status_code == 200


def _events() -> list[str]:
    return list(AuditEntry.objects.filter(target="ana@oeste.example").order_by("id").values_list("event", flat=True))


def test_the_password_alone_no_longer_enters(codes: list[str], client: Client) -> None:
    assert _password(client)["Location"] == "/ingresar/codigo/"
    assert not _entered(client)
    assert "terminada" not in client.get("/")["Location"], "who was never in had no session to lose"
    assert "app de tu teléfono" in client.get("/ingresar/codigo/").content.decode()


def test_a_code_of_the_app_leads_where_one_was_going(codes: list[str], client: Client) -> None:
    _password(client, "/comprobantes/quote/")
    assert client.post("/ingresar/codigo/", {"code": _code()})["Location"] == "/comprobantes/quote/"
    assert _entered(client)
    assert AuditEntry.objects.get(event="sign_in.done").detail["by"] == "password+app"


def test_the_second_step_leads_to_no_other_site(codes: list[str], client: Client) -> None:
    _password(client, "https://otro.example/")
    assert client.post("/ingresar/codigo/", {"code": _code()})["Location"] == "/"


def test_a_code_seen_by_another_does_not_enter_again(codes: list[str], client: Client) -> None:
    code = _code()
    _password(client)
    assert client.post("/ingresar/codigo/", {"code": code}).status_code == 302
    other = Client()
    _password(other)
    response = other.post("/ingresar/codigo/", {"code": code})
    assert "ya se usó" in response.content.decode()
    assert not _entered(other)


def test_a_recovery_code_enters_once_and_says_how_many_are_left(codes: list[str], client: Client) -> None:
    _password(client)
    client.post("/ingresar/codigo/", {"code": codes[0]})
    assert "Te quedan 9" in client.get("/").content.decode()
    other = Client()
    _password(other)
    other.post("/ingresar/codigo/", {"code": codes[0]})
    assert not _entered(other)


def test_the_second_step_without_the_password_begins_again(codes: list[str], client: Client) -> None:
    assert client.post("/ingresar/codigo/", {"code": _code()})["Location"] == "/ingresar/"
    assert not _entered(client)


def test_a_wrong_password_gives_no_second_step(codes: list[str], client: Client) -> None:
    _password(client, password="mala")
    assert client.get("/ingresar/codigo/").status_code == 302


def test_the_second_step_waits_ten_minutes(codes: list[str], client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    _password(client)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)
    assert client.post("/ingresar/codigo/", {"code": _code()})["Location"] == "/ingresar/"


def test_a_password_changed_meanwhile_closes_the_second_step(codes: list[str], people: Cast, client: Client) -> None:
    _password(client)
    people.ana.set_password("otra-clave-9x-larga")
    people.ana.save()
    assert client.post("/ingresar/codigo/", {"code": _code()})["Location"] == "/ingresar/"


def test_one_may_begin_again_as_another(codes: list[str], client: Client) -> None:
    _password(client)
    assert client.post("/ingresar/de-nuevo/")["Location"] == "/ingresar/"
    assert client.get("/ingresar/codigo/")["Location"] == "/ingresar/"


def test_wrong_codes_lock_out_as_wrong_passwords_do(codes: list[str], client: Client) -> None:
    _password(client)
    statuses = [client.post("/ingresar/codigo/", {"code": "000000"}).status_code for _ in range(8)]
    assert statuses == [200] * 7 + [429]
    response = client.post("/ingresar/codigo/", {"code": _code()})
    assert response.status_code == 429
    assert "no puede ingresar desde esta conexión hasta las" in response.content.decode()
    assert _password(Client()).status_code == 429
    assert _events().count("sign_in.failed") == 8
    assert _events().count("sign_in.locked") == 1


def test_wrong_codes_from_many_addresses_are_stopped_too(codes: list[str]) -> None:
    for number in range(10):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        _password(client)
        client.post("/ingresar/codigo/", {"code": "000000"})
    last = Client(REMOTE_ADDR="192.0.2.99")
    _password(last)
    response = last.post("/ingresar/codigo/", {"code": _code()})
    assert response.status_code == 429
    assert "muchos códigos que no son" in response.content.decode()


def _register(client: Client, key: SoftKey, name: str = "Teléfono") -> Any:
    options = client.post("/mi-cuenta/llaves/opciones/").json()
    return client.post("/mi-cuenta/llaves/", {"name": name, "credential": json.dumps(key.create(options))})


def _by_passkey(client: Client, key: SoftKey, next_url: str = "") -> Any:
    options = client.post("/ingresar/llave/opciones/").json()
    return client.post("/ingresar/llave/", {"credential": json.dumps(key.get(options)), "next": next_url})


@pytest.fixture
def key(settings: Any) -> SoftKey:
    settings.ALLOWED_HOSTS = ["localhost"]
    return SoftKey()


def _at_localhost() -> Client:
    return Client(SERVER_NAME="localhost")


def _ana_at_localhost(people: Cast) -> Client:
    client = _at_localhost()
    client.force_login(people.ana, backend="django.contrib.auth.backends.ModelBackend")
    _prove(client)
    return client


def _prove(client: Client) -> None:
    assert client.post("/mi-cuenta/confirmar/", {"password": PASSWORD, "next": "/mi-cuenta/"}).status_code == 302


def test_a_passkey_enters_by_itself(people: Cast, key: SoftKey) -> None:
    response = _register(_ana_at_localhost(people), key)
    assert len(re.findall(r"<li><code>", response.content.decode())) == second_factor.RECOVERY_CODES
    client = _at_localhost()
    assert _by_passkey(client, key, "/comprobantes/quote/")["Location"] == "/comprobantes/quote/"
    assert _entered(client)
    assert AuditEntry.objects.filter(event="sign_in.done").latest("id").detail["by"] == "passkey"
    assert _by_passkey(_at_localhost(), key, "https://otro.example/")["Location"] == "/"


def test_who_has_a_passkey_gives_it_after_the_password(people: Cast, key: SoftKey) -> None:
    _register(_ana_at_localhost(people), key)
    client = _at_localhost()
    assert _password(client)["Location"] == "/ingresar/codigo/"
    assert "Usá tu llave de acceso" in client.get("/ingresar/codigo/").content.decode()
    assert _by_passkey(client, key)["Location"] == "/"
    assert _entered(client)


def test_a_stranger_who_asks_for_a_challenge_leaves_no_row(people: Cast, key: SoftKey) -> None:
    """Anybody may ask, as often as they like."""
    _register(_ana_at_localhost(people), key)
    UserSession.objects.all().delete()
    client = _at_localhost()
    for _ in range(3):
        client.post("/ingresar/llave/opciones/")
    assert not UserSession.objects.exists()
    cookie = client.cookies["acuse_passkey"]
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (600, True, "Strict")
    assert _by_passkey(client, key)["Location"] == "/"
    assert UserSession.objects.get().user == people.ana


def test_a_challenge_in_a_cookie_serves_once_and_not_another_browser(people: Cast, key: SoftKey) -> None:
    _register(_ana_at_localhost(people), key)
    client = _at_localhost()
    options = client.post("/ingresar/llave/opciones/").json()
    # most passkeys don't count: no count tells a copy
    key.uses = -1
    sent = {"credential": json.dumps(key.get(options))}
    assert _at_localhost().post("/ingresar/llave/", sent)["Location"] == "/ingresar/"
    again = _at_localhost()
    cookie = client.cookies["acuse_passkey"].value
    assert client.post("/ingresar/llave/", sent)["Location"] == "/"
    # another process that serves pages has a memory of its own
    cache.clear()
    for _ in range(8):
        again.cookies["acuse_passkey"] = cookie
        assert again.post("/ingresar/llave/", sent)["Location"] == "/ingresar/"
    assert not _entered(again)
    noted = AuditEntry.objects.filter(event="sign_in.refused")
    assert [(one.target, one.detail["by"], one.detail["reason"]) for one in noted] == [
        ("ana@oeste.example", "passkey", "Con esa misma respuesta ya se entró.")
    ] * 8
    assert not AuditEntry.objects.filter(event__in=["sign_in.failed", "sign_in.locked"]).exists(), "no guess"


def test_a_passkey_that_does_not_prove_is_noted_and_counted_as_a_wrong_password(people: Cast, key: SoftKey) -> None:
    _register(_ana_at_localhost(people), key)
    client = _at_localhost()
    for _ in range(7):
        forged = key.get({"challenge": websafe_encode(b"another one")})
        client.post("/ingresar/llave/opciones/")
        assert client.post("/ingresar/llave/", {"credential": json.dumps(forged)}).status_code == 302
    noted = AuditEntry.objects.filter(event="sign_in.failed")
    assert [(one.target, one.detail["by"]) for one in noted] == [("ana@oeste.example", "passkey")] * 7
    client.post("/ingresar/", {"username": people.ana.email, "password": "no es"})
    assert AuditEntry.objects.filter(event="sign_in.locked").exists()
    right = {"username": people.ana.email, "password": PASSWORD}
    assert client.post("/ingresar/", right).status_code == 429, "right or wrong, until the wait ends"
    assert _by_passkey(client, key)["Location"] == "/", "nobody guesses one: it enters all the same"


def test_a_passkey_as_second_step_that_is_another_persons_is_noted(people: Cast, key: SoftKey) -> None:
    _register(_ana_at_localhost(people), key)
    client = _at_localhost()
    _password(client)
    assert _by_passkey(client, SoftKey())["Location"] == "/ingresar/codigo/"
    assert AuditEntry.objects.get(event="sign_in.failed").detail["by"] == "passkey"


def test_passkeys_that_acuse_does_not_know_are_stopped_by_address(people: Cast, key: SoftKey) -> None:
    client = _at_localhost()
    answers = [_by_passkey(client, SoftKey()).status_code for _ in range(8)]
    assert answers == [302] * 7 + [429]
    assert not AuditEntry.objects.filter(event="sign_in.failed").exists(), "nobody is named"


def test_a_challenge_serves_once(people: Cast, key: SoftKey) -> None:
    _register(_ana_at_localhost(people), key)
    client = _at_localhost()
    options = client.post("/ingresar/llave/opciones/").json()
    wrong = client.post("/ingresar/llave/", {"credential": "{}"})
    assert wrong["Location"] == "/ingresar/"
    assert "No pudimos comprobar la llave" in client.get("/ingresar/").content.decode()
    assert client.post("/ingresar/llave/", {"credential": json.dumps(key.get(options))})["Location"] == "/ingresar/"
    assert not _entered(client)


def test_what_is_no_json_is_told_in_words(people: Cast, client: Client) -> None:
    client.post("/ingresar/llave/", {"credential": "nada"})
    assert "no mandó la llave de acceso" in client.get("/ingresar/").content.decode()


def test_a_passkey_is_renamed_and_removed_by_its_person_only(people: Cast, key: SoftKey) -> None:
    ana = _ana_at_localhost(people)
    _register(ana, key)
    row = Passkey.objects.get()
    beto = _at_localhost()
    beto.force_login(people.beto, backend="django.contrib.auth.backends.ModelBackend")
    _prove(beto)
    for path in (f"/mi-cuenta/llaves/{row.pk}/", f"/mi-cuenta/llaves/{row.pk}/quitar/"):
        assert beto.get(path).status_code == 404
        assert beto.post(path, {"name": "mía"}).status_code == 404
    assert ana.post(f"/mi-cuenta/llaves/{row.pk}/", {"name": "La compu"}).status_code == 302
    assert "La compu" in ana.get("/mi-cuenta/").content.decode()
    assert "Es tu última llave" in ana.get(f"/mi-cuenta/llaves/{row.pk}/quitar/").content.decode()
    ana.post(f"/mi-cuenta/llaves/{row.pk}/quitar/")
    assert not SecondFactor.objects.exists()


def test_passkeys_are_not_offered_where_browsers_give_none(people: Cast, ana: Client) -> None:
    _prove(ana)
    assert "sólo" not in ana.get("/mi-cuenta/llaves/").content.decode()
    assert "sin escribir la contraseña" in ana.get("/mi-cuenta/llaves/").content.decode()
    assert "solo a direcciones con nombre y https://" in ana.get("/mi-cuenta/llaves/").content.decode()


def _shown_key(page: str) -> str:
    found = re.search(r'class="app-key">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def test_the_app_is_turned_on_with_a_code_and_the_codes_are_shown_once(people: Cast, ana: Client) -> None:
    _prove(ana)
    page = ana.get("/mi-cuenta/app/").content.decode()
    key = _shown_key(page)
    assert "data:image/svg+xml;base64," in page
    assert f"otpauth://totp/Acuse:ana@oeste.example?secret={key}" in page
    wrong = ana.post("/mi-cuenta/app/", {"code": "000000"}).content.decode()
    assert "Ese código no es" in wrong
    assert _shown_key(wrong) == key
    shown = ana.post("/mi-cuenta/app/", {"code": totp.code_of(key, totp.step_at(clock.now()))})
    assert "Guardá estos códigos" in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    codes = re.findall(r"<code>([a-z2-7-]{14})</code>", shown.content.decode())
    assert len(codes) == second_factor.RECOVERY_CODES
    assert "Te quedan 10 de 10" in ana.get("/mi-cuenta/").content.decode()
    assert codes[0] not in ana.get("/mi-cuenta/").content.decode()
    assert _shown_key(ana.get("/mi-cuenta/app/").content.decode()) != key


def test_new_recovery_codes_replace_the_ones_before(people: Cast, codes: list[str], ana: Client) -> None:
    _prove(ana)
    assert "Los de antes dejan de servir" in ana.get("/mi-cuenta/codigos/").content.decode()
    shown = ana.post("/mi-cuenta/codigos/").content.decode()
    assert codes[0] not in shown
    assert second_factor.prove(people.ana, codes[0]) is None


def test_turning_it_off_is_asked_once_and_noted(people: Cast, codes: list[str], ana: Client) -> None:
    _prove(ana)
    assert "quien la averigüe, entra" in ana.get("/mi-cuenta/dos-pasos/desactivar/").content.decode()
    assert ana.post("/mi-cuenta/dos-pasos/desactivar/").status_code == 302
    assert not SecondFactor.objects.exists()
    assert _events()[-1] == "two_factor.off"
    assert ana.get("/mi-cuenta/dos-pasos/desactivar/").status_code == 404


GUARDED = ["app/", "codigos/", "dos-pasos/desactivar/", "llaves/", "llaves/opciones/", "llaves/1/", "llaves/1/quitar/"]


@pytest.mark.parametrize("path", GUARDED)
def test_an_open_session_is_not_enough_to_change_the_guards(
    people: Cast, codes: list[str], ana: Client, path: str
) -> None:
    for method in (ana.get, ana.post):
        response = method(f"/mi-cuenta/{path}")
        if response.status_code != 405:
            assert response["Location"].startswith("/mi-cuenta/confirmar/?next=")
    assert SecondFactor.objects.count() == 1
    assert second_factor.unused_codes(people.ana) == second_factor.RECOVERY_CODES


def test_the_password_opens_them_for_a_quarter_of_an_hour(
    people: Cast, codes: list[str], ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = ana.post("/mi-cuenta/confirmar/", {"password": "mala", "next": "/mi-cuenta/codigos/"})
    assert "Esa no es tu contraseña" in wrong.content.decode()
    given = {"password": PASSWORD, "next": "/mi-cuenta/codigos/"}
    assert ana.post("/mi-cuenta/confirmar/", given)["Location"] == "/mi-cuenta/codigos/"
    assert ana.get("/mi-cuenta/codigos/").status_code == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 901)
    assert ana.get("/mi-cuenta/codigos/").status_code == 302


def test_guessing_the_password_in_an_open_session_locks_out(people: Cast, ana: Client) -> None:
    statuses = [ana.post("/mi-cuenta/confirmar/", {"password": "mala"}).status_code for _ in range(8)]
    assert statuses[-1] == 429
    assert ana.post("/mi-cuenta/confirmar/", {"password": PASSWORD}).status_code == 429


def test_who_enters_with_an_account_of_no_company_has_an_account_page(db: None) -> None:
    sola = signed_in(User.objects.create_user("sola@nada.example", PASSWORD))
    assert "sola@nada.example" in sola.get("/mi-cuenta/").content.decode()
