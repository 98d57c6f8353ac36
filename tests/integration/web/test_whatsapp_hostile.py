"""The assistant and Estado de WhatsApp against a platform that answers HTML, wrong types, nonsense, and too much."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from acuse.channels.accounts import WhatsAppParameters
from acuse.channels.models import AccountNotice, WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.whatsapp import management
from acuse.channels.whatsapp.http import Answer, HttpClient
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries.senders import change_whatsapp
from acuse.kernel import clock
from tests.conftest import Cast
from tests.integration.web.whatsapp_steps import APP, BASE, NUMBER, SECRET, TOKEN, WABA, grant

EVIL = """'"></textarea></title><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}&lt;b&gt;"""
Told = Callable[[str, str], Any]

STEPS = ["que-necesitas/", "credenciales/", "numero/", "numero/?leer=1", "numero/?leer=1&cambiar=1", "numero/lista/",
         f"numero/{NUMBER}/codigo/", f"numero/{NUMBER}/registrar/", "perfil/", "avisos/", "avisos/llegadas/",
         "plantilla/", "plantilla/estado/", "pago-y-verificacion/", "prueba/", "prueba/estado/", "estado/"]  # fmt: skip
ACTS = ["numero/leer/", "numero/cuenta/", "numero/elegir/", "numero/agregar/", f"numero/{NUMBER}/codigo/",
        f"numero/{NUMBER}/registrar/", "perfil/leer/", "perfil/guardar/", "avisos/conectar/", "avisos/comprobar/",
        "avisos/verificacion/", "plantilla/leer/", "plantilla/enviar/", "pago-y-verificacion/leer/",
        "prueba/enviar/", "prueba/numero-de-prueba/", "estado/sincronizar/", "credenciales/"]  # fmt: skip
#: What asks Meta for each kind of thing.
READING = ["numero/?leer=1&cambiar=1", "numero/?leer=1", "perfil/", "avisos/conectar/", "plantilla/leer/",
           "pago-y-verificacion/leer/", "numero/agregar/"]  # fmt: skip
GIVEN = {
    "waba_id": WABA, "id": NUMBER, "numero": NUMBER, "phone": "0341 15 555-0100", "verified_name": "Oeste SA",
    "code": "123456", "pin": "123456", "sure": "on", "about": "Hola", "mobile": "0341 15 555-0190", "key": "una",
    "name": "otra_cosa", "language": "es_AR", "body": "Hola {{1}}, va tu comprobante de hoy. Gracias.",
    "examples": ["A 1"], "sandbox": "without_9", "app_id": APP, "app_secret": SECRET, "token": TOKEN,
}  # fmt: skip


class _Alive(HTMLParser):
    """Finds what a browser would run, and not what it would show."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        for name, value in attrs:
            if name.startswith("on") or "javascript:" in (value or "").strip().lower()[:12]:
                self.found.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        if self._in_script and "alert(1)" in data:
            self.found.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False


def alive_in(page: str) -> list[str]:
    parser = _Alive()
    parser.feed(page)
    return parser.found


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Callable[[Told], list[str]]:
    """Meta's Graph becomes what is given: (method, path) → an object, or an Answer."""

    def become(told: Told) -> list[str]:
        asked: list[str] = []

        async def send(_: HttpClient, request: Any) -> Answer:
            built = request.build()
            asked.append(f"{built.method} {built.url.path}")
            answer = told(str(built.method), str(built.url.path))
            if isinstance(answer, Answer):
                return answer
            return Answer(200, {"content-type": "application/json"}, json.dumps(answer).encode())

        monkeypatch.setattr(HttpClient, "_send", send)
        return asked

    return become


