"""Every page and endpoint, with the stranger, the role without permission, and nobody."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from acuse.companies.models import Membership, Role, RoleGrant
from acuse.companies.permissions.pages import ADMINISTRATOR
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.states import State
from acuse.directory.models import Party
from acuse.vouchers.models import Voucher
from acuse.web.templatetags.acuse_web import whole
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.offices import make_member
from tests.data.scenes import ask, put, suspend
from tests.integration.web.conftest import signed_in

#: What needs no sign-in, and why.
PUBLIC = {
    "sign_in",
    "sign_out",
    "sign_in_code",
    "sign_in_again",
    "passkey_sign_in",
    "passkey_options",
    "forgot_password",
    "new_password",
    "invitation",
    "invitation_pending",
}
KIND = "sales_invoice"
#: Rows that there aren't, for the pages of which only the door is tried here; numbers are 1.
_ANY: dict[str, Any] = {
    **{
        f"{name}_id": uuid.UUID(int=1)
        for name in ("user", "draft", "batch", "party", "contact", "other", "key", "company")
    },
    "section": "clientes",
}


@dataclass(frozen=True)
class Scene:
    voucher: Voucher
    delivery: Delivery
    suspension: Suspension

    def url(self, name: str) -> str:
        pattern = next(p for p in _patterns() if p.name == name)
        values: dict[str, Any] = {
            "kind": KIND, "voucher_id": self.voucher.pk, "delivery_id": self.delivery.pk,
            "suspension_id": self.suspension.pk, "token": "nada",
        }  # fmt: skip
        return reverse(f"web:{name}", kwargs={k: values.get(k, _ANY.get(k, 1)) for k in _arguments(pattern)})


def _patterns(resolver: Any = None) -> list[URLPattern]:
    found: list[URLPattern] = []
    for entry in (resolver or _web()).url_patterns:
        found += _patterns(entry) if isinstance(entry, URLResolver) else [entry]
    return found


def _web() -> URLResolver:
    return next(e for e in get_resolver().url_patterns if isinstance(e, URLResolver) and e.app_name == "web")


def _arguments(pattern: URLPattern) -> set[str]:
    of_voucher = {"kind"} if str(pattern.name).startswith("voucher") else set()
    return set(pattern.pattern.converters) | of_voucher


@pytest.fixture
def scene(people: Cast) -> Scene:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    voucher = make_voucher(people.company, party)
    delivery = ask([voucher])[0]
    return Scene(voucher, delivery, suspend(delivery))


def test_whoever_is_not_signed_in_is_sent_to_sign_in(scene: Scene, client: Client) -> None:
    names = {str(p.name) for p in _patterns()} - PUBLIC
    assert len(names) > 10
    for name in sorted(names):
        for method in (client.get, client.post):
            response = method(scene.url(name))
            assert response.status_code in (302, 405), name
            if response.status_code == 302:
                assert response["Location"].startswith("/ingresar/?next="), name
    assert Delivery.objects.get(pk=scene.delivery.pk).state == State.QUEUED


def test_a_poller_whose_session_ended_goes_to_sign_in_whole(scene: Scene, client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/comprobantes/sales_invoice/?q=a"}
    response = client.get(scene.url("voucher_states"), headers=headers)
    assert response["HX-Redirect"] == "/ingresar/?next=%2Fcomprobantes%2Fsales_invoice%2F%3Fq%3Da&terminada=1"
    assert "Tu sesión terminó." in client.get(response["HX-Redirect"]).content.decode()
    first = client.get(scene.url("voucher_states"))["Location"]
    assert "terminada" not in first
    assert "Tu sesión terminó." not in client.get(first).content.decode(), "who comes from outside had none"
    client.cookies[settings.SESSION_COOKIE_NAME] = "of-a-session-that-is-over"
    assert "terminada=1" in client.get(scene.url("voucher_states"))["Location"]


def test_a_form_of_the_panel_whose_session_ended_comes_back_as_its_page(scene: Scene, client: Client) -> None:
    headers = {
        "HX-Request": "true", "HX-Current-URL": "http://testserver/comprobantes/sales_invoice/",
        "HX-Target": "panel-body",
    }  # fmt: skip
    form = scene.url("voucher_send_elsewhere")
    response = client.post(form, headers=headers)
    assert response["HX-Redirect"] == f"/ingresar/?next={quote(form, safe='')}&terminada=1"


OF_ONE = [
    ("get", "voucher"), ("get", "voucher_deliveries"), ("get", "voucher_pdf"), ("get", "delivery_cancel"),
    ("post", "delivery_cancel"), ("post", "delivery_resend"), ("post", "delivery_arrived"),
    ("get", "delivery_send_again"), ("post", "delivery_send_again"), ("post", "suspension_resume"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "name"), OF_ONE)
def test_what_is_of_another_company_does_not_exist(scene: Scene, carla: Client, method: str, name: str) -> None:
    assert getattr(carla, method)(scene.url(name)).status_code == 404
    assert Delivery.objects.get().state == State.QUEUED
    assert Suspension.objects.get().ended_at is None


def test_another_companys_voucher_can_be_neither_previewed_nor_sent(scene: Scene, carla: Client) -> None:
    assert carla.get(scene.url("voucher_send"), {"id": str(scene.voucher.pk)}).status_code == 404
    assert carla.post(scene.url("voucher_send"), {"id": str(scene.voucher.pk)}).status_code == 404
    assert Delivery.objects.count() == 1


def test_lists_show_nothing_of_another_company(scene: Scene, carla: Client) -> None:
    for name in ("home", "voucher_grid", "deliveries"):
        assert scene.voucher.title not in carla.get(scene.url(name)).content.decode()
    states = carla.get(scene.url("voucher_states"), {"id": str(scene.voucher.pk)}).content.decode()
    assert str(scene.voucher.pk) not in states


SENDING = [
    ("get", "voucher_send"), ("post", "voucher_send"), ("get", "delivery_cancel"), ("post", "delivery_cancel"),
    ("post", "delivery_resend"), ("post", "delivery_arrived"), ("get", "delivery_send_again"),
    ("post", "delivery_send_again"), ("post", "suspension_resume"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "name"), SENDING)
def test_a_role_that_only_sees_is_told_what_it_lacks(scene: Scene, beto: Client, method: str, name: str) -> None:
    response = getattr(beto, method)(scene.url(name))
    assert response.status_code == 403
    assert "No tenés permiso para esto" in response.content.decode()
    assert Delivery.objects.get().state == State.QUEUED
    assert Suspension.objects.get().ended_at is None


def test_a_role_that_only_sees_gets_no_buttons(scene: Scene, beto: Client) -> None:
    put(scene.delivery, State.FAILED)
    pages = [beto.get(scene.url(name)).content.decode() for name in ("voucher_grid", "voucher", "deliveries")]
    for word in ("Enviar comprobante", "Reenviar", "Reanudar", "data-pick"):
        assert not any(word in page for page in pages), word
    assert whole(scene.voucher.title) in pages[0]


def test_a_role_without_any_page_sees_none(scene: Scene, people: Cast, beto: Client) -> None:
    RoleGrant.objects.filter(role__name="Consulta").delete()
    for name in ("voucher_grid", "voucher_states", "voucher", "voucher_deliveries", "voucher_pdf", "deliveries"):
        assert beto.get(scene.url(name)).status_code == 403, name
    home = beto.get("/").content.decode()
    assert "Facturas de venta" not in home
    assert "Espera que alguien decida" not in home


def test_a_user_without_company_is_told_so(db: None) -> None:
    from acuse.companies.models import User

    client = signed_in(User.objects.create_user("sola@nada.example", "tilo-menta-cedron-1"))
    response = client.get("/")
    assert response.status_code == 403
    assert "no tiene acceso a ninguna empresa" in response.content.decode()


def test_pages_of_what_never_was_do_not_exist(people: Cast, ana: Client) -> None:
    nobody = uuid.uuid4()
    for path in (f"/comprobantes/{KIND}/{nobody}/", "/comprobantes/otra_cosa/", f"/envios/{nobody}/cancelar/"):
        response = ana.get(path)
        assert response.status_code == 404
        assert "Esta página no existe" in response.content.decode()


def test_writing_needs_the_csrf_token(scene: Scene, people: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.ana, backend="django.contrib.auth.backends.ModelBackend")
    response = client.post(scene.url("delivery_cancel"))
    assert response.status_code == 403
    assert "La página quedó vieja" in response.content.decode()
    assert Delivery.objects.get().state == State.QUEUED


def _token_of(client: Client, path: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).content.decode())
    assert found is not None
    return found[1]


@pytest.fixture
def both(people: Cast) -> Client:
    """Ana, who works in Carla's company too, and is in her own now."""
    theirs = Role.objects.get(company=people.other_company, name=ADMINISTRATOR)
    make_member(people.other_company, people.ana, theirs)
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.ana, backend="django.contrib.auth.backends.ModelBackend")
    token = _token_of(client, "/")
    client.post("/empresa/", {"company": people.company.pk, "csrfmiddlewaretoken": token})
    return client


