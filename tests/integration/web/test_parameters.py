"""Administración > Parámetros."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from acuse.channels import accounts, registry, selectors
from acuse.channels.models import Lane, Mailbox, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.companies.models import AuditEntry
from acuse.deliveries.models import DeliveryPolicy, Suspension
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.graph import Graph, graph
from tests.data.scenes import ask, suspend

URL = "/administracion/parametros/"
TOKEN, SECRET, PASSWORD = "EAAtoken-secretisimo", "secreto-de-la-app", "clave/rara@y:larga"
IDS = {"phone_number_id": "106540352242922", "waba_id": "102290129340398", "app_id": "634974688087057"}
MAIL = {
    "host": "smtp.oeste.example", "security": "starttls", "port": "587", "user": "facturas@oeste.example",
    "password": PASSWORD, "from_address": "facturas@oeste.example", "from_name": "Administración de Oeste",
}  # fmt: skip
#: Every address that writes, or tries.
POSTS = [
    "whatsapp/", "whatsapp/probar/", "whatsapp/verificacion/", "whatsapp/token/quitar/", "whatsapp/secreto/quitar/",
    "correo/", "correo/probar/", "correo/quitar/", "envio/",
]  # fmt: skip
REMOVALS = ["whatsapp/token/quitar/", "whatsapp/secreto/quitar/", "correo/quitar/"]


@pytest.fixture
def meta(settings: Any) -> Iterator[Graph]:
    with graph() as state:
        settings.GRAPH_URL = state.url
        yield state


def text_of(client: Client, path: str = "") -> str:
    return client.get(URL + path).content.decode()


def alert_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.split('role="alert"', 1)[1].split("</ul>", 1)[0]).split())


def test_an_empty_company_sees_what_lacks_with_the_original_names(ana: Client) -> None:
    page = text_of(ana)
    assert "WhatsApp: Token Seguridad" in page
    assert "WhatsApp: Número Teléfono (Sólo Números)" in page
    assert "falta el token y el número" in page
    assert "falta la cuenta desde la que sale el correo" in page


def test_whatsapp_is_saved_and_its_secrets_are_never_sent_back(people: Cast, ana: Client) -> None:
    given = IDS | {"access_token": TOKEN, "app_secret": SECRET}
    page = ana.post(f"{URL}whatsapp/", given, follow=True).content.decode()
    assert "Guardado." in page
    assert "Listo para enviar" in page
    told = re.findall(r"(Guardad[oa]) el \d\d/\d\d/\d{4}\. No se vuelve a mostrar", page)
    assert told == ["Guardado", "Guardada"], "el token, la clave secreta"
    number = selectors.whatsapp_number(people.company)
    assert number is not None
    assert number.account.access_token.reveal() == TOKEN
    assert TOKEN not in page
    assert SECRET not in page
    assert WhatsAppApp.objects.get().verify_token.reveal() not in page
    assert f"/hooks/whatsapp/{WhatsAppApp.objects.get().key}/" in page


def test_a_blank_secret_keeps_the_one_that_is_saved(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company, token=TOKEN)
    ana.post(f"{URL}whatsapp/", IDS | {"access_token": "", "app_secret": "", "waba_id": "77"})
    account = WhatsAppAccount.objects.get()
    assert (account.access_token.reveal(), account.waba_id) == (TOKEN, "77")
    assert AuditEntry.objects.get(event="whatsapp.changed").detail == {
        "before": {"waba_id": "102290129340398"}, "after": {"waba_id": "77"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"phone_number_id": "+54 9 341 555-0199"}, "parece un número de celular"),
        ({"phone_number_id": ""}, "Ya había uno"),
        ({"waba_id": "mi cuenta"}, "no es un identificador de Meta"),
    ],
)
def test_what_cannot_be_is_refused_and_a_typed_secret_is_not_sent_back(
    people: Cast, ana: Client, given: dict[str, str], words: str
) -> None:
    make_whatsapp(people.company)
    page = ana.post(f"{URL}whatsapp/", IDS | given | {"access_token": TOKEN}).content.decode()
    assert words in alert_of(page)
    assert TOKEN not in page
    assert "escribilo otra vez" in page
    assert WhatsAppAccount.objects.get().access_token.reveal() != TOKEN
    assert not AuditEntry.objects.filter(event="whatsapp.changed").exists()


def test_ids_are_taken_as_people_copy_them(people: Cast, ana: Client) -> None:
    ana.post(f"{URL}whatsapp/", IDS | {"phone_number_id": " 1065 4035-2242 922 ", "access_token": TOKEN})
    assert WhatsAppNumber.objects.get().phone_number_id == "106540352242922"


def test_a_new_token_resumes_what_was_suspended_and_says_so(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    suspend(ask([make_voucher(people.company, party)])[0], "account")
    page = ana.post(f"{URL}whatsapp/", IDS | {"access_token": TOKEN}, follow=True).content.decode()
    assert "Se reanudó lo que estaba suspendido" in page
    assert Suspension.objects.get().ended_by == "user:ana@oeste.example"


def test_a_typed_token_is_tried_before_it_is_saved(people: Cast, ana: Client, meta: Graph) -> None:
    make_whatsapp(people.company)
    before = list(WhatsAppAccount.objects.values())
    page = ana.post(f"{URL}whatsapp/probar/", IDS | {"access_token": TOKEN}).content.decode()
    assert "Anda: Meta conoce el número" in page
    assert "Ferretería Oeste" in page
    assert meta.asked[0][1] == TOKEN
    assert TOKEN not in page
    assert str(list(WhatsAppAccount.objects.values())) == str(before)
    assert not AuditEntry.objects.filter(event__startswith="whatsapp.").exists()


def test_without_a_typed_token_the_saved_one_is_tried(people: Cast, ana: Client, meta: Graph) -> None:
    make_whatsapp(people.company, token=TOKEN)
    meta.refuse(190, "Session has expired")
    answer = ana.post(f"{URL}whatsapp/probar/", IDS, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in answer
    assert "El token venció o fue anulado." in answer
    assert "Cargá un token nuevo" in answer
    assert meta.asked[0][1] == TOKEN


def test_a_trial_without_what_it_needs_asks_nobody(ana: Client, meta: Graph) -> None:
    page = ana.post(f"{URL}whatsapp/probar/", {"phone_number_id": "", "access_token": ""}).content.decode()
    assert "Para probar falta el token y el número" in page
    page = ana.post(f"{URL}whatsapp/probar/", {"phone_number_id": "../me", "access_token": "x"}).content.decode()
    assert "números solos" in page
    assert meta.asked == []


def test_the_mailbox_is_saved_from_its_fields(people: Cast, ana: Client) -> None:
    page = ana.post(f"{URL}correo/", MAIL, follow=True).content.decode()
    box = Mailbox.objects.get()
    account = registry.mailbox_settings(box)
    assert (account.host, account.port, account.user, account.password) == (
        "smtp.oeste.example", 587, "facturas@oeste.example", PASSWORD,
    )  # fmt: skip
    assert (box.from_address, box.from_name) == ("facturas@oeste.example", "Administración de Oeste")
    assert PASSWORD not in page
    assert 'value="smtp.oeste.example"' in page
    entry = AuditEntry.objects.get(event="mailbox.changed")
    assert PASSWORD not in str(entry.detail)


def test_a_blank_password_stays_while_server_and_user_do(ana: Client) -> None:
    ana.post(f"{URL}correo/", MAIL)
    ana.post(f"{URL}correo/", MAIL | {"password": "", "from_name": "Otro"})
    box = Mailbox.objects.get()
    assert box.from_name == "Otro"
    assert registry.mailbox_settings(box).password == PASSWORD


@pytest.mark.parametrize(
    "given", [{"host": "smtp.ladron.example"}, {"port": "2525"}, {"user": "otra"}, {"security": "tls"}]
)
@pytest.mark.parametrize("path", ["correo/", "correo/probar/"])
def test_the_saved_password_goes_to_no_other_server(ana: Client, path: str, given: dict[str, str]) -> None:
    ana.post(f"{URL}correo/", MAIL)
    page = ana.post(URL + path, MAIL | {"password": ""} | given).content.decode()
    assert "escribí la clave otra vez" in page
    assert registry.mailbox_settings(Mailbox.objects.get()).host == "smtp.oeste.example"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"security": "plain"}, "Sin cifrar sólo se puede a esta misma máquina"),
        ({"host": "smtp..example"}, "El servidor no se entiende"),
        ({"host": "https://smtp.oeste.example/"}, "El servidor no se entiende"),
        ({"host": "usuario@smtp.oeste.example"}, "El servidor no se entiende"),
        ({"user": ""}, "falta el usuario"),
        ({"from_address": "nada"}, "La dirección no está bien escrita"),
        ({"port": "70000"}, "65535"),
    ],
)
def test_a_mail_account_that_cannot_be_is_refused(ana: Client, given: dict[str, str], words: str) -> None:
    page = ana.post(f"{URL}correo/", MAIL | given).content.decode()
    assert words in alert_of(page)
    assert PASSWORD not in page
    assert not Mailbox.objects.exists()


def test_a_mail_trial_that_cannot_begin_says_what_to_mend(ana: Client) -> None:
    page = ana.post(f"{URL}correo/probar/", MAIL | {"security": "plain"}).content.decode()
    assert "No se probó: hay datos por corregir." in page


def test_the_pace_is_saved(people: Cast, ana: Client) -> None:
    assert "mensajes por segundo" not in text_of(ana)
    lane = make_whatsapp(people.company)
    page = ana.post(f"{URL}envio/", {"whatsapp_pace": "250"}, follow=True).content.decode()
    assert "Guardado." in page
    lane.refresh_from_db()
    assert lane.throughput == 250
    assert AuditEntry.objects.get(event="lane.pace_set").detail == {"throughput": 250}
    # more than Meta gives to anybody is a slip of the finger
    for pace in ("0", "1001", "80000"):
        page = ana.post(f"{URL}envio/", {"whatsapp_pace": pace}).content.decode()
        assert "Tiene que ser un número de 1 a 1.000." in alert_of(page)
    lane.refresh_from_db()
    assert lane.throughput == 250


def test_the_verify_token_is_shown_once(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    page = ana.post(f"{URL}whatsapp/verificacion/").content.decode()
    token = WhatsAppApp.objects.get().verify_token.reveal()
    assert token in page
    assert "no se vuelve a mostrar" in page
    assert token not in text_of(ana)


def test_removing_asks_once_and_says_what_stops(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    make_mailbox(people.company, "smtp://127.0.0.1:25")
    party = make_party(people.company)
    make_contact(party)
    ask([make_voucher(people.company, party)])
    assert "1 envío en cola espera" in text_of(ana, "whatsapp/token/quitar/")
    assert "se rechazan" in text_of(ana, "whatsapp/secreto/quitar/")
    assert "Nada más sale por correo" in text_of(ana, "correo/quitar/")
    assert WhatsAppAccount.objects.get().access_token
    for path in REMOVALS:
        assert ana.post(URL + path).status_code == 302
    assert not WhatsAppAccount.objects.get().access_token
    assert not WhatsAppApp.objects.get().app_secret
    assert not Mailbox.objects.exists()
    assert "falta el token" in text_of(ana)
    events = set(AuditEntry.objects.values_list("event", flat=True))
    assert {"whatsapp.token_removed", "whatsapp.app_secret_removed", "mailbox.removed"} <= events


def test_another_companys_parameters_are_neither_seen_nor_changed(people: Cast, carla: Client, meta: Graph) -> None:
    make_whatsapp(people.company, token=TOKEN)
    make_mailbox(people.company, "smtp://127.0.0.1:25")
    page = text_of(carla)
    for word in ("106540352242922", "634974688087057", "facturas@oeste.example", "/hooks/whatsapp/"):
        assert word not in page
    # the number is taken; and no saved token of others is tried with it
    refused = carla.post(f"{URL}whatsapp/", IDS | {"access_token": "x"}).content.decode()
    assert "ya lo usa otra empresa" in refused
    carla.post(f"{URL}whatsapp/probar/", IDS)
    assert meta.asked == []
    for path in (*REMOVALS, "whatsapp/verificacion/"):
        carla.post(URL + path)
    assert WhatsAppAccount.objects.get(company=people.company).access_token.reveal() == TOKEN
    assert Mailbox.objects.exists()


def test_a_role_that_only_sees_gets_no_buttons_and_changes_nothing(people: Cast, beto: Client, meta: Graph) -> None:
    make_whatsapp(people.company, token=TOKEN)
    make_mailbox(people.company, "smtp://127.0.0.1:25")
    page = text_of(beto).split("<main", 1)[1].split("</main>", 1)[0]
    assert "106540352242922" in page
    for word in ("Guardar", "Probar", "Quitar", "secret-change", "Generar"):
        assert word not in page, word
    for path in POSTS:
        assert beto.post(URL + path, IDS | MAIL).status_code == 403, path
    for path in REMOVALS:
        assert beto.get(URL + path).status_code == 403, path
    assert WhatsAppAccount.objects.get().access_token.reveal() == TOKEN
    assert meta.asked == []


def test_without_the_page_in_a_role_there_is_none(people: Cast, beto: Client) -> None:
    from acuse.companies.models import RoleGrant

    RoleGrant.objects.filter(page="parameters").delete()
    assert beto.get(URL).status_code == 403


def further_number(people: Cast) -> Lane:
    account = WhatsAppAccount.objects.get(company=people.company)
    return accounts.add_number(account, phone_number_id="555000111", default=False, actor="test").lane


def test_of_several_numbers_another_becomes_the_default(people: Cast, ana: Client) -> None:
    first = make_whatsapp(people.company)
    assert "Tus números" not in text_of(ana)
    second = further_number(people)
    assert "Tus números" in text_of(ana)
    page = ana.post(f"{URL}whatsapp/numeros/{second.pk}/principal/", follow=True).content.decode()
    assert f"Lo nuevo sale por {second.name}" in page
    assert selectors.whatsapp_number(people.company) == second.whatsapp_number
    assert AuditEntry.objects.get(event="lane.made_default").target == second.name
    assert Lane.objects.get(pk=first.pk).is_default is False


def test_a_number_that_never_sent_is_removed_after_a_question(people: Cast, ana: Client) -> None:
    default, second = make_whatsapp(people.company), further_number(people)
    DeliveryPolicy.objects.filter(company=people.company, kind="quote").update(number=second)
    address = f"{URL}whatsapp/numeros/{second.pk}/quitar/"
    asked = ana.get(address).content.decode()
    assert f"¿Quitar {second.name}?" in asked
    assert "pasa al principal: presupuestos" in asked
    assert Lane.objects.filter(pk=second.pk).exists()
    assert "ya no está en Acuse" in ana.post(address, follow=True).content.decode()
    assert not WhatsAppNumber.objects.filter(phone_number_id="555000111").exists()
    assert DeliveryPolicy.objects.get(company=people.company, kind="quote").number is None
    assert AuditEntry.objects.get(event="whatsapp.number_removed").target == "555000111"
    assert ana.post(address).status_code == 404
    kept = ana.post(f"{URL}whatsapp/numeros/{default.pk}/quitar/", follow=True).content.decode()
    assert "Es el principal" in kept


def test_a_number_that_sent_stays_with_what_it_sent(people: Cast, ana: Client) -> None:
    first = make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    ask([make_voucher(people.company, party)])
    accounts.make_default(further_number(people), actor="test")
    page = ana.post(f"{URL}whatsapp/numeros/{first.pk}/quitar/", follow=True).content.decode()
    assert "ya salieron envíos" in page
    assert Lane.objects.filter(pk=first.pk, whatsapp_number__isnull=False).exists()


def test_numbers_of_others_and_roles_that_only_see(people: Cast, carla: Client, beto: Client) -> None:
    make_whatsapp(people.company)
    second = further_number(people)
    for path in ("principal/", "quitar/"):
        assert carla.post(f"{URL}whatsapp/numeros/{second.pk}/{path}").status_code == 404
        assert beto.post(f"{URL}whatsapp/numeros/{second.pk}/{path}").status_code == 403
    assert "Usar como principal" not in text_of(beto)
    assert Lane.objects.get(pk=second.pk).is_default is False