def evil(method: str, path: str, text: Any = EVIL) -> Any:
    """Every field of every object that is asked for; ids stay what they are, or nothing is found."""
    number = {
        "id": NUMBER, "display_phone_number": text, "verified_name": text, "status": text, "quality_rating": text,
        "code_verification_status": text, "name_status": text, "throughput": {"level": text}, "account_mode": text,
        "whatsapp_business_manager_messaging_limit": text,
    }  # fmt: skip
    problem = {"error_code": 1, "error_description": text, "possible_solution": text}
    health = {
        "can_send_message": text,
        "entities": [{"entity_type": text, "can_send_message": text, "errors": [problem], "additional_info": [text]}],
    }
    components = [
        {"type": "HEADER", "format": "DOCUMENT"},
        {"type": "BODY", "text": text},
        {"type": "FOOTER", "text": text},
    ]
    template = {
        "id": "77", "name": text, "language": text, "status": text, "category": text, "rejected_reason": text,
        "quality_score": {"score": text}, "components": components, "parameter_format": text,
    }  # fmt: skip
    if "debug_token" in path:
        scopes = ["whatsapp_business_messaging", "whatsapp_business_management"]
        granular = [{"scope": scope, "target_ids": [WABA]} for scope in scopes]
        return {"data": {"is_valid": True, "app_id": APP, "type": text, "scopes": [*scopes, text],
                         "granular_scopes": granular, "error": {"message": text}}}  # fmt: skip
    if path.endswith("phone_numbers") and method == "GET":
        return {"data": [number, {**number, "id": text}]}
    if path.endswith("message_templates"):
        return {"data": [template], "id": "78", "status": text, "category": text}
    if path.endswith("whatsapp_business_profile"):
        return {"data": [{"about": text, "address": text, "description": text, "email": text, "websites": [text],
                          "vertical": text, "profile_picture_url": text}]}  # fmt: skip
    if path.endswith("subscriptions"):
        return {"data": [{"object": "whatsapp_business_account", "callback_url": text, "fields": [{"name": text}]}]}
    if path.endswith("subscribed_apps"):
        return {"data": [{"whatsapp_business_api_data": {"id": text, "name": text}}]}
    return {**number, "id": WABA, "name": text, "currency": text, "account_review_status": text, "h": text,
            "business_verification_status": text, "primary_funding_id": text, "health_status": health}  # fmt: skip


def refusing(_: str, __: str) -> Answer:
    error = {"message": EVIL, "type": EVIL, "code": 100, "error_subcode": 2388012, "error_user_title": EVIL,
             "error_user_msg": EVIL, "error_data": {"details": EVIL}, "fbtrace_id": EVIL}  # fmt: skip
    return Answer(400, {}, json.dumps({"error": error}).encode())


@pytest.fixture
def connected(people: Cast) -> Cast:
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA, phone_number_id=NUMBER)
    change_whatsapp(people.company, given, actor="test")
    return people


def _open_all(client: Client, *, follow: bool = True) -> None:
    """Whoever doesn't follow an act to its page opens that one among the steps."""
    for path in (*ACTS, *STEPS):
        address = BASE + path
        answer = client.post(address, GIVEN, follow=follow) if path in ACTS else client.get(address, follow=True)
        assert answer.status_code in ((200, 204, 422) if follow or path not in ACTS else (200, 204, 302, 422)), path
        assert alive_in(answer.content.decode()) == [], path


def test_whatever_meta_says_is_shown_as_text(connected: Cast, ana: Client, graph: Callable[[Told], list[str]]) -> None:
    asked = graph(evil)
    _open_all(ana)
    assert len(asked) > 10
    page = ana.get(f"{BASE}estado/").content.decode() + ana.get(f"{BASE}plantilla/").content.decode()
    assert "&lt;script&gt;alert(1)" in page, "it is there, as text"
    # and wherever what was kept is shown: notices on Inicio, the audit, the deliveries
    for address in ("/", "/seguridad/auditoria/", "/envios/", "/administracion/configuraciones/"):
        assert alive_in(ana.get(address, follow=True).content.decode()) == []


def test_whatever_meta_refuses_with_is_shown_as_text(
    connected: Cast, ana: Client, graph: Callable[[Told], list[str]]
) -> None:
    graph(refusing)
    _open_all(ana)


#: What Meta never puts there.
ODD: list[Any] = [
    None,
    7,
    -1.5,
    True,
    [],
    {},
    [[]],
    [EVIL],
    {"a": EVIL},
    "",
    "\0",
    "\ud800",
    "x" * 70_000,
    "٣" * 5,
    "1e999",
    10**400,
]


@pytest.mark.parametrize("value", [None, 7, {}], ids=repr)
def test_whatever_is_of_another_type_breaks_no_page(
    connected: Cast, ana: Client, graph: Callable[[Told], list[str]], value: Any
) -> None:
    graph(lambda method, path: evil(method, path, value))
    _open_all(ana, follow=False)