def test_a_form_drawn_for_one_company_is_not_saved_in_another(people: Cast, both: Client) -> None:
    create = "/tablas/clientes/nuevo/"
    drawn = {"name": "Almacén Norte SRL", "csrfmiddlewaretoken": _token_of(both, create)}
    other = {"company": people.other_company.pk, "csrfmiddlewaretoken": _token_of(both, "/")}
    assert both.post("/empresa/", other).status_code == 302
    response = both.post(create, drawn)
    assert response.status_code == 403
    assert "cambiaste de empresa" in response.content.decode()
    assert not Party.objects.exists()
    assert both.post(create, drawn | {"csrfmiddlewaretoken": _token_of(both, create)}).status_code == 302
    assert Party.objects.get().company == people.other_company


def test_what_was_written_for_a_company_that_one_left_is_not_saved_in_another(people: Cast, both: Client) -> None:
    create = "/tablas/clientes/nuevo/"
    drawn = {"name": "Almacén Norte SRL", "csrfmiddlewaretoken": _token_of(both, create)}
    Membership.objects.filter(user=people.ana, company=people.company).update(is_active=False)
    assert both.post(create, drawn).status_code == 403
    assert both.post(create, drawn).status_code == 403
    assert not Party.objects.exists()
    assert people.other_company.legal_name in both.get("/").content.decode()


@pytest.mark.parametrize(
    ("asks", "target", "way"),
    [
        ("contact_mobile", "mobile-look", "get"),
        ("policy_preview", "preview", "post"),
        ("whatsapp_template_preview", "draft-seen", "post"),
    ],
)
def test_who_types_when_the_session_ended_is_not_sent_away_in_the_middle_of_it(
    scene: Scene, client: Client, asks: str, target: str, way: str
) -> None:
    headers = {"HX-Request": "true", "HX-Target": target, "HX-Current-URL": "http://testserver/tablas/clientes/"}
    answer = getattr(client, way)(scene.url(asks), {"mobile": "341 15"}, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "HX-Redirect" not in answer


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(scene: Scene, client: Client) -> None:
    send = "/comprobantes/sales_invoice/enviar/"
    for referer, back in (
        (f"http://testserver{send}?id=1#x", f"{send}?id=1"),
        (f"https://otro.example{send}", "/"),
        ("", "/"),
    ):
        response = client.post(send, {"ids": "1"}, headers={"Referer": referer})
        assert response["Location"] == f"/ingresar/?{urlencode({'next': back, 'terminada': 1})}"
