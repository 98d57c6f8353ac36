from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from acuse.companies.models import AuditEntry
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.directory import optout
from acuse.directory.models import Contact, Party
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask

pytestmark = pytest.mark.django_db
PANEL: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "panel-body"}


def _list(party: Party) -> str:
    return f"/tablas/clientes/{party.pk}/contactos/"


def _given(**fields: Any) -> dict[str, Any]:
    return {"name": "Pagos", "mobile": "341 155 550199", "receives": "all", **fields}


def test_the_panel_and_the_page_are_the_same_address(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    make_contact(party, name="Compras", email="compras@norte.example", consent_origin="phone")
    page, panel = ana.get(_list(party)), ana.get(_list(party), **PANEL)
    assert "<html" in page.content.decode()
    assert "<html" not in panel.content.decode()
    assert panel["Vary"].count("HX-Target") == 1
    for answer in (page, panel):
        text = answer.content.decode()
        assert "+54 9 341 555-0199" in text
        assert "Lo dijo por teléfono" in text
        assert "Recibe todos los comprobantes" in text
        assert "Crear" in text


def test_a_contact_is_created_from_what_is_typed(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    answer = ana.post(
        f"{_list(party)}nuevo/",
        _given(receives="chosen", kinds=["quote", "receipt"], consent_origin="contract", consent_on="2026-03-01"),
    )
    assert answer["Location"] == _list(party)
    contact = Contact.objects.get()
    assert (contact.mobile, contact.mobile_typed) == (MOBILE, "341 155 550199")
    assert sorted(contact.kinds or []) == ["quote", "receipt"]
    assert (contact.consent_origin, str(contact.consent_on)) == ("contract", "2026-03-01")


@pytest.mark.parametrize(("receives", "kinds"), [("all", None), ("none", [])])
def test_it_receives_all_or_none(people: Cast, ana: Client, receives: str, kinds: object) -> None:
    party = make_party(people.company)
    ana.post(f"{_list(party)}nuevo/", _given(receives=receives, kinds=["quote"]))
    assert Contact.objects.get().kinds == kinds


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"mobile": "", "email": ""}, "Escribí un celular o un correo"),
        ({"mobile": "4210"}, "No es"),
        ({"mobile": "0800 555 1234"}, "no reciben WhatsApp"),
        ({"email": "sin arroba"}, "no es una dirección"),
        ({"receives": "chosen"}, "Elegí al menos uno"),
        ({"receives": "chosen", "kinds": ["payment_order"]}, "Esa opción no está. Elegí otra de la lista."),
        ({"consent_origin": "phone"}, "lleva las dos cosas"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    people: Cast, ana: Client, fields: dict[str, Any], said: str
) -> None:
    party = make_party(people.company)
    text = ana.post(f"{_list(party)}nuevo/", _given(**fields), **PANEL).content.decode()
    assert "data-errors" in text
    assert said in text or fields.get("mobile") == "4210"
    assert 'value="Pagos"' in text
    assert not Contact.objects.exists()


def test_what_waited_for_a_contact_goes_when_the_page_brings_one(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    voucher = make_voucher(people.company, party)
    Voucher.objects.filter(pk=voucher.pk).update(wish={"when": "now", "contacts": None, "by": "t", "origin": "api"})
    ana.post(f"{_list(party)}nuevo/", _given())
    assert Delivery.objects.get(voucher=voucher).to == MOBILE


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("341 155 550190", ["+54 9 341 555-0190", "Tiene el 9 o el 15"]),
        ("555-0190", ["+54 9 341 555-0190", "Agregamos la característica 341", "si es una línea fija"]),
        ("341 155550190 / 341 155550191", ["usamos el primero"]),
        ("3329 99-9999", ["no figura en los planes de numeración"]),
        ("0810 222 3333", ["no reciben WhatsApp"]),
        ("12", ["dígitos"]),
        ("", []),
    ],
)
def test_a_mobile_is_shown_back_while_it_is_typed(people: Cast, ana: Client, typed: str, said: list[str]) -> None:
    party = make_party(people.company)
    text = ana.get(f"{_list(party)}celular/", {"mobile": typed}, **PANEL).content.decode()
    for one in said:
        assert one in text, text
    assert "<html" not in text


def test_it_says_whose_the_mobile_is_already_with_a_link(people: Cast, ana: Client) -> None:
    party, other = make_party(people.company), make_party(people.company, name="Otra", kind="supplier")
    make_contact(party)
    make_contact(other)
    make_contact(make_party(people.other_company, name="Ajena"))
    text = ana.get(f"{_list(party)}celular/", {"mobile": MOBILE}).content.decode()
    assert f'href="/tablas/proveedores/{other.pk}/"' in text
    assert "Ajena" not in text
    assert "Almacén Norte" not in text, "its own isn't somebody else's"