@pytest.mark.parametrize("first", range(0, len(ODD), 3))
def test_each_field_of_a_type_of_its_own_breaks_no_page(
    connected: Cast, ana: Client, graph: Callable[[Told], list[str]], first: int
) -> None:
    """Beside each other, and in turn: one that is refused at once would hide the next."""
    graph(lambda method, path: _in_turn(evil(method, path), itertools.cycle(ODD[first:] + ODD[:first])))
    _open_all(ana, follow=False)


def _in_turn(told: Any, odd: Iterator[Any]) -> Any:
    if isinstance(told, dict):
        return {name: _in_turn(value, odd) for name, value in told.items()}
    if isinstance(told, list):
        return [_in_turn(value, odd) for value in told]
    return next(odd) if told == EVIL else told


BODIES = [b"", b"[]", b"7", b"{}", b'{"data": 7}', b'{"data": [7, null, []]}', b"<html>", b"\xff\xfe", b'{"error": 7}',
          b'{"error": {"code": "x"}}', b"[" * 100_000]  # fmt: skip


@pytest.mark.parametrize(("status", "body"), [(200, body) for body in BODIES] + [(s, b"{}") for s in (400, 302, 503)])
def test_whatever_body_comes_breaks_no_page(
    connected: Cast, ana: Client, graph: Callable[[Told], list[str]], status: int, body: bytes
) -> None:
    graph(lambda *_: Answer(status, {"location": "http://169.254.169.254/"}, body))
    for path in READING:
        answer = ana.post(BASE + path, GIVEN, follow=True) if path in ACTS else ana.get(BASE + path)
        assert answer.status_code in (200, 422), path
    assert WhatsAppNumber.objects.get().phone_number_id == NUMBER


def test_a_listing_without_end_ends(connected: Cast, ana: Client, graph: Callable[[Told], list[str]]) -> None:
    rows = [{"id": str(10**14 + place), "display_phone_number": f"+54 9 341 {place}"} for place in range(100)]
    more = {"cursors": {"after": "otra"}, "next": "https://graph.example/otra"}
    asked = graph(lambda *_: {"data": rows, "paging": more})
    page = ana.get(f"{BASE}numero/?leer=1")
    assert page.status_code == 200
    assert len(asked) <= management.MAX_NUMBER_PAGES
    assert "La lista que manda WhatsApp no termina." in page.content.decode()


def test_a_platform_that_trickles_is_given_up(connected: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slowly(*_: Any) -> Answer:
        await asyncio.sleep(0.2)
        more = {"cursors": {"after": "otra"}, "next": "https://graph.example/otra"}
        return Answer(200, {}, json.dumps({"data": [], "paging": more}).encode())

    monkeypatch.setattr(HttpClient, "_send", slowly)
    monkeypatch.setattr(management, "DEADLINE", 0.3)
    page = ana.get(f"{BASE}numero/?leer=1").content.decode()
    assert "Probar de nuevo" in page


def test_a_thousand_templates_are_a_page(connected: Cast, ana: Client, graph: Callable[[Told], list[str]]) -> None:
    components = [{"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": "Hola {{1}}, " + "x" * 900}]
    WhatsAppTemplate.objects.bulk_create(
        WhatsAppTemplate(
            account=WhatsAppAccount.objects.get(), meta_id=str(place), name=f"de_otro_{place:04d}",
            language="es_AR", status="APPROVED", category="MARKETING", components=components,
        )
        for place in range(1000)
    )  # fmt: skip
    for path in ("plantilla/", "plantilla/estado/", "estado/"):
        assert len(ana.get(BASE + path).content) < 1_000_000, path


@pytest.mark.parametrize("path", ACTS)
def test_who_may_only_look_makes_nothing_happen(
    connected: Cast, beto: Client, graph: Callable[[Told], list[str]], path: str
) -> None:
    asked = graph(evil)
    grant(connected.company, (Page.PARAMETERS, Action.VIEW))
    assert beto.post(BASE + path, GIVEN).status_code == 403
    assert not asked


@pytest.mark.parametrize("path", ACTS)
def test_a_stranger_reaches_nothing_of_others(
    connected: Cast, carla: Client, graph: Callable[[Told], list[str]], path: str
) -> None:
    """Carla owns another company, and names this one's ids."""
    asked = graph(evil)
    before = WhatsAppAccount.objects.values().get(), WhatsAppNumber.objects.values().get()
    answer = carla.post(BASE + path, GIVEN)
    assert answer.status_code in (200, 302, 404, 422)
    assert TOKEN not in answer.content.decode()
    ours = WhatsAppAccount.objects.filter(company=connected.company)
    assert (ours.values().get(), WhatsAppNumber.objects.filter(account__in=ours).values().get()) == before
    assert not [line for line in asked if line.startswith("POST")] or path == "credenciales/"


@pytest.mark.parametrize("act", ["plantillas/{template}/aceptar/", "plantillas/{template}/reanudar/",
                                 "numeros/{number}/pin/", "numeros/{number}/cola/", "numeros/{number}/prueba/",
                                 "avisos/{notice}/atendido/"])  # fmt: skip
def test_the_rows_of_estado_de_whatsapp_are_of_their_company(
    connected: Cast, ana: Client, beto: Client, carla: Client, graph: Callable[[Told], list[str]], act: str
) -> None:
    asked = graph(evil)
    account = WhatsAppAccount.objects.get()
    template = WhatsAppTemplate.objects.create(
        account=account, name="una", language="es_AR", status="PAUSED", meta_id="1"
    )
    notice = AccountNotice.objects.create(
        company=connected.company, key="account:1:security", grade="warning", text=EVIL, opened_at=clock.now()
    )
    number = WhatsAppNumber.objects.get()
    address = f"{BASE}estado/" + act.format(template=template.pk, number=number.pk, notice=notice.pk)
    given = {"sure": "1", "sandbox": "with_15"}
    assert carla.post(address, given).status_code == 404
    grant(connected.company, (Page.PARAMETERS, Action.VIEW))
    assert beto.post(address, given).status_code == 403
    assert not asked
    assert alive_in(ana.post(address, given, follow=True).content.decode()) == []
    for huge in ("9" * 18, "9" * 40):
        wrong = f"{BASE}estado/" + act.format(template=huge, number=huge, notice=huge)
        assert ana.post(wrong, given).status_code == 404, huge


def test_no_header_of_a_request_changes_the_address_that_meta_is_given(
    connected: Cast, ana: Client, graph: Callable[[Told], list[str]], settings: Any
) -> None:
    settings.BASE_URL, settings.ALLOWED_HOSTS = "https://acuse.oeste.example", ["*"]
    sent: list[str] = []

    async def noted(client: HttpClient, path: str, fields: dict[str, str]) -> Answer:
        sent.append(str(fields))
        return Answer(200, {}, b'{"success": true}')

    graph(evil)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HttpClient, "post_form", noted)
        ana.post(
            f"{BASE}avisos/conectar/", {"callback": "http://169.254.169.254/", "url": "http://10.0.0.1/"},
            headers={"Host": "malo.example", "X-Forwarded-Host": "malo.example", "X-Forwarded-Proto": "gopher"},
        )  # fmt: skip
    (fields,) = sent
    assert "https://acuse.oeste.example/hooks/whatsapp/" in fields
    assert "malo.example" not in fields
    page = ana.get(f"{BASE}avisos/", headers={"X-Forwarded-Host": "malo.example"}).content.decode()
    assert "malo.example" not in page


def test_an_act_that_is_sent_again_does_nothing_twice(
    connected: Cast, ana: Client, graph: Callable[[Told], list[str]]
) -> None:
    graph(evil)
    for path in ACTS:
        for _ in range(2):
            assert ana.post(BASE + path, GIVEN, follow=True).status_code in (200, 422), path
    assert WhatsAppNumber.objects.filter(phone_number_id=NUMBER).count() == 1
    names = list(WhatsAppTemplate.objects.values_list("name", "language"))
    assert len(names) == len(set(names))


def test_what_is_no_picture_is_told(connected: Cast, ana: Client, graph: Callable[[Told], list[str]]) -> None:
    asked = graph(evil)
    pictures = {
        "a.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "b.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 99,
        "c.gif": b"GIF89a" + b"\1" * 50,
        "d.jpg": b"\xff\xd8\xff\xe0" + b"\xff" * 300,
        "e.webp": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
        EVIL + ".png": b"<script>alert(1)</script>",
    }  # fmt: skip
    for name, content in pictures.items():
        answer = ana.post(f"{BASE}perfil/guardar/", GIVEN | {"picture": SimpleUploadedFile(name, content)})
        assert answer.status_code == 422, name
        assert "no es una imagen" in answer.content.decode(), name
        assert alive_in(answer.content.decode()) == []
    assert not [line for line in asked if line.startswith("POST")]