def test_what_a_warning_says_is_said_once(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    text = ana.get(f"{_list(party)}celular/", {"mobile": "555-0190 / 555-0191"}).content.decode()
    assert text.count("como celular") == 1
    assert text.count("usamos el primero") == 1
    assert "Agregamos la característica 341." in text


def test_the_mobile_of_who_is_created_with_a_voucher_is_looked_at_too(
    people: Cast, ana: Client, beto: Client, carla: Client
) -> None:
    make_contact(make_party(people.company))
    make_contact(make_party(people.other_company, name="Ajena"))
    url, typed = "/tablas/clientes/celular/", {"contact_mobile": "341 155 550199"}
    text = ana.get(url, typed).content.decode()
    assert "+54 9 341 555-0199" in text
    assert "También es de" in text
    assert "Almacén Norte" in text
    assert "Almacén Norte" not in carla.get(url, typed).content.decode()
    assert beto.get(url, typed).status_code == 403
    form = ana.get("/comprobantes/quote/crear/").content.decode()
    assert f'hx-get="{url}"' in form
    assert 'hx-get="/tablas/documento/"' in form
    said = ana.get("/tablas/documento/", {"new_tax_id": "30-00000000-8"}).content.decode()
    assert "El último dígito del CUIT no coincide" in said


def test_a_change_of_address_clears_its_problem_and_moves_the_queue(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    contact = make_contact(party)
    [queued] = ask([make_voucher(people.company, party)])
    Contact.objects.filter(pk=contact.pk).update(mobile_problem="No tiene WhatsApp.")
    shown = ana.get(f"{_list(party)}{contact.pk}/")
    assert "No tiene WhatsApp." in shown.content.decode()
    given = _given(mobile="341 155 550188", seen=shown.context["form"]["seen"].value())
    text = ana.post(f"{_list(party)}{contact.pk}/", given, follow=True).content.decode()
    assert "El envío en cola va a la dirección nueva." in text
    contact.refresh_from_db()
    assert (contact.mobile, contact.mobile_problem) == ("+5493415550188", "")
    queued.refresh_from_db()
    assert queued.state == State.CANCELLED


def test_deleting_says_what_waits_for_it(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    contact = make_contact(party)
    ask([make_voucher(people.company, party)])
    late = make_voucher(people.company, party, number=2, content=None)
    wish = {"when": "now", "contacts": [str(contact.pk)], "by": "t", "origin": "api"}
    Voucher.objects.filter(pk=late.pk).update(wish=wish)
    text = ana.get(f"{_list(party)}{contact.pk}/borrar/").content.decode()
    assert "Se cancela 1 envío en cola" in text
    assert "1 comprobante espera" in text
    ana.post(f"{_list(party)}{contact.pk}/borrar/")
    assert not Contact.objects.exists()
    assert Delivery.objects.get().state == State.CANCELLED


def test_a_baja_by_hand_needs_how_it_was_asked(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    contact = make_contact(party)
    other = make_contact(make_party(people.company, name="Otra SA"))
    url = f"{_list(party)}{contact.pk}/baja/"
    assert "Otra SA" in ana.get(url).content.decode(), "it holds there too"
    assert "data-errors" in ana.post(url, {"reason": ""}).content.decode()
    ana.post(url, {"reason": "Llamó el 3/11"})
    for one in (contact, other):
        one.refresh_from_db()
        assert one.suppressed_reason == "Llamó el 3/11"
    text = ana.get(_list(party)).content.decode()
    assert "BAJA" in text
    assert "Llamó el 3/11" in text
    assert "Volver a escribirle" in text


def test_who_asked_for_the_baja_may_be_deleted_and_the_question_says_what_stays(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    contact = make_contact(party)
    optout.suppress([contact], reason="Escribió BAJA", actor="t")
    assert "borrar/" in ana.get(_list(party)).content.decode()
    url = f"{_list(party)}{contact.pk}/borrar/"
    assert "Que pidió la baja queda anotado" in ana.get(url).content.decode()
    ana.post(url)
    ana.post(f"{_list(party)}nuevo/", _given())
    assert Contact.objects.get().suppressed_reason == "Escribió BAJA"


def test_a_baja_is_lifted_only_when_the_person_asked(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    contact = make_contact(party)
    optout.suppress([contact], reason="Escribió BAJA", actor="t")
    url = f"{_list(party)}{contact.pk}/volver/"
    given = {"consent_origin": "phone", "consent_on": "2026-11-01", "asked": "on"}
    for missing in given:
        answer = ana.post(url, {name: value for name, value in given.items() if name != missing})
        assert "data-errors" in answer.content.decode(), missing
    out = Contact.objects.filter(pk=contact.pk, suppressed_at__isnull=False)
    assert out.exists()
    ana.post(url, given)
    assert not out.exists()
    assert AuditEntry.objects.get(event="contact.restored").detail["asked_on"] == "2026-11-01"
    assert "no está dado de baja" in ana.get(url, follow=True).content.decode()


def test_the_question_names_who_else_is_out_by_an_address_of_this_contact_and_nobody_else(
    people: Cast, ana: Client
) -> None:
    party, mailbox = make_party(people.company), "oficina@norte.example"
    contact = make_contact(party, email=mailbox)
    for name, mobile, email in (("Igual", MOBILE, ""), ("Vecino", "+5493415550188", mailbox)):
        make_contact(make_party(people.company, name=name), mobile=mobile, email=email)
    optout.suppress([contact], reason="Llamó", actor="t")
    text = ana.get(f"{_list(party)}{contact.pk}/volver/").content.decode()
    assert "es contacto de Igual:" in text
    optout.note(people.company, [mailbox], reason="Llamó", actor="t")
    assert "es contacto de Igual, Vecino:" in ana.get(f"{_list(party)}{contact.pk}/volver/").content.decode()


def test_lifting_a_baja_sends_what_waited_for_it(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    contact = make_contact(party)
    optout.suppress([contact], reason="Escribió BAJA", actor="t")
    voucher = make_voucher(people.company, party)
    Voucher.objects.filter(pk=voucher.pk).update(wish={"when": "now", "contacts": None, "by": "t", "origin": "api"})
    url = f"{_list(party)}{contact.pk}/volver/"
    ana.post(url, {"consent_origin": "phone", "consent_on": "2026-11-01", "asked": "on"})
    assert Delivery.objects.filter(voucher=voucher).exists()


@pytest.mark.parametrize("what", ["", "borrar/", "baja/", "volver/"])
def test_a_contact_of_another_company_or_of_another_party_is_404(people: Cast, ana: Client, what: str) -> None:
    party, neighbour = make_party(people.company), make_party(people.company, name="Vecina")
    for stranger in (make_contact(make_party(people.other_company)), make_contact(neighbour)):
        url = f"{_list(party)}{stranger.pk}/{what}"
        assert ana.get(url).status_code == 404
        assert ana.post(url, _given(reason="x")).status_code == 404
        before = (stranger.mobile, stranger.suppressed_at)
        stranger.refresh_from_db()
        assert (stranger.mobile, stranger.suppressed_at) == before


def test_who_edits_what_somebody_else_changed_is_told_and_loses_nothing(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    contact = make_contact(party, email="viejo@norte.example")
    url = f"{_list(party)}{contact.pk}/"
    seen = ana.get(url).context["form"]["seen"].value()
    assert seen
    mine = _given(name="Pagos", mobile=MOBILE, email="viejo@norte.example", seen=seen)
    ana.post(url, _given(name="Compras", mobile="341 555-0188", email="viejo@norte.example", seen=seen))
    contact.refresh_from_db()
    assert contact.mobile == "+5493415550188"
    told = ana.post(url, mine)
    text = told.content.decode()
    assert "Alguien lo cambió mientras lo editabas" in text
    assert ("Nombre", "Compras", "Pagos") in told.context["clash"]
    assert [name for name, _, _ in told.context["clash"]] == ["Nombre", "Celular"]
    assert 'value="Pagos"' in text, "what was typed stays"
    contact.refresh_from_db()
    assert (contact.name, contact.mobile) == ("Compras", "+5493415550188")
    ana.post(url, {**mine, "seen": told.context["form"]["seen"].value()})
    contact.refresh_from_db()
    assert (contact.name, contact.mobile) == ("Pagos", MOBILE), "having seen it, they may"


def test_a_form_that_says_nothing_of_what_it_saw_writes_nothing(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    contact = make_contact(party)
    told = ana.post(f"{_list(party)}{contact.pk}/", _given())
    assert told.context["clash"] == [("Nombre", "Compras", "Pagos"), ("Celular", MOBILE, "341 155 550199")]
    contact.refresh_from_db()
    assert contact.name == "Compras"


def test_what_the_party_has_already_is_told_whoever_has_which_address(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    make_contact(party, email="compras@norte.example")
    told = ana.post(f"{_list(party)}nuevo/", _given(email=""))
    assert "Ya es un contacto de" in told.content.decode()
    assert Contact.objects.count() == 1
